"""The versions of a model, which of them is in use, and every change of that, under a predetermined plan."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from twinward.core import durable
from twinward.errors import BadInput, CorruptSave, TwinwardError
from twinward.inference.registry.audit import Audit, Entry
from twinward.inference.registry.plan import ChangePlan, Proposal, Verdict

_AUDIT, _PLAN, _VERSIONS = "audit.jsonl", "plan.json", "versions"


class OutsidePlan(TwinwardError):
    """A change was refused; the message has one line a reason. The refusal itself is in the audit."""


class Registry:
    """A folder with a plan, the versions (content-addressed bytes with a card each) and the audit.

    The version in use is what the last line about it in the audit says, nothing else: a promotion or a rollback is one
    line, and is done or not done. Bytes are never interpreted here; nothing is unpickled.

    Example:
        >>> import tempfile
        >>> from twinward.inference.registry import Registry, recalibration_plan
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     registry = Registry.create(Path(folder) / "risk", recalibration_plan(), when=0.0)
        ...     first = registry.register(b"version 1", {"brier": 0.126}, when=1.0)
        ...     registry.install(first, when=2.0)
        ...     registry.artefact(registry.champion)
        b'version 1'
    """

    def __init__(self, folder: Path, plan: ChangePlan, audit: Audit) -> None:
        self.folder, self.plan, self.audit = folder, plan, audit

    @classmethod
    def create(cls, folder: Path, plan: ChangePlan, *, when: float) -> "Registry":
        """A new one; its plan is sealed in the audit's first line.

        Raises:
            BadInput: there is one already.
        """
        if (folder / _AUDIT).exists():
            raise BadInput("folder", str(folder), "a folder without a registry")
        (folder / _VERSIONS).mkdir(parents=True, exist_ok=True)
        durable.write(folder / _PLAN, plan.model_dump_json(indent=1).encode())
        audit = Audit(folder / _AUDIT)
        audit.append(when, "plan", {"model": plan.model, "sha256": plan.digest})
        return cls(folder, plan, audit)

    @classmethod
    def open(cls, folder: Path) -> "Registry":
        """One that is there; every line of its audit is checked.

        Raises:
            BadInput: there is none.
            CorruptSave: a line, or the plan, is not what was written.
        """
        if not (folder / _AUDIT).is_file():
            raise BadInput("folder", str(folder), "a folder with a registry")
        audit = Audit(folder / _AUDIT)
        try:
            plan = ChangePlan.model_validate_json((folder / _PLAN).read_bytes())
        except (OSError, ValueError) as error:
            raise CorruptSave(f"{folder / _PLAN}: cannot be read ({error})") from None
        if not audit.entries or audit.entries[0].details.get("sha256") != plan.digest:
            raise CorruptSave(f"{folder / _PLAN}: it is not the plan that the audit begins with")
        return cls(folder, plan, audit)

    @property
    def history(self) -> tuple[Entry, ...]:
        """Every act, refusals among them, as last read."""
        return self.audit.entries

    @property
    def champion(self) -> str:
        """Digest of the version in use, whichever process took it into use; empty before the first."""
        self.audit.refresh()
        return self._in_use()

    @property
    def cards(self) -> dict[str, Mapping[str, Any]]:
        """Digest -> card of every version, in the order they were registered."""
        return {one.details["version"]: one.details["card"] for one in self.history if one.what == "register"}

    def register(self, artefact: bytes, card: Mapping[str, Any], *, when: float) -> str:
        """Keep a version; returns its digest (SHA-256). The same bytes are kept once.

        Args:
            card: what is told of it: performance, data, code, environment; plain data.
        """
        digest = hashlib.sha256(artefact).hexdigest()
        path = self.folder / _VERSIONS / digest
        with self.audit.deciding() as deciding:
            if not self._known(digest):
                durable.write(path, artefact)
                deciding.append(when, "register", {"version": digest, "bytes": len(artefact), "card": dict(card)})
        return digest

    def artefact(self, digest: str) -> bytes:
        """The bytes of a version.

        Raises:
            BadInput: it was never registered.
            CorruptSave: they are not what was registered.
        """
        self._require(digest)
        try:
            data = (self.folder / _VERSIONS / digest).read_bytes()
        except OSError as error:
            raise CorruptSave(f"version {digest[:16]}...: cannot be read ({error})") from None
        if hashlib.sha256(data).hexdigest() != digest:
            raise CorruptSave(f"version {digest[:16]}...: the bytes are not those that were registered")
        return data

    def install(self, digest: str, *, when: float) -> None:
        """Take the first version into use: the one that was cleared, before any change.

        Raises:
            BadInput: one is in use already.
        """
        self._require(digest)
        with self.audit.deciding() as deciding:
            if self._in_use():
                raise BadInput("version", digest[:16], "a promotion under the plan: a version is in use already")
            deciding.append(when, "install", {"version": digest})

    def promote(self, digest: str, proposal: Proposal, *, when: float) -> Verdict:
        """Take a version into use, if the plan allows it; the verdict, with what was measured, is in the audit.

        Raises:
            BadInput: none was installed, or this one is unknown or in use already.
            OutsidePlan: the plan does not allow it; every reason is told.
        """
        self._require(digest)
        with self.audit.deciding() as deciding:
            champion = self._in_use()
            if not champion or digest == champion:
                raise BadInput("version", digest[:16], "another version than the one in use, after one was installed")
            earlier = sum(
                one.what == "promote" and one.details["modification"] == proposal.modification for one in self.history
            )
            verdict = self.plan.judge(proposal, earlier)
            told = {
                "version": digest, "instead_of": champion, "modification": proposal.modification,
                "measured": {name: _number(value) for name, value in proposal.measured.items()},
                "labels": int(proposal.labels), "approved_by": proposal.approved_by, "reasons": list(verdict.reasons),
            }  # fmt: skip
            deciding.append(when, "promote" if verdict.allowed else "refuse", told)
        if not verdict.allowed:
            raise OutsidePlan("\n".join(verdict.reasons))
        return verdict

    def rollback(self, why: str, *, when: float, by: str = "") -> str:
        """Back to the version that was in use before this one; returns its digest. Always allowed, always told.

        Raises:
            BadInput: there is none before.
            CorruptSave: its bytes are damaged; nothing is changed then.
        """
        with self.audit.deciding() as deciding:
            past = self._past()
            if len(past) < 2:
                raise BadInput("version", past[-1][:16] if past else "", "a version in use that had one before it")
            self.artefact(past[-2])
            deciding.append(when, "rollback", {"version": past[-2], "instead_of": past[-1], "why": why, "by": by})
        return past[-2]

    def _in_use(self) -> str:
        past = self._past()
        return past[-1] if past else ""

    def _past(self) -> list[str]:
        """Versions in use one upon the other: promotions put one on top, a rollback takes it off."""
        stack: list[str] = []
        for one in self.history:
            if one.what in ("install", "promote"):
                stack.append(one.details["version"])
            elif one.what == "rollback":
                stack.pop()
        return stack

    def _known(self, digest: str) -> bool:
        return digest in self.cards

    def _require(self, digest: str) -> None:
        if not self._known(digest):
            self.audit.refresh()  # another process may have registered it
        if not self._known(digest):
            raise BadInput("version", digest[:16], "the digest of a version that was registered")


def _number(value: float) -> float | str:
    """JSON knows no infinity; the audit tells it in words."""
    number = float(value)
    return number if abs(number) < float("inf") else str(number)
