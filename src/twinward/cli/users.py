"""The commands for people and clients: who may come in, with what role, and their tokens."""

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from twinward.cli.home import HomeOption, home_of
from twinward.core.times import utc
from twinward.errors import TwinwardError
from twinward.web.security import Role, Users, open_users

console = Console(soft_wrap=True)
app = typer.Typer(help="Who may come in: users, roles, tokens of clients and feeds.", no_args_is_help=True)


def _users(home: Path | None) -> Users:
    folder = home_of(home, "live")
    if not (folder / "security").exists():
        raise TwinwardError(f"{folder} is no home of a system that has ever run: name it with --home")
    return open_users(folder)


@app.command("list")
def list_users(home: HomeOption = None) -> None:
    """Everybody who may come in."""
    table = Table(box=None, padding=(0, 2))
    for column in ("user", "role", "units", "names", "tokens"):
        table.add_column(column)
    users = _users(home)
    for user in users.all():
        units = "all" if user.units is None else ", ".join(sorted(user.units))
        count = str(len(users.tokens(user.name)))
        table.add_row(user.name, user.role.label, units, "yes" if user.names else "pseudonyms", count)
    console.print(table)


@app.command("add")
def add(
    name: str,
    role: Annotated[str, typer.Option(help="viewer, clinician, operator or admin.")] = "viewer",
    unit: Annotated[
        list[str] | None, typer.Option(help="Only this unit (may be repeated); all where left out.")
    ] = None,
    pseudonyms: Annotated[bool, typer.Option("--pseudonyms", help="Patients by pseudonym, whatever the role.")] = False,
    tokens_only: Annotated[
        bool, typer.Option("--tokens-only", help="No password: a program, which has tokens.")
    ] = False,
    home: HomeOption = None,
) -> None:
    """A new user; the password is asked for, for the pages."""
    password = None if tokens_only else typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    _users(home).add(name, Role.named(role), units=unit, names=not pseudonyms, password=password)
    console.print(f"[green]●[/] {name} may come in as {role}", highlight=False)


@app.command("token")
def token(
    name: str,
    to: Annotated[Path, typer.Option("--to", help="The new file that holds the secret, readable by you alone.")],
    only: Annotated[
        list[str] | None, typer.Option(help="Good for this permission only, such as fhir.write (may be repeated).")
    ] = None,
    feed: Annotated[bool, typer.Option(help="For a system that sends data: generous rate limits.")] = False,
    days: Annotated[float, typer.Option(min=0.01, max=3650, help="Until it expires.")] = 365.0,
    home: HomeOption = None,
) -> None:
    """A new token of a user for a client or feed, written to a file."""
    users = _users(home)
    users.user(name)
    write_secret(to, users.add_token(name, to.name, only=only, feed=feed, lasts_s=days * 86400)[0])
    console.print(f"[green]●[/] token of {name} in {to}", highlight=False)


@app.command("revoke")
def revoke(identifier: str, home: HomeOption = None) -> None:
    """End a token at once (`twinward users tokens` lists them)."""
    _users(home).revoke(identifier)
    console.print(f"[green]●[/] {identifier} is good for nothing any more", highlight=False)


@app.command("tokens")
def tokens(name: Annotated[str | None, typer.Argument()] = None, home: HomeOption = None) -> None:
    """The tokens of a user, or all; never their secrets."""
    table = Table(box=None, padding=(0, 2))
    for column in ("id", "user", "label", "expires", "state"):
        table.add_column(column)
    for row in _users(home).tokens(name):
        state = "revoked" if row.revoked else "good"
        table.add_row(row.id, row.user, row.label, f"{utc(row.expires):%Y-%m-%d}", state)
    console.print(table)


def write_secret(to: Path, secret: str) -> None:
    """A new file that only its owner reads.

    Raises:
        FileExistsError: nothing is ever overwritten.
    """
    with os.fdopen(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret + "\n")
