"""A `twinward run` of our own, as a process: started, asked, killed and started again."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_PATIENCE = 180.0  # seconds to become ready
_TICK = os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Running:
    """A system in a folder of its own; use as `with Running(config) as system`.

    Args:
        config: TOML, without `[http]`; "" for the reference hospital, which then plays.
        mllp: also listens for HL7.
        days: of the reference hospital's past.
    """

    def __init__(self, config: str, mllp: bool = False, days: float = 12.0) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="twinward-bench-"))
        self.home = self.folder / "home"
        self.port = free_port()
        self.mllp_port = free_port() if mllp else 0
        inlet = f"[mllp]\nport = {self.mllp_port}\n" if mllp else ""
        self._days = days
        self._config = self.folder / "bench.toml"
        if config:
            self._config.write_text(f'name = "Benchmark"\n{inlet}\n{config}\n')
        self._process: subprocess.Popen[bytes] | None = None
        self._feed = ""

    def __enter__(self) -> "Running":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> float:
        """Seconds from the start of the process until it is ready."""
        began = time.perf_counter()
        with (self.folder / "log").open("ab") as log:
            config = str(self._config) if self._config.exists() else ""
            given = [config, str(self.home), str(self.port), str(self._days)]
            self._process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.live.serve", *given], stdout=log, stderr=log
            )
        while True:
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.ask("GET", "/ready", token="")[0] == 200:
                    return time.perf_counter() - began
            if self._process.poll() is not None or time.perf_counter() - began > _PATIENCE:
                raise RuntimeError(f"the system did not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.01)  # between two questions whether it is ready

    def stop(self) -> None:
        """As an operator stops it; killed where it does not."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(60)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    @property
    def token(self) -> str:
        """The admin's."""
        return (self.home / "security" / "admin-token").read_text().strip()

    @property
    def feed_token(self) -> str:
        """One for a system that sends data, made through the API once."""
        if not self._feed:
            body = json.dumps({"label": "benchmark", "role": "operator", "feed": True}).encode()
            status, answer = self.ask("POST", "/api/v1/users/admin/tokens", body)
            if status != 201:
                raise RuntimeError(f"no token: {status} {answer}")
            self._feed = str(answer["secret"])
        return self._feed

    def ask(self, method: str, path: str, body: bytes | None = None, token: str | None = None) -> tuple[int, Any]:
        """One request on a connection of its own: status and the JSON of the answer."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"content-type": "application/json"}
        if token != "":
            headers["authorization"] = f"Bearer {token or self.token}"
        try:
            line.request(method, path, body, headers)
            answer = line.getresponse()
            text = answer.read()
            is_json = "json" in answer.getheader("content-type", "")
            return answer.status, json.loads(text) if is_json else text
        finally:
            line.close()

    def mirrored(self, patience: float = 900.0) -> float:
        """Wait until the twins know everything that is stored; seconds waited."""
        began = time.perf_counter()
        while time.perf_counter() - began < patience:
            _, told = self.ask("GET", "/api/v1/status", token=self.feed_token)
            if told["mirrored"] >= told["position"]:
                return time.perf_counter() - began
            time.sleep(0.1)  # the status is asked for, not waited for
        raise RuntimeError("the twins did not catch up")

    @property
    def memory(self) -> float:
        """Resident bytes of the server process, its worker processes not counted."""
        return float(self._status("VmRSS")) * 1024

    @property
    def peak_memory(self) -> float:
        """The most it ever was."""
        return float(self._status("VmHWM")) * 1024

    @property
    def cpu(self) -> float:
        """CPU seconds of the server process so far."""
        assert self._process is not None
        fields = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def _status(self, name: str) -> int:
        assert self._process is not None
        lines = Path(f"/proc/{self._process.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(name)).split()[1])
