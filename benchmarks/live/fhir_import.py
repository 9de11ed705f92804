"""`fhir-import`: resources a second through HTTP, durable and searchable; NDJSON in one stream, and transactions.

The server is a process of its own. Afterwards every resource is read from the journal and compared by hash.
"""

import hashlib
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

from benchmarks.live.fhir_resources import codes, lines
from benchmarks.live.fhir_server import JOURNAL, serving
from benchmarks.report import Row, median, show
from twinward.journal import SqliteJournal

_TARGET = 2_678.0  # resources/s: Aidbox's bulk import, 8 cores
_SOURCE = "Aidbox imports 2,678 resources/s, HAPI 2,214, each on 8 cores (their own benchmarks)"
_BUNDLE = 250  # resources of a transaction
_CONNECTIONS = 4


def run(runs: int = 3, count: int = 40_000) -> list[Row]:
    """Both ways in."""
    made = lines(count)
    size = sum(map(len, made)) / count
    return [_row(id, how, what, made, runs, size) for id, how, what in _WAYS]


def _stream(url: str, made: Sequence[bytes]) -> Counter[str]:
    """One NDJSON stream."""
    headers = {"Content-Type": "application/fhir+ndjson"}

    def pieces() -> Iterator[bytes]:
        for start in range(0, len(made), 500):
            yield b"\n".join(made[start : start + 500]) + b"\n"

    answer = httpx.post(f"{url}/$import", content=pieces(), headers=headers, timeout=600)
    answer.raise_for_status()
    told = {part["name"]: part.get("valueInteger", 0) for part in answer.json()["parameter"]}
    return Counter({"stored": told["stored"], "other": told["lines"] - told["stored"]})


def _transactions(url: str, made: Sequence[bytes]) -> Counter[str]:
    """Transactions over several connections."""
    bundles = []
    for start in range(0, len(made), _BUNDLE):
        request = b',"request":{"method":"POST","url":"Observation"}}'
        entries = b",".join(b'{"resource":' + raw + request for raw in made[start : start + _BUNDLE])
        bundles.append(b'{"resourceType":"Bundle","type":"transaction","entry":[' + entries + b"]}")
    statuses: Counter[str] = Counter()
    with httpx.Client(timeout=600) as client, ThreadPoolExecutor(_CONNECTIONS) as pool:
        headers = {"Content-Type": "application/fhir+json"}
        for answer in pool.map(lambda raw: client.post(url, content=raw, headers=headers), bundles):
            answer.raise_for_status()
            told = [entry["response"]["status"] for entry in answer.json()["entry"]]
            statuses.update("stored" if status.startswith("201") else "other" for status in told)
    return statuses


_WAYS = (
    ("fhir-import", _stream, "NDJSON in one stream"),
    ("fhir-transactions", _transactions, f"transactions of {_BUNDLE} over {_CONNECTIONS} connections"),
)


def _row(id: str, how: object, what: str, made: Sequence[bytes], runs: int, size: float) -> Row:
    found = [_once(how, made) for _ in range(runs)]
    speed = median([rate for rate, _ in found])
    sound = all(good for _, good in found)
    checked = "all read back and compared by hash, all found by search" if sound else "WHAT IS STORED IS NOT WHAT CAME"
    return Row(
        id, sound and speed >= _TARGET, speed, "resources/s", _TARGET, f">= {_TARGET:,.0f}", _SOURCE, runs=runs,
        note=f"{len(made)} Observations of {size:.0f} bytes, {what}; durable, validated and searchable when "
        f"acknowledged; {checked}",
    )  # fmt: skip


def _once(how: object, made: Sequence[bytes]) -> tuple[float, bool]:
    """Resources a second, and whether every one is there as it was sent."""
    assert callable(how)
    with tempfile.TemporaryDirectory() as folder:
        with serving(Path(folder)) as url:
            how(url, [b'{"resourceType":"Patient","id":"warm"}'] if how is _stream else made[:1])  # loads the tables
            began = time.perf_counter()
            statuses = how(url, made if how is _stream else made[1:])
            took = time.perf_counter() - began
            count = 0
            for code in codes():
                query = {"code": f"http://loinc.org|{code}", "_count": 0}
                count += httpx.get(f"{url}/Observation", params=query, timeout=60).json()["total"]
        journal = SqliteJournal(Path(folder) / JOURNAL)
        stored = Counter(_digest(entry.message.raw) for entry in journal.read())
        journal.close()
    stored.pop(_digest(b'{"resourceType":"Patient","id":"warm"}'), None)
    same = stored == Counter(map(_digest, made)) and count == len(made) and not statuses["other"]
    return statuses["stored"] / took, same


def _digest(raw: bytes) -> bytes:
    return hashlib.blake2b(raw, digest_size=16).digest()


if __name__ == "__main__":
    rows = run()
    show(rows)
    sys.exit(int(not all(row.passed for row in rows)))
