"""What an estimate says of every variable, as plain names and numbers."""

from typing import Any

import numpy as np


def values_of(data: Any) -> dict[str, np.ndarray[Any, Any]]:
    """Members of every variable of an estimate, further dimensions as labels in brackets."""
    found = {}
    for name in map(str, data.data_vars):
        variable = data[name]
        others = [dim for dim in variable.dims if dim != "member"]
        if not others:
            found[name] = variable.to_numpy()
        elif len(others) == 1:
            for label in variable[others[0]].to_numpy().tolist():
                found[f"{name}[{label}]"] = variable.sel({others[0]: label}).to_numpy()
    return found


def means_of(data: Any) -> dict[str, float]:
    """Their means over the members."""
    return {name: float(values.mean()) for name, values in values_of(data).items()}
