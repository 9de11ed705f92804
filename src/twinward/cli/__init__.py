"""The commands."""

import sys

import typer
from rich.console import Console
from rich.markup import escape

from twinward.cli import evidence, hospital, live, users
from twinward.core.kinds import kinds
from twinward.errors import TwinwardError

app = typer.Typer(
    help="Open, live digital twins for healthcare: mirror, forecast, rehearse, decide, learn.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
app.command("kinds")(evidence.list_kinds)
app.command("evidence")(evidence.evidence)
app.command("demo")(hospital.demo)
app.command("replay")(hospital.replay)
app.command("compare")(hospital.compare)
app.command("run")(live.run)
app.command("status")(live.status)
app.command("backup")(live.backup)
app.command("restore")(live.restore)
app.command("verify-journal")(live.verify_journal)
app.command("verify-audit")(live.verify_audit)
app.add_typer(users.app, name="users")


def main() -> None:
    """Run the command line; errors that Twinward raises on purpose are one line, not a traceback."""
    for name, kind in kinds().items():
        if kind.commands is not None:
            _add(name, kind.summary, kind.commands())
    try:
        app()
    except TwinwardError as error:
        Console(stderr=True).print(f"[red]error:[/] {escape(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(2)


def _add(name: str, summary: str, commands: typer.Typer) -> None:
    """A kind's commands as `twinward NAME ...`; a kind that has one alone is that command itself."""
    only = commands.registered_commands
    if len(only) == 1 and not commands.registered_groups and only[0].callback is not None:
        app.command(name, no_args_is_help=only[0].no_args_is_help)(only[0].callback)
    else:
        app.add_typer(commands, name=name, help=summary)
