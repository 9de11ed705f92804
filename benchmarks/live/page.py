"""The command centre in a browser: when the first numbers are there, and what a wall of forty charts costs.

The pages are served over the centre of their tests (the reference hospital, fed by its demo) in a process of their own;
the browser is Debian's Chromium without a GPU, so that everything is drawn by the processor. Updates are counted in the
browser, as changes of each chart's drawing; CPU seconds are those of the server and of every process of the browser.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.live.running import free_port
from benchmarks.report import Row, median

CHROMIUM = Path("/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
CHARTS = 40
_SERVER = Path(__file__).parents[2] / "tests" / "web" / "centre" / "serve.py"
_TICK = os.sysconf("SC_CLK_TCK")
# The first paint that shows a number: the frame after the first tile has its value.
_PAINTED = """
new MutationObserver((_, me) => {
  const found = document.querySelector(".tile .value");
  if (found && found.textContent.trim() && found.getBoundingClientRect().height) {
    me.disconnect();
    requestAnimationFrame(() => requestAnimationFrame((at) => (window.painted = at)));
  }
}).observe(document, { childList: true, subtree: true });
"""
# Changes of a drawing within a twentieth of a second are one update.
_COUNT = """() => {
  window.updates = [...document.querySelectorAll(".walls svg.small")].map((chart) => {
    const seen = { count: 0, last: 0 };
    new MutationObserver(() => {
      const now = performance.now();
      if (now - seen.last > 50) seen.count += 1;
      seen.last = now;
    }).observe(chart, { subtree: true, childList: true, attributes: true });
    return seen;
  });
}"""


@contextlib.contextmanager
def _served() -> Iterator[tuple[str, int]]:
    """(address, process id) of the pages."""
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, str(_SERVER), str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        address = f"http://127.0.0.1:{port}"
        end = time.monotonic() + 180
        while True:
            with contextlib.suppress(urllib.error.URLError, ConnectionError):
                urllib.request.urlopen(address + "/wall", timeout=30).read()
                break
            if server.poll() is not None or time.monotonic() > end:
                raise RuntimeError("the pages were not served")
            time.sleep(0.2)
        yield address, server.pid
    finally:
        server.terminate()
        server.wait(20)


@contextlib.contextmanager
def _browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play, tempfile.TemporaryDirectory() as home:
        found = play.chromium.launch_persistent_context(home, executable_path=str(CHROMIUM), args=FLAGS)
        yield found
        found.close()


def run(runs: int = 5, seconds: float = 20.0) -> list[Row]:
    """Rows `page` (first meaningful paint), `page-wall` (updates a second) and `page-wall-cpu` (cores)."""
    if not CHROMIUM.exists():
        raise RuntimeError("Debian's chromium is not installed")
    with _served() as (address, server):
        painted = [_first_paint(address) for _ in range(runs)]
        rate, cores, server_cores = _wall(address, server, seconds)
    first = median(painted)
    own = "the product's own target"
    cold = "navigation to the frame that shows the first numbers; a new browser with an empty cache each time"
    wall = f"updates of the slowest of {CHARTS} charts, all of which change, 3840 x 2160"
    cpu = f"server and browser together, drawn without a GPU; the server alone {server_cores:.2f}"
    return [
        Row("page", first <= 1.5, round(first, 3), "s", 1.5, "<= 1.5", own, runs=runs, note=cold),
        Row("page-wall", rate >= 2.0, round(rate, 2), "/s", 2.0, ">= 2", own, note=wall),
        Row("page-wall-cpu", cores <= 1.0, round(cores, 2), "cores", 1.0, "<= 1", own, note=cpu),
    ]


def _first_paint(address: str) -> float:
    """Seconds, in a browser that has never been here."""
    with _browser() as browser:
        page = browser.new_page()
        page.add_init_script(_PAINTED)
        page.goto(address + "/")
        page.wait_for_function("window.painted")
        return float(page.evaluate("window.painted")) / 1000


def _wall(address: str, server: int, seconds: float) -> tuple[float, float, float]:
    """(updates a second of the slowest chart, cores of all, cores of the server)."""
    with _browser() as browser:
        page = browser.new_page()
        page.set_viewport_size({"width": 3840, "height": 2160})
        page.goto(address + "/wall")
        page.wait_for_function(f"document.querySelectorAll('.walls svg.small').length >= {CHARTS}")
        page.evaluate(_COUNT)
        everybody = [server, *_descendants(os.getpid(), "chrom")]
        before, alone, began = _cpu(everybody), _cpu([server]), time.perf_counter()
        while (now := time.perf_counter() - began) < seconds:
            urllib.request.urlopen(urllib.request.Request(address + "/test/tick", method="POST")).read()
            page.wait_for_timeout(max(0.0, 250 - 1000 * (time.perf_counter() - began - now)))
        took = time.perf_counter() - began
        counts = page.evaluate("window.updates.map((seen) => seen.count)")
        used, by_server = _cpu(everybody) - before, _cpu([server]) - alone
        if len(counts) < CHARTS:
            raise RuntimeError(f"{len(counts)} charts, {CHARTS} were expected")
        return min(counts) / took, used / took, by_server / took


def _descendants(pid: int, name: str) -> list[int]:
    """Processes below one, whose command contains a name."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                parents.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    found, front = [], [pid]
    while front:
        below = parents.get(front.pop(), [])
        found += below
        front += below
    named = []
    for each in found:
        with contextlib.suppress(OSError):
            if name in (Path("/proc") / str(each) / "comm").read_text():
                named.append(each)
    return named


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat after the name (proc(5)): state, parent, ..."""
    return (Path("/proc") / str(pid) / "stat").read_text().rpartition(") ")[2].split()


def _cpu(pids: list[int]) -> float:
    """CPU seconds so far."""
    total = 0.0
    for pid in pids:
        with contextlib.suppress(OSError):
            fields = _stat(pid)
            total += (int(fields[11]) + int(fields[12])) / _TICK
    return total


if __name__ == "__main__":
    from benchmarks.report import show

    show(run())
