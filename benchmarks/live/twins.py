"""`twins`: many live twins of a small model: memory of the server, and a start from the journal alone."""

from collections import Counter

import numpy as np

from benchmarks.live import ledger, load, traffic
from benchmarks.live.ingest import CONFIG
from benchmarks.live.lines import HttpLine, post
from benchmarks.live.running import Running
from benchmarks.report import Row
from twinward.core import Observations

_EACH = 10  # observations a twin
_AT_ONCE = 100  # patients in one request


def run(count: int) -> list[Row]:
    """Memory, and cold start."""
    with Running(CONFIG) as system, load.processes(1) as pool:
        empty = system.memory
        result = load.start(pool, _fill, system.port, system.feed_token, count).result()
        followed = system.mirrored()
        live = system.memory
        beliefs = _beliefs(system, count)
        system.kill()
        seconds = system.start()
        cold = system.cpu
        _, told = system.ask("GET", "/api/v1/status")
        same = _beliefs(system, count) == beliefs and told["twins"] == count
        back = system.memory
        system.stop()
        lost, extra = ledger.compare([result.acknowledged], ledger.of_journal(system.home / "journal.db"))
    sound = same and not lost and not extra and set(result.statuses) == {"200"} and told["twins"] == count
    memory = max(live, back)
    scale = count / 100_000
    how = f"{count:,} monitors of a patient, {_EACH} observations each, in one process"
    checked = f"{told['twins']:,} twins after the start, beliefs {'equal' if same else 'NOT EQUAL'} bit for bit; " \
        f"{lost} rows lost, {extra} duplicated"  # fmt: skip
    return [
        Row(
            "twins", sound and memory <= 4e9 * scale, memory / 1e9, "GB", 4.0 * scale, f"<= {4 * scale:g} GB",
            how + "; Ditto ~31 GB for 1 M",
            note=f"fed {live / 1e9:.2f} GB, after a cold start {back / 1e9:.2f} GB, empty {empty / 1e9:.2f} GB; twins "
            f"up to date {followed:.0f} s after the last acknowledgement; {checked}",
        ),
        Row(
            "twins-cold-start", sound and seconds <= 60 * scale, seconds, "s", 60.0 * scale, f"<= {60 * scale:g} s",
            how + "; from the start of the process until it is ready, after SIGKILL, from the journal alone",
            note=f"{cold:.0f} CPU seconds",
        ),
    ]  # fmt: skip


def _fill(port: int, token: str, count: int) -> load.Result:
    rng = np.random.default_rng(5)
    statuses: Counter[str] = Counter()
    marks: list[np.ndarray] = []

    async def main() -> None:
        line = await HttpLine.to(port)
        for first in range(0, count, _AT_ONCE):
            seen = _last_values(rng, range(first, min(first + _AT_ONCE, count)))
            request = post("/api/v1/observations", traffic.packed(seen), token, f"twins-{first}", "application/msgpack")
            status, _ = await line.ask(request)
            statuses[str(status)] += 1
            if status == 200:
                marks.append(ledger.hashes(seen))
        line.close()

    began, ended, cpu = load.run(load.timed(main))
    return load.Result(np.concatenate(marks), statuses, began, ended, cpu)


def _last_values(rng: np.random.Generator, patients: range) -> Observations:
    """Two of each vital sign of each patient."""
    seen = traffic.batch(rng, _EACH * len(patients), 1, traffic.START, 600.0)
    kinds = np.tile(np.arange(_EACH) % len(traffic.VITALS), len(patients))
    usual, spread = np.array([v[2] for v in traffic.VITALS]), np.array([v[3] for v in traffic.VITALS])
    return Observations.columns(
        subject=[f"Patient/{i}" for i in patients for _ in range(_EACH)],
        signal=[traffic.VITALS[i][0] for i in kinds.tolist()],
        unit=[traffic.VITALS[i][1] for i in kinds.tolist()],
        time=seen.time,
        value=np.round(usual[kinds] + spread[kinds] * rng.standard_normal(len(kinds)), 2),
    )


def _beliefs(system: Running, count: int) -> dict[str, str]:
    """Digest of the belief of the first thousand twins."""
    _, told = system.ask("GET", f"/api/v1/twins?limit={min(count, 1000)}", token=system.feed_token)
    return {twin["subject"]: twin["belief"] for twin in told["twins"]}
