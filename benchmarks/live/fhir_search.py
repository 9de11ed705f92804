"""`fhir-search`: searches by patient and code through HTTP, among a million Observations.

The server is a process of its own. Every answer is checked: as many as that patient has of that code, newest first.
"""

import random
import sys
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np

from benchmarks.live.fhir_resources import PATIENTS, codes, lines
from benchmarks.live.fhir_server import INDEX, serving
from benchmarks.report import Row, show
from twinward.connect.fhir import message
from twinward.core import Observations
from twinward.core.message import Message
from twinward.journal.base import Entry
from twinward.live.repository import Repository

_SEARCH_TARGET = 35.0  # ms
_APPLY_TARGET = 100_000.0  # observations/s
_BATCH = 5_000


def run(count: int = 1_000_000, searches: int = 2_000) -> list[Row]:
    """The index filled, then searched."""
    with tempfile.TemporaryDirectory() as folder:
        _fill(Path(folder) / INDEX, count)
        with serving(Path(folder)) as url:
            times, wrong = _search(url, count, searches)
    p50, p99 = (float(np.quantile(times, q)) * 1e3 for q in (0.5, 0.99))
    return [
        Row(
            "fhir-search", wrong == 0 and p50 <= _SEARCH_TARGET, p50, "ms", _SEARCH_TARGET, "p50 <= 35",
            "HAPI: p50 35 ms by patient and code at 1 M observations (its own benchmark)",
            note=f"{count} Observations of {PATIENTS} patients, {len(times)} searches on one connection, "
            f"p99 {p99:.1f} ms, {wrong} wrong answers",
        ),
        apply(min(count, 1_000_000)),
    ]  # fmt: skip


def apply(count: int) -> Row:
    """Observations of a fast feed (no FHIR) taken into the index, a second of processor time."""
    random_numbers = np.random.default_rng(1)
    signals = ("heart_rate", "respiratory_rate", "oxygen_saturation", "body_temperature", "glucose")
    batches = []
    for position in range(1, count // 1000 + 1):
        who = random_numbers.integers(0, PATIENTS, 1000)
        seen = Observations.columns(
            subject=[f"Patient/{patient}" for patient in who],
            signal=[signals[patient % len(signals)] for patient in who],
            time=1.77e9 + 60.0 * position + np.sort(random_numbers.random(1000) * 60),
            value=random_numbers.normal(80, 10, 1000),
            unit=["/min"] * 1000,
            source=["mqtt/icu"] * 1000,
        )
        batches.append(
            Entry(position, 1.77e9 + 60.0 * position, Message("mqtt/icu", str(position), "observations", b"", seen))
        )
    with tempfile.TemporaryDirectory() as folder:
        repository = Repository(Path(folder) / INDEX)
        began = time.process_time()
        for start in range(0, len(batches), 50):
            repository.apply(batches[start : start + 50])
        speed = count / (time.process_time() - began)
        repository.close()
    return Row(
        "fhir-index", speed >= _APPLY_TARGET, speed, "observations/s", _APPLY_TARGET, f">= {_APPLY_TARGET:,.0f}",
        "issue 3: the index must not be slower than the feeds",
        note=f"{count} observations in messages of 1,000, 50 messages a transaction; processor time, one thread",
    )  # fmt: skip


def _fill(path: Path, count: int) -> None:
    repository = Repository(path)
    position = 0
    made = lines(count)
    for start in range(0, count, _BATCH):
        entries = []
        for raw in made[start : start + _BATCH]:
            position += 1
            entries.append(Entry(position, 1.77e9 + position, message(raw, "fhir/icu")))
        repository.apply(entries)
    repository.close()


def _search(url: str, count: int, searches: int) -> tuple[list[float], int]:
    """How long each search took, and how many answers were wrong."""
    chosen, kinds = random.Random(2), codes()
    times, wrong = [], 0
    with httpx.Client(timeout=60) as client:
        for _ in range(searches):
            patient, kind = chosen.randrange(PATIENTS), chosen.randrange(len(kinds))
            query = {"patient": str(patient), "code": f"http://loinc.org|{kinds[kind]}", "_count": "50"}
            began = time.perf_counter()
            answer = client.get(f"{url}/Observation", params=query)
            times.append(time.perf_counter() - began)
            expected = [number for number in range(patient, count, PATIENTS) if number // PATIENTS % len(kinds) == kind]
            told = [entry["resource"]["id"] for entry in answer.json().get("entry", [])]
            wrong += told != [f"obs-{number}" for number in reversed(expected)][:50]
    return times, wrong


if __name__ == "__main__":
    rows = run()
    show(rows)
    sys.exit(int(not all(row.passed for row in rows)))
