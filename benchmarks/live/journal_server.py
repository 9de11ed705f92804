"""A PostgreSQL server of our own: temporary data directory, Unix socket alone, gone at the end."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

_SECONDS = 60  # within which initdb, start and stop must be done


def programs() -> Path | None:
    """Where Debian's newest PostgreSQL has its programs; None where it is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


class Server:
    """A server that runs inside `with Server() as server:`; it can be stopped and started again meanwhile.

    It syncs what it acknowledges and checks its pages, as a production server does.
    """

    def __init__(self) -> None:
        found = programs()
        if found is None:
            raise FileNotFoundError("PostgreSQL is not installed (Debian: apt install postgresql)")
        self._programs = found
        self._folder = Path(tempfile.mkdtemp(prefix="twpg"))  # short: a socket's path has at most 107 bytes
        self._data = self._folder / "data"
        # The server refuses to run as root: then it runs as Debian's user for it.
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._as:
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)

    @property
    def location(self) -> str:
        """Where clients connect."""
        return f"postgresql://postgres@/postgres?host={self._folder}"

    def __enter__(self) -> "Server":
        try:
            self._call("initdb", "-D", self._data, "-A", "trust", "-U", "postgres", "--no-sync", "--data-checksums")
            self.start()
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if (self._data / "postmaster.pid").exists():
                self.stop()
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Start, and return when it takes connections."""
        options = f"-c listen_addresses= -c unix_socket_directories={self._folder} -c max_connections=60"
        log = self._folder / "log"
        self._call("pg_ctl", "-D", self._data, "-w", "-t", str(_SECONDS), "-l", log, "-o", options, "start")

    def stop(self, mode: str = "fast") -> None:
        """Stop at once: "fast" breaks connections, "immediate" does not even write what is in memory."""
        self._call("pg_ctl", "-D", self._data, "-w", "-t", str(_SECONDS), "-m", mode, "stop")

    def _call(self, program: str, *arguments: str | Path) -> None:
        command: Sequence[str] = [*self._as, str(self._programs / program), *map(str, arguments)]
        # Its output goes to a file: the server would keep a pipe open.
        with (self._folder / f"{program}.out").open("w+b") as output:
            done = subprocess.run(
                command, stdout=output, stderr=subprocess.STDOUT, timeout=2 * _SECONDS, cwd=self._folder, check=False
            )
            if done.returncode:
                output.seek(0)
                raise RuntimeError(f"{program} failed: {output.read().decode(errors='replace')}")
