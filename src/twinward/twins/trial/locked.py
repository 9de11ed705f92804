"""A locked twin: one file that says what it learned from, with what, and how well, and that cannot change unseen.

JSON alone; nothing in it runs, and every index and number is checked before it is used (those of trees too, see
`learn.boosting`). Its SHA-256 is that of the canonical body, checked before anything of it is read. Who can write the
file can write the hash too: it tells that a file was changed, not who made it. What binds an analysis to a twin is the
digest in its plan.
"""

import hashlib
import json
import platform
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any

from twinward.core import durable
from twinward.errors import BadInput, CorruptSave
from twinward.twins.trial import card as cards
from twinward.twins.trial.learn.twin import Twin, learn
from twinward.twins.trial.participants import Participants

_FORMAT = 2
_LARGEST = 64 * 1024 * 1024  # bytes of a file that is read at all
_PACKAGES = ("numpy", "scipy", "pandas", "lightgbm", "scikit-learn")


@dataclass(frozen=True)
class LockedTwin:
    """A twin with its card and where it comes from.

    Args:
        digest: SHA-256 of all of it.
        trained_on: digests of the participants it learned from (`Participants.digests`).
    """

    digest: str
    twin: Twin
    card: dict[str, Any]
    provenance: dict[str, Any]
    trained_on: frozenset[str]


def lock(
    history: Participants,
    endpoint: str,
    covariates: list[str] | None,
    path: Path,
    *,
    seed: int = 1,
    progress: Callable[[str], None] = lambda step: None,
) -> LockedTwin:
    """Learn from a history and lock what was learned into a file.

    Raises:
        BadInput: the file exists (a lock is never overwritten), or as `learn`.
    """
    if path.exists():
        raise BadInput("output", str(path), "a file that does not exist: a locked twin is never overwritten")
    twin = learn(history, endpoint, covariates, seed=seed, progress=progress)
    progress("writing the card")
    trained_on = sorted(set(history.controls().digests()))
    provenance = {
        "history": history.protocol.name, "data_sha256": _rows(history.controls(), endpoint), "code_sha256": _code(),
        "seed": seed, "twinward": version("twinward"), "python": platform.python_version(),
        "packages": {name: version(name) for name in _PACKAGES},
    }  # fmt: skip
    body = {"format": _FORMAT, "twin": twin.to_dict(), "card": cards.card(twin, history), "provenance": provenance,
            "trained_on": trained_on}  # fmt: skip
    text = _canonical(body)
    durable.write(path, f"{json.dumps({'sha256': _sha(text)})}\n{text}\n".encode())
    return load(path)


def load(path: Path) -> LockedTwin:
    """A locked twin, if it is as it was locked.

    Raises:
        BadInput: there is no such file.
        CorruptSave: it was changed, or is no locked twin.
    """
    if not path.is_file():
        raise BadInput("twin", str(path), "a locked twin (`twinward trial learn`)")
    if path.stat().st_size > _LARGEST:
        raise CorruptSave(f"{path.name}: larger than any locked twin ({_LARGEST} bytes)")
    try:
        head, _, text = path.read_text(encoding="utf-8").partition("\n")
        stated = json.loads(head)["sha256"]
        text = text.rstrip("\n")
        if _sha(text) != stated:
            raise CorruptSave(f"{path.name}: was changed after it was locked")
        body = json.loads(text)
        if body["format"] != _FORMAT:
            raise CorruptSave(f"{path.name}: format {body['format']}, this version reads {_FORMAT}")
        twin = Twin.from_dict(body["twin"])
        return LockedTwin(stated, twin, body["card"], body["provenance"], frozenset(body["trained_on"]))
    except (ValueError, KeyError, TypeError, UnicodeDecodeError, RecursionError) as error:
        raise CorruptSave(f"{path.name}: is no locked twin ({type(error).__name__})") from None


def _canonical(body: dict[str, Any]) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _rows(controls: Participants, endpoint: str) -> str:
    """SHA-256 of the rows that teach, whatever their order: identifier, baseline, hospital and outcome."""
    outcome = controls.outcome(endpoint).reshape(len(controls), -1)
    site = controls.site if controls.site is not None else [""] * len(controls)
    columns = sorted(controls.baseline.columns)
    table = zip(*(controls.baseline[name].tolist() for name in columns), strict=True)
    rows = sorted(
        repr((who, str(where), *map(str, row), *seen))
        for who, where, row, seen in zip(controls.digests(), site, table, outcome.tolist(), strict=True)
    )
    return _sha("\n".join([repr((endpoint, *columns)), *rows]))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _code() -> str:
    """SHA-256 of the code that learns."""
    here = files("twinward.twins.trial")
    found = [*(here / "learn").iterdir(), here / "participants.py", here / "protocol.py", here / "analysis" / "glm.py",
             here / "analysis" / "pseudo.py"]  # fmt: skip
    texts = sorted(one.read_text(encoding="utf-8") for one in found if one.name.endswith(".py"))
    return _sha("\0".join(texts))
