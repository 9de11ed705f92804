"""The learning layer as one piece: a locked model's chances are corrected by late labels, under a change control plan.

In the order of one review, at a moment:
1. labels that became known since the last review are told to the detector of drift (against what was issued) and to the
   comparison of what was issued with what the locked model said;
2. a correction is learnt from all labels known strictly before the moment, and from the history;
3. it is registered, and promoted where the plan allows; a refusal is in the audit, with every reason;
4. what is issued next is corrected by the version in use, promoted now or earlier.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from twinward.core.arrays import AnyArray, FloatArray
from twinward.errors import BadInput
from twinward.inference.champion import PairedComparison
from twinward.inference.drift import DriftDetector
from twinward.inference.late_labels import LateLabels
from twinward.inference.recalibration.error import expected_calibration_error
from twinward.inference.recalibration.logistic import LogisticRecalibration, Prior
from twinward.inference.registry.plan import ChangePlan, Proposal
from twinward.inference.registry.registry import OutsidePlan, Registry

MODIFICATION = "recalibrate"
# What a review measures of a proposed correction, and of what was issued so far; a plan's criteria name some of these.
BETTER, WORSE = "evidence that corrected forecasts are better", "evidence that corrected forecasts are worse"
MOVE, ERROR = "largest move of a chance", "expected calibration error of what was issued"
_ASKED = np.linspace(0.005, 0.995, 199)  # chances whose move is looked at
_EMPTY = np.zeros(0)


@dataclass(frozen=True, eq=False)
class History:
    """Forecasts of the locked model whose labels were known before the first moment: those it was validated with.

    Args:
        chance, label: (cases,), each by a model that had not seen the case; group: (cases,) or None.
        weight: what a case counts beside one that comes later (another place's evidence counts, but less).
    """

    chance: FloatArray
    label: FloatArray
    group: AnyArray | None = None
    weight: float = 0.25


@dataclass(frozen=True)
class Review:
    """What a review did.

    Args:
        when: the moment; labels: known before it; version: in use after it.
        promoted: whether a new correction was taken into use; `reasons`: why not.
        alarm: the detector of drift went off since the last review; `direction`: what came was "more" or "less".
        evidence: that what was issued is better than what the locked model said (`PairedComparison`).
    """

    when: float
    labels: int
    version: str
    promoted: bool
    reasons: tuple[str, ...]
    alarm: bool
    direction: str
    evidence: float


@dataclass
class Learning:
    """Keeps the chances of a locked model calibrated.

    Args:
        registry: whose versions are corrections; see `begin`.
        history: what is known before the first label comes.
        prior: how much may be wrong with a forecast.
        detector: of drift, of what is issued.
        better, worse: what was issued held against the locked model, either way.
        reviewed: moment of the last review. After a restart nothing of these three is kept: the first review tells them
            every label anew, which gives the same.

    Example:
        >>> import tempfile
        >>> from twinward.inference.registry import recalibration_plan
        >>> rng = np.random.default_rng(1)
        >>> issued, chance = np.sort(rng.uniform(0, 100, 3000).round()), rng.uniform(0.2, 0.6, 3000)
        >>> label = (rng.random(3000) < chance - 0.1).astype(float)
        >>> told = LateLabels(issued, issued + 6, chance, label)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     learning = Learning.begin(Path(folder) / "risk", recalibration_plan(), when=0.0)
        ...     corrected, reviews = learning.replay(told)
        >>> late = issued > 50
        >>> bool(abs(corrected[late].mean() - label[late].mean()) < 0.03)
        True
    """

    registry: Registry
    history: History | None = None
    prior: Prior = field(default_factory=Prior)
    detector: DriftDetector = field(default_factory=DriftDetector)
    better: PairedComparison = field(default_factory=PairedComparison)
    worse: PairedComparison = field(default_factory=PairedComparison)
    reviewed: float = -np.inf

    @classmethod
    def begin(cls, folder: Path, plan: ChangePlan, *, when: float, history: History | None = None) -> "Learning":
        """A new registry whose first version corrects nothing."""
        if MODIFICATION not in plan.modifications:
            raise BadInput("plan", ", ".join(plan.modifications), f"a modification named {MODIFICATION!r}")
        registry = Registry.create(folder, plan, when=when)
        nothing = LogisticRecalibration.fit(_EMPTY, _EMPTY)
        registry.install(registry.register(nothing.to_bytes(), {"what": "no correction"}, when=when), when=when)
        bound = 2 * _planned_move(plan)  # two Brier scores differ by no more than twice the move of the chance
        return cls(registry, history, better=PairedComparison(bound), worse=PairedComparison(bound))

    def correction(self) -> LogisticRecalibration:
        """The version in use."""
        return LogisticRecalibration.from_bytes(self.registry.artefact(self.registry.champion))

    def review(self, told: LateLabels, issued: FloatArray, now: float) -> Review:
        """Look at the labels known before a moment, and change the correction where the plan allows.

        Args:
            told: all forecasts so far with their labels; later ones may be in it and are not looked at.
            issued: (cases,) what was told of each forecast of `told` that was issued before `now`; the others are not
                looked at.
        """
        usable = told.usable(now)
        alarm = self._watch(told, issued, now)
        labels = int(usable.sum())
        promoted = False
        reasons: tuple[str, ...] = ()
        learnt = self._learn(told, usable)
        version = self.registry.register(learnt.to_bytes(), {"labels": labels}, when=now)
        if version != self.registry.champion:
            measured = {
                BETTER: self.better.evidence, WORSE: self.worse.evidence, MOVE: _move(learnt),
                ERROR: _error(told, issued, now),
            }  # fmt: skip
            try:
                promoted = self.registry.promote(version, Proposal(MODIFICATION, measured, labels), when=now).allowed
            except OutsidePlan as refused:
                reasons = tuple(str(refused).splitlines())
        if alarm:
            self.registry.audit.append(now, "drift", {"direction": alarm, "labels": labels})
        return Review(
            now, labels, self.registry.champion, promoted, reasons, bool(alarm), alarm, self.better.evidence
        )  # fmt: skip

    def replay(self, told: LateLabels, every: int = 1) -> tuple[FloatArray, list[Review]]:
        """What would have been issued, reviewed before each moment at which `every` new labels are known.

        Returns:
            (cases,) chances, and the reviews. Changing a label changes nothing that was issued up to its date.
        """
        issued, reviews, looked = np.full(len(told.issued), np.nan), [], -1
        correction = self.correction()
        for moment in np.unique(told.issued):
            now = float(moment)
            known = int(told.usable(now).sum())
            if known - max(looked, 0) >= every:
                reviews.append(self.review(told, issued, now))
                correction, looked = self.correction(), known
            rows = told.issued == moment
            issued[rows] = correction.apply(told.chance[rows], None if told.group is None else told.group[rows])
        return issued, reviews

    def _watch(self, told: LateLabels, issued: FloatArray, now: float) -> str:
        """Tell the labels since the last review to the detector and the comparison; the direction of an alarm."""
        rows = told.arrivals(now)
        rows = rows[told.known[rows] >= self.reviewed]
        self.reviewed = now
        self.detector, alarms = self.detector.watch(issued[rows], told.label[rows])
        label = told.label[rows]
        own, corrected = (told.chance[rows] - label) ** 2, (issued[rows] - label) ** 2
        self.better, self.worse = self.better.after(own, corrected), self.worse.after(corrected, own)
        return self.detector.direction if len(alarms) else ""

    def _learn(self, told: LateLabels, usable: AnyArray) -> LogisticRecalibration:
        old = self.history or History(_EMPTY, _EMPTY, None if told.group is None else _EMPTY.astype(str))
        if (old.group is None) != (told.group is None):
            raise BadInput("history.group", None, "groups in history and labels, or in neither")
        group = None if told.group is None or old.group is None else np.concatenate([old.group, told.group[usable]])
        weight = np.concatenate([np.full(len(old.chance), old.weight), np.ones(int(usable.sum()))])
        return LogisticRecalibration.fit(
            np.concatenate([old.chance, told.chance[usable]]), np.concatenate([old.label, told.label[usable]]), group,
            weight=weight, prior=self.prior,
        )  # fmt: skip


def _move(learnt: LogisticRecalibration) -> float:
    """The farthest that a chance can be moved, in any group."""
    moves = [np.abs(learnt.apply(_ASKED) - _ASKED).max()]
    moves += [np.abs(learnt.apply(_ASKED, np.full(len(_ASKED), one)) - _ASKED).max() for one in learnt.groups]
    return float(max(moves))


def _error(told: LateLabels, issued: FloatArray, now: float) -> float:
    """Of what was issued and is labelled; not measured (NaN) with fewer than ten labels a bin."""
    rows = told.arrivals(now)
    return expected_calibration_error(issued[rows], told.label[rows]) if len(rows) >= 100 else float("nan")


def _planned_move(plan: ChangePlan) -> float:
    """How far the plan lets a chance be moved; 0.5 (Brier scores differ by 1 at most) where it does not say."""
    ends = [one.at_most for one in plan.modifications[MODIFICATION].protocol.acceptance if one.metric == MOVE]
    return min([0.5, *(end for end in ends if end is not None)])
