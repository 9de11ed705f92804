"""How well a generator does on participants who taught it nothing: dependence, and whether a classifier can tell."""

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import GroupKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from twinward.core.arrays import FloatArray, IntArray
from twinward.core.streams import Streams
from twinward.twins.trial.generator.cohort import Cohort
from twinward.twins.trial.generator.model import ANOTHER, Generator, transitions

_FOLDS = 5


@dataclass(frozen=True, eq=False)
class Steps:
    """Next visits, real and drawn, of the same pasts.

    Args:
        past: (visits, columns) what was known, and how long until the next visit; `last`: (visits, series) last known
            values.
        real, drawn: (visits, series) at the next visit, gaps as NaN.
        who: (visits,) whose.
    """

    past: FloatArray
    last: FloatArray
    real: FloatArray
    drawn: FloatArray
    who: IntArray


def energy_score(drawn: FloatArray, seen: FloatArray) -> float:
    """Of a multivariate forecast: mean |x - y| - mean |x - x'| / 2 (Gneiting & Raftery 2007, eq. 22).

    Args:
        drawn: (members, numbers); seen: (numbers,), NaN: not looked at.

    Example:
        >>> energy_score(np.array([[0.0, 0.0], [2.0, 0.0]]), np.array([1.0, 0.0]))
        0.5
    """
    known = np.isfinite(seen)
    x = drawn[:, known]
    apart = np.linalg.norm(x[:, None, :] - x[None, :, :], axis=2)
    return float(np.linalg.norm(x - seen[known], axis=1).mean() - 0.5 * apart.mean())


def next_visits(generator: Generator, cohort: Cohort, seed: int = 1) -> Steps:
    """Every visit but the first, and one drawn in its place from the same past at the same time."""
    parts = transitions(cohort.coded_as(generator.codings), generator.middles)
    rows = parts.what == ANOTHER
    state, until = parts.state.take(rows), parts.until[rows]
    drawn = generator.visit(state, state.time + until, Streams(seed).child("next").generator())
    past = np.column_stack([state.columns(), until])
    return Steps(past, state.last, parts.now[rows], drawn, parts.who[rows])


def told_apart(steps: Steps, seed: int = 1) -> tuple[float, float]:
    """How well classifiers tell real from drawn visits: AUC by boosted trees, and by logistic regression with squares.

    Both see the past, the visit, its gaps and its changes, and are judged on patients who taught them nothing; 0.5: not
    at all.
    """
    both = np.concatenate([_seen(steps, steps.real), _seen(steps, steps.drawn)])
    label, groups = np.repeat([0, 1], len(steps.real)), np.tile(steps.who, 2)
    boosted = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.05, random_state=seed)
    linear = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=2000))
    found = []
    for model, table in ((boosted, both), (linear, np.column_stack([both, both**2]))):
        score = np.empty(len(label))
        for train, test in GroupKFold(_FOLDS).split(table, label, groups):
            score[test] = model.fit(table[train], label[train]).predict_proba(table[test])[:, 1]
        found.append(float(roc_auc_score(label, score)))
    return found[0], found[1]


def _seen(steps: Steps, visit: FloatArray) -> FloatArray:
    known = np.isfinite(visit)
    filled = np.where(known, visit, steps.last)
    return np.column_stack([steps.past, filled, filled - steps.last, ~known])
