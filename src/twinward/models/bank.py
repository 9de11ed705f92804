"""Many twins of one kind, fed and folded together: a thousand patients cost little more than one."""

from collections.abc import Iterator, Sequence

import numpy as np
import xarray as xr

from twinward.core import times
from twinward.core.belief import Belief
from twinward.core.observation import Observations
from twinward.core.quarantine import Quarantine, Quarantined
from twinward.core.subject import Subject
from twinward.core.twin import Folding, Observed, Twin
from twinward.errors import BadInput, TwinwardError
from twinward.models.continuous import ContinuousModel


class TwinsFailed(TwinwardError):
    """Some twins of a bank could not be updated; the others were.

    Args:
        failures: subject -> why.
    """

    def __init__(self, failures: dict[str, Exception]) -> None:
        super().__init__("; ".join(f"{subject}: {why}" for subject, why in failures.items()))
        self.failures = failures


class Bank:
    """Twins of one continuous model; each ends in the same bits as if it were fed alone.

    Args:
        model: of all of them.
        subjects: whom they mirror.
        members, seed, window: as of `Twin`.

    Example:
        >>> from twinward.core import Observation
        >>> from twinward.models.two_compartment import TwoCompartment
        >>> bank = Bank(TwoCompartment(), ["Patient/1", "Patient/2"], members=50)
        >>> doses = [Observation(f"Patient/{i}", "dose", 0.0, 1000.0) for i in (1, 2)]
        >>> bank.observe(Observations.of(doses)).accepted, len(bank)
        (2, 2)
        >>> bank["Patient/2"].forecast("12 h").subject
        'Patient/2'
    """

    def __init__(
        self,
        model: ContinuousModel,
        subjects: Sequence[Subject | str] = (),
        *,
        members: int = 200,
        seed: int = 0,
        window: times.Duration | None = None,
    ) -> None:
        self.model, self.members, self.seed, self.window = model, members, seed, window
        self.quarantine = Quarantine()
        self._twins: dict[str, Twin] = {}
        for subject in subjects:
            self.add(subject)

    def add(self, subject: Subject | str) -> Twin:
        """A new twin; the bank's subjects are distinct."""
        twin = Twin(
            self.model, subject, members=self.members, seed=self.seed, window=self.window, quarantine=self.quarantine
        )
        if twin.subject.id in self._twins:
            raise BadInput("subject", twin.subject.id, "one that is not in the bank yet")
        self._twins[twin.subject.id] = twin
        return twin

    def remove(self, subject: str) -> Twin:
        """Take a twin out; it goes on alone."""
        twin = self[subject]
        del self._twins[subject]
        return twin

    def __getitem__(self, subject: str) -> Twin:
        if subject not in self._twins:
            raise BadInput("subject", subject, f"one of the {len(self)} in the bank")
        return self._twins[subject]

    def __len__(self) -> int:
        return len(self._twins)

    def __iter__(self) -> Iterator[Twin]:
        return iter(self._twins.values())

    def observe(self, seen: Observations) -> Observed:
        """Take observations of any of the subjects in; as `Twin.observe`, for all at once.

        Raises:
            TwinsFailed: some twins could not be updated; it names them. The others are up to date.
        """
        before = len(self.quarantine)
        names, place = np.unique(seen.subject.astype(str), return_inverse=True)
        waiting: dict[str, tuple[Folding, Belief, Observations]] = {}
        done: list[Observed] = []
        failures: dict[str, Exception] = {}
        for i, name in enumerate(names):
            rows = seen[place == i]
            if name in self._twins:
                _go_on(str(name), self._twins[name].observing(rows), None, waiting, done)
            else:
                for row in rows:
                    reason = f"subject {name!r} is not in the bank"
                    self.quarantine.add(Quarantined(repr(row), reason, row.source, kind="unknown subject"))
        while waiting:
            asked, waiting = waiting, {}
            answers = self._answer(asked, failures)
            for name, belief in answers.items():
                _go_on(name, asked[name][0], belief, waiting, done)
        if failures:
            raise TwinsFailed(failures)
        return Observed(
            accepted=sum(one.accepted for one in done),
            duplicates=sum(one.duplicates for one in done),
            corrected=sum(one.corrected for one in done),
            quarantined=len(self.quarantine) - before,
        )

    def estimate(self, at: times.Instant) -> xr.Dataset:
        """All twins at an instant; dims `subject` and `member`."""
        when = times.posix(at, "at")
        if not self._twins:
            raise BadInput("estimate", "an empty bank", "at least one twin")
        found = self.model.estimate_many([twin.belief_at(when) for twin in self], when)
        return found.rename(twin="subject").assign_coords(subject=list(self._twins))

    def _answer(
        self, asked: dict[str, tuple[Folding, Belief, Observations]], failures: dict[str, Exception]
    ) -> dict[str, Belief]:
        """One step of everybody's fold, in one call; where it fails, one by one, to find who is to blame."""
        try:
            after = self.model.assimilate_many([a[1] for a in asked.values()], [a[2] for a in asked.values()])
            return dict(zip(asked, after, strict=True))
        except TwinwardError:
            answers = {}
            for name, (_, belief, due) in asked.items():
                try:
                    answers[name] = self.model.assimilate(belief, due)
                except TwinwardError as why:
                    failures[name] = why
            return answers


def _go_on(
    name: str,
    fold: Folding,
    answer: Belief | None,
    waiting: dict[str, tuple[Folding, Belief, Observations]],
    done: list[Observed],
) -> None:
    """Take one twin's fold to its next question, or to its end."""
    try:
        belief, due = next(fold) if answer is None else fold.send(answer)
        waiting[name] = (fold, belief, due)
    except StopIteration as end:
        done.append(end.value)
