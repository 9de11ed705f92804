"""Furosemide, salbutamol, atropine, pralidoxime."""

import math

from twinward.twins.patient.body.drugs.drug import Drug, Kinetics, Potency
from twinward.twins.patient.body.person import Person

# Half of the fastest heart rate; half the muscarinic receptors. Chosen: 0.04 mg/kg (13 ug/L when it has spread) is
# then four fifths of the greatest effect, at which more atropine does little (Maciel 1985).
ATROPINE_HALF = 0.003


def _furosemide(person: Person) -> Kinetics:
    # 10 L and a half-life of about 1 h, at 70 kg.
    size = person.weight / 70.0
    return Kinetics(10.0 * size, 10.0 * size * math.log(2.0) / 60.0, ke0=0.2)


def _salbutamol(person: Person) -> Kinetics:
    # 156 L in all, 480 mL/min; of these 25 L at once: 5 ug/kg raised plasma by 59 nmol/L (Janson 1991); flow chosen.
    size = person.weight / 70.0
    return Kinetics(25.0 * size, 0.480 * size, 131.0 * size, 1.5 * size, ke0=0.2)


# Of what leaves a metered dose inhaler 11.2 % come to rest in the lungs (Zainudin 1990, Thorax 45:469).
LUNG_SHARE = 0.112
# 100 and 200 ug inhaled move the methacholine that is borne from 0.10 to 0.41 and 0.86 mg: doubled by 29 ug (Br J Clin
# Pharmacol 2005, 60:605), of which the lungs have that share.
_AIRWAYS_HALF = 29.0 * LUNG_SHARE


def _atropine(person: Person) -> Kinetics:
    # The two compartments that have half-lives of 1 and 140 min, 210 L at steady state, 1.15 L/min (57 % of it renal).
    size = person.weight / 70.0
    return Kinetics(16.1 * size, 1.15 * size, 193.9 * size, 9.32 * size, ke0=0.3)


def _pralidoxime(person: Person) -> Kinetics:
    # 0.60 L/kg and a half-life of 75 min.
    return Kinetics(0.60 * person.weight, 0.60 * person.weight * math.log(2.0) / 75.0, ke0=0.5)


OTHERS = (
    Drug("furosemide", "Furosemide", "mg", _furosemide, "label (Diuresal, Switzerland); ke0 chosen", (
        Potency("loop_diuresis", 1.0, "Chennavasin 1982: 69.8 ug/min in urine, by a renal clearance of 69 mL/min"),),
        (20.0, 80.0), (0.05, 0.4), (500.0, 4.0)),
    Drug("salbutamol", "Salbutamol", "ug", _salbutamol, "Morgan 1986, Br J Clin Pharmacol 22:587; ke0 chosen", (
        Potency("salbutamol_heart_rate", 15.0, "Janson 1991, Eur Respir J 4:544: +17 /min at 14 ug/L"),
        Potency("salbutamol_resistance", 15.0, "as for the rate"),
        Potency("bronchodilation", 5.0, "chosen: dilates where the heart hardly answers"),
        Potency("bronchodilation", _AIRWAYS_HALF, "Br J Clin Pharmacol 2005, 60:605; Zainudin 1990", airways=True)),
        # Half of it leaves the airways in an hour: chosen, so that 200 ug still act after four hours (label).
        (100.0, 500.0), (3.0, 20.0), (2000.0, 60.0), absorption=math.log(2.0) / 60.0),
    Drug("atropine", "Atropine", "mg", _atropine, "Hinderling 1985, J Pharm Sci 74:703; ke0 chosen", (
        Potency("antimuscarinic_heart_rate", ATROPINE_HALF, "chosen, see there"),
        Potency("antimuscarinic_pupil", ATROPINE_HALF, "as for the rate; chosen")),
        (0.5, 3.0), (0.0, 0.1), (100.0, 2.0), affinity=ATROPINE_HALF),
    Drug("pralidoxime", "Pralidoxime", "mg", _pralidoxime, "label (Protopam); Sidell & Groff 1971, J Pharm Sci "
         "60:1224; ke0 chosen", (), (1000.0, 2000.0), (4.0, 10.0), (4000.0, 50.0)),
)  # fmt: skip
