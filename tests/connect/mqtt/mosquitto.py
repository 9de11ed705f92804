"""Debian's mosquitto for tests: own configuration, loopback, a free port, persistence in a temporary directory."""

import shutil
import socket
import subprocess
import time
from pathlib import Path

MOSQUITTO = shutil.which("mosquitto") or ("/usr/sbin/mosquitto" if Path("/usr/sbin/mosquitto").exists() else None)
PUBLISH = shutil.which("mosquitto_pub")


class Mosquitto:
    """One broker, started and stopped as a test likes; it comes back at the same port with what it knew.

    Args:
        directory: temporary, its own.
        settings: further lines of the configuration.
    """

    def __init__(self, directory: Path, *settings: str) -> None:
        self.directory, self.port = directory, _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        lines = [
            f"listener {self.port} 127.0.0.1",
            "persistence true",
            f"persistence_location {directory}/",
            "allow_anonymous true",
            "max_queued_messages 0",
            "user root",
            *settings,
        ]
        (directory / "mosquitto.conf").write_text("\n".join(lines) + "\n")

    def start(self) -> "Mosquitto":
        """Start; returns when it listens."""
        assert MOSQUITTO is not None
        log = (self.directory / "log").open("ab")
        self._process = subprocess.Popen(
            [MOSQUITTO, "-c", str(self.directory / "mosquitto.conf")], stdout=log, stderr=subprocess.STDOUT
        )
        log.close()
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return self
            except OSError:
                assert self._process.poll() is None, (self.directory / "log").read_text()
                time.sleep(0.01)
        raise TimeoutError("mosquitto does not listen")

    def stop(self) -> None:
        """Stop; what it knows goes to the disk."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def publish(self, topic: str, payloads: list[str], *options: str) -> None:
        """Publish each payload with QoS 1, with Debian's `mosquitto_pub`; returns when the broker has them."""
        assert PUBLISH is not None
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-q", "1", "-t", topic, "-l", *options]
        subprocess.run(
            [PUBLISH, *where], input="".join(f"{line}\n" for line in payloads).encode(), check=True, timeout=30
        )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
