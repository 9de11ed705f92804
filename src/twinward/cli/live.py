"""The commands of the live system: run, status, backup, restore, verify."""

import asyncio
import contextlib
import gc
import shutil
import signal
import sys
import time
from collections.abc import Callable, Coroutine
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated, Any

import httpx
import structlog
import typer
import uvicorn
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from twinward.cli.home import HomeOption, home_of
from twinward.cli.users import write_secret
from twinward.core.times import utc
from twinward.errors import BadInput, TwinwardError
from twinward.journal import Journal, JournalInUse, open_journal
from twinward.journal import restore as restore_journal
from twinward.live.config import Config, load
from twinward.live.inlets import Inlets
from twinward.live.system import System
from twinward.web import serve
from twinward.web.security import Tls, check_binding, redact

console = Console(soft_wrap=True)

JournalArgument = Annotated[str, typer.Argument(help="A journal: a file, or postgresql://...")]


def run(
    config: Annotated[
        Path | None, typer.Argument(help="A configuration (TOML); without one the reference hospital is played.")
    ] = None,
    home: HomeOption = None,
    port: Annotated[int | None, typer.Option(help="Port of pages and API, instead of the configured one.")] = None,
    speed: Annotated[float, typer.Option(help="Of the reference hospital: its seconds a second.")] = 60.0,
    days: Annotated[float, typer.Option(help="Of the reference hospital's past that is sent first.")] = 12.0,
    seconds: Annotated[float | None, typer.Option(help="Stop after so long.")] = None,
) -> None:
    """Start the live system: feeds in, twins that mirror them, pages and API out. Ctrl-C stops it."""
    _log_to_stderr()
    played = config is None
    with as_file(files("twinward") / "demo" / "live.toml") as described:
        settings = load(described if config is None else config)
    if played:
        settings = settings.model_copy(update={"speed": speed})
    if port is not None:
        settings = settings.model_copy(update={"http": settings.http.model_copy(update={"port": port})})
    folder = home_of(home, "demo") if played else home_of(home, "live")
    try:
        if played:
            _emptied(folder, ours=home is None)
        _runner()(_run(settings, folder, days if played else None, seconds))
    except TwinwardError as error:
        console.print(f"[red]▲[/] {escape(str(error))}", highlight=False)
        raise typer.Exit(2) from None


def _emptied(folder: Path, ours: bool) -> None:
    """The folder for a hospital that is played anew each time: what was played before in it is of no use.

    Raises:
        BadInput: what is in it was never played.
        JournalInUse: it is being played now.
    """
    played = folder / "played"
    if folder.exists() and any(folder.iterdir()):
        if not ours and not played.exists():
            raise BadInput("home", str(folder), "a new or empty folder: without a configuration a hospital is played")
        try:
            open_journal(folder / "journal.db").close()
        except JournalInUse:
            raise
        except TwinwardError:
            pass  # whatever it is, it will not be needed
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    played.write_text("the journal in this folder is of a hospital that is played: each start begins anew\n")


def _runner() -> Callable[[Coroutine[Any, Any, None]], None]:
    """What runs the event loop: the faster one where it is installed (not on Windows)."""
    # A thread that computes (the mirror) keeps the interpreter for so long when another one wants it; what wants it
    # here is as a rule somebody's acknowledgement.
    sys.setswitchinterval(0.0005)
    # A hundred thousand twins are millions of objects that never die young: looking at all of them often is of no use.
    gc.set_threshold(20_000, 50, 100)
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    return uvloop.run


async def _run(config: Config, home: Path, play_days: float | None, seconds: float | None) -> None:
    if config.mllp is not None:
        mllp = config.mllp
        tls = None if mllp.tls is None else Tls(mllp.tls.certificate, mllp.tls.key)
        check_binding(mllp.host, tls, mllp.insecure, "mllp")
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    gc.disable()  # while twins are read in, nothing dies
    async with System(config, home) as system:
        gc.freeze()
        gc.enable()
        app, security = serve.application(system, home)
        server = uvicorn.Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                loop="none",
                lifespan="on",
                timeout_graceful_shutdown=3,
                timeout_keep_alive=75,  # feeds keep their connection between two messages
                **security.server_options(config.http.host, config.http.port),
            )
        )
        server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        async with Inlets(system, config) as inlets:
            serving = asyncio.create_task(server._serve())
            await _started(server, serving)
            port = server.servers[0].sockets[0].getsockname()[1]
            scheme = "https" if config.http.tls else "http"
            console.print(f"[green]●[/] {config.name}: {scheme}://{config.http.host}:{port}", highlight=False)
            token = home / "security" / "admin-token"
            console.print(f"  log in with the token in {token}", highlight=False)
            player = None
            if play_days is not None:
                feed = home / "security" / "feed-token"
                write_secret(feed, security.users.add_token("admin", "demo", only=["fhir.write"], feed=True)[0])
                player = await _play(play_days, config, inlets, f"{scheme}://127.0.0.1:{port}/fhir", feed)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_first(stop.wait(), serving), seconds)
            if player is not None and player.returncode is None:
                player.terminate()
                await player.wait()
            server.should_exit = True
            await serving
        await asyncio.to_thread(security.close)
    console.print("stopped; what was acknowledged is in the journal")


async def _first(*waits: object) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]  # type: ignore[call-overload]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)


async def _started(server: uvicorn.Server, serving: "asyncio.Task[None]") -> None:
    while not server.started:
        if serving.done():
            await serving
            raise typer.Exit(1)
        await asyncio.sleep(0.02)


async def _play(days: float, config: Config, inlets: Inlets, fhir: str, token: Path) -> asyncio.subprocess.Process:
    """The reference hospital as a process of its own, which sends to our ports as any hospital would."""
    start = utc(time.time()).replace(minute=0, second=0, microsecond=0)
    console.print(f"  the reference hospital sends its last {days:g} days, then plays on at {config.speed:g} x")
    command = [
        # -P: whatever lies in the folder in which the command was given is none of our modules
        *(sys.executable, "-P", "-m", "twinward.demo.send", "--start", start.isoformat()),
        *("--days-before", f"{days:g}", "--speed", f"{config.speed:g}"),
        *("--mllp", f"127.0.0.1:{inlets.mllp_port}", "--fhir", fhir, "--token-file", str(token)),
    ]
    return await asyncio.create_subprocess_exec(*command)


def status(
    url: Annotated[str, typer.Option(help="Where it runs.")] = "http://127.0.0.1:8080",
    home: HomeOption = None,
    token_file: Annotated[Path | None, typer.Option(help="A file with a token; the admin's where left out.")] = None,
) -> None:
    """How a running system is: feeds, journal, twins, alerts."""
    candidates = (
        [token_file] if token_file else [home_of(home, part) / "security" / "admin-token" for part in ("live", "demo")]
    )
    found = next((path for path in candidates if path is not None and path.exists()), None)
    headers = {"Authorization": f"Bearer {found.read_text().strip()}"} if found else {}
    try:
        answer = httpx.get(f"{url}/api/v1/status", headers=headers, timeout=10)
    except httpx.HTTPError as error:
        console.print(f"[red]▲[/] nothing answers at {url}: {escape(str(error))}", highlight=False)
        raise typer.Exit(1) from None
    if answer.status_code != 200:
        console.print(
            f"[red]▲[/] {url} answers {answer.status_code}: {answer.json().get('detail', '')}", highlight=False
        )
        raise typer.Exit(1)
    told = answer.json()
    console.print(f"[green]●[/] {told['name']}, {told['now']}: {told['twins']} twins", highlight=False)
    console.print(
        f"  journal {told['journal']} at {told['position']:,}, mirrored to {told['mirrored']:,}; "
        f"{told['open_alerts']} open alerts",
        highlight=False,
    )
    table = Table(box=None, padding=(0, 2))
    for column in ("feed", "state", "messages", "observations", "refused", "duplicates", "last"):
        table.add_column(column, justify="left" if column in ("feed", "state", "last") else "right")
    mark = {"live": "[green]● live[/]", "late": "[yellow]◆ late[/]", "silent": "[red]▲ silent[/]"}
    for feed in told["feeds"]:
        numbers = (f"{feed[name]:,}" for name in ("messages", "observations", "refused", "duplicates"))
        table.add_row(feed["source"], mark[feed["state"]], *numbers, f"{utc(feed['last']):%Y-%m-%d %H:%M:%S}")
    Console(width=max(console.width, 120)).print(table)
    for fault, count in told["quarantine"].items():
        console.print(f"[yellow]◆[/] quarantined: {count:,} x {fault}", highlight=False)


def backup(journal: JournalArgument, target: Annotated[Path, typer.Argument(help="A new file.")]) -> None:
    """Copy a journal while it is written to."""
    with _told():
        source = _to_read(journal)
        source.backup(target)
        source.close()
        console.print(f"[green]●[/] {target}: {target.stat().st_size:,} bytes", highlight=False)


def restore(
    source: Annotated[Path, typer.Argument(help="What `twinward backup` wrote.")], journal: JournalArgument
) -> None:
    """Make a journal from a backup; one that holds anything already is refused."""
    with _told():
        if "://" not in journal:
            Path(journal).parent.mkdir(parents=True, exist_ok=True)
        restore_journal(source, journal)
        console.print(f"[green]●[/] restored: {journal}", highlight=False)


def verify_journal(journal: JournalArgument) -> None:
    """Check every entry against its hash."""
    with _told():
        opened = _to_read(journal)
        console.print(f"[green]●[/] {opened.verify():,} entries are as they were written", highlight=False)


def verify_audit(journal: JournalArgument) -> None:
    """Check the hash chain of the audit trail."""
    with _told():
        opened = _to_read(journal)
        console.print(f"[green]●[/] {opened.verify_audit():,} accesses are as they were written", highlight=False)


def _to_read(journal: str) -> Journal:
    if "://" not in journal and not Path(journal).is_file():
        raise BadInput("journal", journal, "a file that is there, or postgresql://...")
    return open_journal(journal, read_only=True)


@contextlib.contextmanager
def _told():  # type: ignore[no-untyped-def]
    try:
        yield
    except TwinwardError as error:
        console.print(f"[red]▲[/] {escape(str(error))}", highlight=False)
        raise typer.Exit(1) from None


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            redact,
            structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # whatever it is when a line is written
    )
