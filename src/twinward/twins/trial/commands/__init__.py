"""`twinward trial learn | prespecify | analyse | design | simulate | watch | generate`."""

import typer

from twinward.twins.trial.commands.analyse import analyse_trial, prespecify
from twinward.twins.trial.commands.design import design
from twinward.twins.trial.commands.generate import generate
from twinward.twins.trial.commands.learn import learn
from twinward.twins.trial.commands.simulate import simulate
from twinward.twins.trial.commands.watch import watch


def app() -> typer.Typer:
    """The commands."""
    made = typer.Typer(no_args_is_help=True)
    named = {
        "learn": learn, "prespecify": prespecify, "analyse": analyse_trial, "design": design, "simulate": simulate,
        "watch": watch, "generate": generate,
    }  # fmt: skip
    for name, command in named.items():
        made.command(name, no_args_is_help=True)(command)
    return made
