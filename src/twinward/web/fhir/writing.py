"""Writes: single resources, bundles and bulk files, stored before they are acknowledged."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

import msgspec

from twinward.connect.fhir import (
    Entry,
    Issue,
    Line,
    Lines,
    Named,
    NotFhir,
    entries,
    issues,
    named,
    plain,
    read,
    read_lines,
    refused,
    split,
    superseding,
    urls,
)
from twinward.core.message import Message
from twinward.core.quarantine import Quarantined
from twinward.errors import TwinwardError
from twinward.journal.base import Fate, JournalUnavailable, Receipt
from twinward.live.repository import Stored
from twinward.web.fhir.bodies import Refused
from twinward.web.fhir.ports import System, Trail

_PIECE = 250  # resources read at once in a thread: some ms, so that other requests are not kept waiting
_BATCH = 1000  # lines of a bulk file stored at once
_TOLD = 100  # refusals of a bulk file that are told one by one; all of them are in the quarantine


@dataclass(slots=True)
class Written:
    """What became of one resource.

    Args:
        reference: "<type>/<id>".
        status: HTTP status.
        stored: the version that holds now; None where there is none.
        issues: what is to be said of it.
    """

    reference: str
    status: int
    stored: Stored | None = None
    issues: list[Issue] = field(default_factory=list)


@dataclass(slots=True)
class Imported:
    """How a bulk import went.

    Args:
        lines: with a resource on them.
        stored, duplicates, conflicts, refused: of these; refusals are in the quarantine with their line.
        issues: the first of the refusals.
    """

    lines: int = 0
    stored: int = 0
    duplicates: int = 0
    conflicts: int = 0
    refused: int = 0
    issues: list[Issue] = field(default_factory=list)


class Writer:
    """Takes resources in for one running system."""

    def __init__(self, system: System, latest: Callable[[], float]) -> None:
        self._system = system
        self._latest = latest  # POSIX seconds, after which nothing can have been seen yet
        self._updates = asyncio.Lock()  # a version is numbered and stored before the next one is looked at

    async def one(
        self, raw: bytes, source: str, kind: str, trail: Trail, id: str | None = None, if_match: str = ""
    ) -> Written:
        """Create (no id) or update one resource.

        Raises:
            Refused: it is no such resource; the raw bytes are in the quarantine.
            JournalUnavailable: nothing was stored.
        """
        try:
            resource, message = await asyncio.to_thread(_single, raw, source, kind, id, self._latest())
        except NotFhir as why:
            await self._keep(raw, why, source, trail)
            raise
        if id is None:
            done = (await self._store([message], [resource.reference], trail))[0]
        else:
            async with self._updates:
                done = await self._update(message, resource, trail, if_match)
        if done.stored is not None:
            done.stored = await asyncio.to_thread(self._system.repository.read, kind, resource.id, done.stored.version)
        return done

    async def bundle(self, raw: bytes, source: str, most: int, trail: Trail) -> tuple[str, list[Written]]:
        """A transaction (all or nothing) or a batch; (its type, what became of each entry).

        Raises:
            Refused: of a transaction, where an entry is wrong; of any bundle that is none.
        """
        try:
            bundle = await asyncio.to_thread(split, raw)
            if len(bundle.entry) > most:
                given = f"{len(bundle.entry)} entries"
                raise Refused(413, "Bundle.entry", given, f"at most {most}; send NDJSON to $import", "too-long")
            known = await asyncio.to_thread(urls, bundle, source)
            read_entries: list[Entry] = []
            for start in range(0, len(bundle.entry), _PIECE):
                piece = bundle.entry[start : start + _PIECE]
                read_entries += await asyncio.to_thread(entries, piece, known, source, self._latest())
            if bundle.type == "transaction":
                self._check_whole(read_entries)
        except NotFhir as why:
            await self._keep(raw, why, source, trail)
            raise
        async with self._updates:
            return bundle.type, await self._entries(read_entries, source, bundle.type == "transaction", trail)

    async def bulk(self, pieces: AsyncIterator[bytes], source: str, trail: Trail) -> Imported:
        """NDJSON as it comes; while one batch is being stored the next is read.

        Raises:
            JournalUnavailable: the batch under way was not stored; all before it was.
        """
        lines, done = Lines(), Imported()
        waiting: list[Line] = []
        storing: asyncio.Task[None] | None = None
        try:
            async for piece in pieces:
                for start in range(0, len(piece), 2**18):
                    waiting += await asyncio.to_thread(
                        lambda part: list(lines.feed(part)), piece[start : start + 2**18]
                    )
                    while len(waiting) >= _BATCH:
                        batch, waiting = waiting[:_BATCH], waiting[_BATCH:]
                        storing = await self._next(batch, source, done, storing, trail)
            waiting += lines.close()
            for start in range(0, len(waiting), _BATCH):
                storing = await self._next(waiting[start : start + _BATCH], source, done, storing, trail)
        finally:
            if storing is not None:
                await storing
        return done

    async def refuse(self, why: Refused, source: str, trail: Trail) -> None:
        """Keep what was read of a body that was not taken."""
        if why.raw:
            await self._keep(why.raw, why, source, trail)

    async def _next(
        self, batch: list[Line], source: str, done: Imported, storing: asyncio.Task[None] | None, trail: Trail
    ) -> asyncio.Task[None]:
        read_batch = await asyncio.to_thread(read_lines, batch, source, self._latest())
        if storing is not None:
            await storing
        first = None if done.lines else trail  # one entry a request: with the first of its transactions
        done.lines += len(batch)
        return asyncio.create_task(self._bulk_batch(*read_batch, done, first))

    async def _bulk_batch(
        self, messages: list[Message], unusable: list[Quarantined], done: Imported, trail: Trail | None
    ) -> None:
        await self._system.caught_up()
        references = await asyncio.to_thread(lambda: [_reference(message) for message in messages])
        messages = await self._superseding(messages, references)
        receipts = await self._append(messages, unusable, trail, 200)
        fates = [receipt.fate for receipt in receipts]
        done.stored += fates.count(Fate.STORED)
        done.duplicates += fates.count(Fate.DUPLICATE)
        done.conflicts += fates.count(Fate.CONFLICT)
        done.refused += len(unusable)
        room = _TOLD - len(done.issues)
        done.issues += [Issue("error", "processing", f"line {part.line}: {part.reason}") for part in unusable[:room]]

    async def _entries(self, read_entries: list[Entry], source: str, whole: bool, trail: Trail) -> list[Written]:
        """Store the entries of a bundle that can be."""
        good = [entry for entry in read_entries if entry.message is not None]
        messages = [entry.message for entry in good if entry.message is not None]
        await self._system.caught_up()
        if whole:
            await asyncio.to_thread(self._check_conflicts, messages, [entry.reference for entry in good])
        updates = [entry.reference for entry in good if entry.method == "PUT"]
        current = await asyncio.to_thread(self._system.repository.current, updates) if updates else {}
        fresh, references = [], []
        written: dict[int, Written] = {}
        for entry, message in zip(good, messages, strict=True):
            there = current.get(entry.reference) if entry.method == "PUT" else None
            if there is not None and _same(there.raw, message.raw):
                written[id(entry)] = Written(entry.reference, 200, there)
                continue
            fresh.append(_versioned(message, entry.reference, there) if entry.method == "PUT" else message)
            references.append(entry.reference)
        unusable = []
        for entry in read_entries:
            if entry.error is not None:
                unusable.append(refused(entry.raw, entry.error, source))
                written[id(entry)] = Written(entry.reference, 400, None, [entry.error.issue])
        told = iter(await self._store(fresh, references, trail, unusable))
        return [written.get(id(entry)) or next(told) for entry in read_entries]

    async def _update(self, message: Message, resource: Named, trail: Trail, if_match: str) -> Written:
        await self._system.caught_up()
        reference = resource.reference
        current = (await asyncio.to_thread(self._system.repository.current, [reference])).get(reference)
        if if_match and (current is None or if_match.strip() not in (f'W/"{current.version}"', f'"{current.version}"')):
            holds = "there is none" if current is None else f'W/"{current.version}" holds'
            raise Refused(412, "If-Match", if_match[:40], f"the version that holds ({holds})", "conflict")
        if current is not None and await asyncio.to_thread(_same, current.raw, resource.raw):
            return Written(reference, 200, current)
        return (await self._store([_versioned(message, reference, current)], [reference], trail))[0]

    async def _store(
        self, messages: list[Message], references: list[str], trail: Trail, unusable: Sequence[Quarantined] = ()
    ) -> list[Written]:
        await self._system.caught_up()
        before = await asyncio.to_thread(self._system.repository.current, references)
        messages = await self._superseding(messages, references, before)
        status = 200 if before or len(messages) != 1 else 201
        receipts = await self._append(messages, unusable, trail, status) if messages or unusable else []
        await self._system.caught_up()
        after = await asyncio.to_thread(self._system.repository.current, references)
        return [
            _written(message, reference, receipt, reference in before, after.get(reference))
            for message, reference, receipt in zip(messages, references, receipts, strict=True)
        ]

    async def _superseding(
        self, messages: list[Message], references: list[str], before: dict[str, Stored] | None = None
    ) -> list[Message]:
        """The messages, each with what it takes back of the version before."""
        if before is None:
            before = await asyncio.to_thread(self._system.repository.current, references)
        if not before:
            return messages
        return await asyncio.to_thread(_supersede, messages, references, before)

    def _check_whole(self, read_entries: list[Entry]) -> None:
        """A transaction with one wrong entry is refused."""
        seen: set[str] = set()
        for index, entry in enumerate(read_entries):
            if entry.error is not None:
                text = f"entry {index} ({entry.reference or 'unreadable'}): {entry.error}; nothing was stored"
                expected = "a transaction of which every entry is right"
                raise Refused(400, f"Bundle.entry[{index}]", text, expected, entry.error.code)
            if entry.reference in seen:
                expected = "each resource at most once in a transaction"
                raise Refused(400, f"Bundle.entry[{index}]", entry.reference, expected, "duplicate")
            seen.add(entry.reference)

    def _check_conflicts(self, messages: list[Message], references: list[str]) -> None:
        for index, (message, reference) in enumerate(zip(messages, references, strict=True)):
            if not message.id:
                continue
            type, _, id = reference.partition("/")
            there = self._system.repository.has_message(type, id, message.id)
            if there is not None and there.source == message.source and there.raw != message.raw:
                text = f"{message.id}, whose content differs from what came under that version; nothing was stored"
                raise Refused(409, f"Bundle.entry[{index}].resource.meta", text, "a new version", "conflict")

    async def _append(
        self, messages: Sequence[Message], unusable: Sequence[Quarantined], trail: Trail | None, status: int
    ) -> Sequence[Receipt]:
        """Store, with the request's entry in the audit trail in the same transaction."""
        if trail is None:
            return await self._system.append(messages, quarantined=unusable)
        with trail.written(status, _patient(messages)) as access:
            accesses = [] if access is None else [access]
            return await self._system.append(messages, quarantined=unusable, accesses=accesses)

    async def _keep(self, raw: bytes, why: NotFhir, source: str, trail: Trail) -> None:
        """Into the quarantine; where that is not possible now, the sender is told of the first fault all the same."""
        with suppress(JournalUnavailable):
            status = why.status if isinstance(why, Refused) else 400
            await self._append((), [refused(raw, why, source)], trail, status)


def _single(raw: bytes, source: str, kind: str, id: str | None, latest: float) -> tuple[Named, Message]:
    """Read one resource that was sent to a type, or to its own URL; with all its faults where it is refused."""
    resource = named(plain(raw), source)
    if resource.type != kind:
        raise Refused(400, "resourceType", resource.type[:40], f"{kind}, as the URL says", "invalid")
    if id is not None and resource.id != id:
        raise Refused(400, f"{kind}.id", resource.id, f"{id!r}, as the URL says", "invalid")
    try:
        return resource, read(resource, source, latest)
    except NotFhir as why:
        found = [issue for issue in issues(raw, kind) if issue.severity in ("error", "fatal")]
        raise Faulty(why, found or [why.issue]) from None


class Faulty(NotFhir):
    """A resource with everything that is wrong with it."""

    def __init__(self, why: NotFhir, found: list[Issue]) -> None:
        super().__init__(why.field, why.value, why.expected, why.code)
        self.issues = found


def _patient(messages: Sequence[Message]) -> str:
    """The patient whom all of it is about; "" where there is none, or more than one."""
    found = {subject for message in messages for subject in message.seen.subject if subject.startswith("Patient/")}
    if len(messages) == 1 and not found:
        reference = _reference(messages[0])
        found = {reference} if reference.startswith("Patient/") else set()
        found |= {text for text in messages[0].seen.text if text.startswith("Patient/")}
    return str(found.pop()) if len(found) == 1 else ""


def _reference(message: Message) -> str:
    return named(message.raw, message.source).reference


def _supersede(messages: list[Message], references: list[str], before: dict[str, Stored]) -> list[Message]:
    told = []
    for message, reference in zip(messages, references, strict=True):
        old = before.get(reference)
        if old is None or old.raw == message.raw:
            told.append(message)
            continue
        with suppress(TwinwardError):
            message = superseding(message, read(named(old.raw, old.source), old.source))
        told.append(message)
    return told


def _versioned(message: Message, reference: str, current: Stored | None) -> Message:
    """The message of an update: named by the version it makes, so that a content of long ago may come again."""
    return replace(message, id=f"{reference}/{current.version + 1 if current else 1}/update")


def _same(old: bytes, new: bytes) -> bool:
    """Whether two JSON texts of a resource say the same, but for what a server says of its version."""
    told = []
    for raw in (old, new):
        parts = msgspec.json.decode(raw)
        meta = {k: v for k, v in parts.pop("meta", {}).items() if k not in ("versionId", "lastUpdated")}
        told.append((parts, meta))
    return told[0] == told[1]


def _written(message: Message, reference: str, receipt: Receipt, existed: bool, stored: Stored | None) -> Written:
    if receipt.fate == Fate.CONFLICT:
        text = f"{message.id} came before with other content; this one is in the quarantine"
        return Written(reference, 409, stored, [Issue("error", "conflict", text)])
    warnings = [Issue("warning", "processing", f"kept in the quarantine: {part.reason}") for part in message.refused]
    status = 201 if receipt.fate == Fate.STORED and not existed else 200
    return Written(reference, status, stored, warnings)
