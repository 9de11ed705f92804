"""Where everything lies in the vectors of the compiled body: states `y`, parameters and inputs `p`, couplings `c`.

A compiled function names its places as whole numbers at the top of its file (`_VEINS = state("systemic_veins")`),
which the compiler takes for constants.
"""

from twinward.twins.patient.body.circulation import declarations as circulation
from twinward.twins.patient.body.conditions import CONDITIONS
from twinward.twins.patient.body.couplings import COUPLINGS
from twinward.twins.patient.body.declare import Input, Parameter, State
from twinward.twins.patient.body.drugs import declarations as drugs
from twinward.twins.patient.body.fluids import declarations as fluids
from twinward.twins.patient.body.metabolism import declarations as metabolism
from twinward.twins.patient.body.reflexes import declarations as reflexes
from twinward.twins.patient.body.respiration import declarations as respiration

PARTS = (drugs, metabolism, respiration, reflexes, circulation, fluids)

# The heart and the breath are either followed within each beat and breath (1), for waveforms, or averaged over beats
# and breaths (0), for forecasts over hours; every other part is the same.
_PULSATILE = Input("pulsatile", "1", "Beats and breaths are followed one by one", 1.0, (0.0, 1.0))

STATES: tuple[State, ...] = tuple(state for part in PARTS for state in part.STATES)
PARAMETERS: tuple[Parameter, ...] = tuple(parameter for part in PARTS for parameter in part.PARAMETERS)
INPUTS: tuple[Input, ...] = (_PULSATILE, *CONDITIONS, *(given for part in PARTS for given in part.INPUTS))

_STATE = {one.name: i for i, one in enumerate(STATES)}
_PARAMETER = {one.name: i for i, one in enumerate((*PARAMETERS, *INPUTS))}
_COUPLING = {one.name: i for i, one in enumerate(COUPLINGS)}
if len(_STATE) != len(STATES) or len(_PARAMETER) != len(PARAMETERS) + len(INPUTS) or len(_COUPLING) != len(COUPLINGS):
    names = [one.name for one in (*STATES, *PARAMETERS, *INPUTS, *COUPLINGS)]
    raise ValueError(f"declared twice in the body: {sorted({name for name in names if names.count(name) > 1})}")


def state(name: str) -> int:
    """Place of a state in `y`.

    Example:
        >>> STATES[state("left_ventricle")].unit
        'mL'
    """
    return _STATE[name]


def parameter(name: str) -> int:
    """Place of a parameter or an input in `p`."""
    return _PARAMETER[name]


def coupling(name: str) -> int:
    """Place of a coupling in `c`."""
    return _COUPLING[name]
