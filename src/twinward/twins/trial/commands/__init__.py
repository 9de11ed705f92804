"""`twinward trial learn | prespecify | analyse | design`."""

import typer

from twinward.twins.trial.commands.analyse import analyse_trial, prespecify
from twinward.twins.trial.commands.design import design
from twinward.twins.trial.commands.learn import learn


def app() -> typer.Typer:
    """The commands."""
    made = typer.Typer(no_args_is_help=True)
    for name, command in {"learn": learn, "prespecify": prespecify, "analyse": analyse_trial, "design": design}.items():
        made.command(name, no_args_is_help=True)(command)
    return made
