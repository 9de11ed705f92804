"""Whether a synthetic cohort gives away who taught its generator, held against real participants who taught nothing."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from twinward.core.arrays import FloatArray
from twinward.errors import BadInput
from twinward.twins.trial.generator.cohort import Coding, Cohort
from twinward.twins.trial.generator.model import visits_hashed

_BLOCK = 256  # participants compared with everybody at once, so that memory stays small


@dataclass(frozen=True)
class Privacy:
    """What was found.

    Args:
        people, taught, others: how many are synthetic, taught the generator, and taught nothing.
        copies: synthetic visits that are, number by number, one of a participant who taught.
        nearer: share of the synthetic whose nearest real participant is one who taught, of as many who taught as did
            not; 0.5 where the generator knows of those who taught it no more than of anybody. With its 95 % interval.
        ratio: median distance of the synthetic to the nearest who taught over that to the nearest who did not.
        attack: AUC of telling who taught by the distance to the nearest synthetic one (a membership attack: Stadler,
            Oprisanu & Troncoso 2022, USENIX Security 31:1451); 0.5: not at all. With its 95 % interval.
    """

    people: int
    taught: int
    others: int
    copies: int
    nearer: float
    nearer_low: float
    nearer_high: float
    ratio: float
    attack: float
    attack_low: float
    attack_high: float


def privacy(synthetic: Cohort, taught: Cohort, others: Cohort, *, seed: int = 1) -> Privacy:
    """Judge a synthetic cohort by its baseline and first visits.

    Distances are Gower's (1971): mean over the columns of the difference by the history's range, of levels whether they
    differ; a gap differs from every value.

    Args:
        taught, others: real participants from whom the generator learned, and who taught it nothing.

    Raises:
        BadInput: fewer than ten in one of the three.
    """
    for name, cohort in (("synthetic", synthetic), ("taught", taught), ("others", others)):
        if len(cohort) < 10:
            raise BadInput(name, len(cohort), "at least ten participants")
    taught, others = (one.coded_as(synthetic.codings) for one in (taught, others))
    rng = np.random.default_rng(seed)
    known = frozenset(visits_hashed(taught)) - {b""}
    copies = sum(one in known for one in visits_hashed(synthetic))
    size = min(len(taught), len(others))
    ours, theirs = (one.take(np.sort(rng.permutation(len(one))[:size])) for one in (taught, others))
    to_ours, to_theirs = (_nearest(synthetic, one, taught) for one in (ours, theirs))
    nearer = float((to_ours < to_theirs).mean() + 0.5 * (to_ours == to_theirs).mean())
    near = np.concatenate([_nearest(one, synthetic, taught) for one in (taught, others)])
    attack = float(roc_auc_score(np.repeat([1, 0], [len(taught), len(others)]), -near))
    # The nearest are few of the real ones, so that those count and not the synthetic.
    reach = norm.ppf(0.975) * 0.5 / np.sqrt(size)
    wide = norm.ppf(0.975) * _auc_error(attack, len(taught), len(others))
    ratio = float(np.median(to_ours) / max(float(np.median(to_theirs)), 1e-12))
    return Privacy(
        len(synthetic), len(taught), len(others), copies, nearer, max(nearer - reach, 0.0), min(nearer + reach, 1.0),
        ratio, attack, max(attack - wide, 0.0), min(attack + wide, 1.0),
    )  # fmt: skip


def _nearest(one: Cohort, other: Cohort, history: Cohort) -> FloatArray:
    """(of the one,) Gower's distance to the nearest of the other."""
    a, b, told = (np.column_stack([each.baseline, each.series[each.first]]) for each in (one, other, history))
    codings = list(one.codings.values())
    blocks = [_apart(a[at : at + _BLOCK], b, told, codings).min(axis=1) for at in range(0, len(a), _BLOCK)]
    return np.concatenate(blocks)


def _apart(a: FloatArray, b: FloatArray, told: FloatArray, codings: list[Coding]) -> FloatArray:
    total = np.zeros((len(a), len(b)))
    for place, coding in enumerate(codings):
        x, y, z = a[:, place], b[:, place], told[:, place]
        seen = z[np.isfinite(z)]
        span = float(np.ptp(seen)) if len(seen) else 0.0
        apart = np.abs(np.nan_to_num(x)[:, None] - np.nan_to_num(y)[None, :])
        if coding.levels:
            apart = (apart > 0).astype(float)
        elif span > 0:
            apart = np.minimum(apart / span, 1.0)
        here, there = np.isfinite(x)[:, None], np.isfinite(y)[None, :]
        total += np.where(here & there, apart, (here != there).astype(float))
    return total / max(len(codings), 1)


def _auc_error(auc: float, yes: int, no: int) -> float:
    """Standard error (Hanley & McNeil 1982, Radiology 143:29)."""
    q1, q2 = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (yes - 1) * (q1 - auc**2) + (no - 1) * (q2 - auc**2)
    return float(np.sqrt(max(variance, 0.0) / (yes * no)))
