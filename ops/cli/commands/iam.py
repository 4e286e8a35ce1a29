"""`hannibal iam`: permissions as needed, as granted and as used."""

from typing import TYPE_CHECKING

import typer

from ops.cli import options
from ops.cli.commands import iam_review
from ops.cli.console import screen
from ops.cli.console.screen import Console
from ops.cli.session import settings_of, templates_of

if TYPE_CHECKING:
    from ops.iam.required import Required

app = typer.Typer(name="iam", no_args_is_help=True, help="Permissions: what is needed, granted and used.")
app.command()(iam_review.review)


@app.command()
def required(env: options.Environment = "dev", assembly: options.Assembly = None, json: options.Json = False) -> None:
    """Compute what CloudFormation needs to create, update and delete the stacks, by stack and resource type.

    Needs no AWS account: read from the templates, the official resource schemas and the service authorization
    reference. The exit code is 1 if the committed execution policies lack something; `make policies` writes them again.
    """
    from ops.errors import FailedError
    from ops.iam.required import required as compute

    settings = settings_of(env)
    with templates_of(settings, assembly) as folder:
        answer = compute(folder, settings)
    if json:
        screen.print_json(answer)
    else:
        _show(screen.out(), answer)
    if problems := answer.problems:
        raise FailedError("the execution policies do not cover these templates", *problems, "Run `make policies`.")


def _show(console: Console, answer: "Required") -> None:
    headings = ("STACK", "RESOURCE TYPE", "RESOURCES", "ACTIONS")
    table = screen.table(*headings, numbers=("RESOURCES", "ACTIONS"), folded=headings)
    for stack in answer.stacks:
        for number, kind in enumerate(stack.types):
            name = "" if number else stack.stack
            table.add_row(name, kind.resource_type, str(len(kind.resources)), str(len(kind.actions)))
        table.add_row("", ", ".join(stack.policies), "", str(len(stack.actions)), style="bold", end_section=True)
    console.print(table)
    console.echo(
        f"{answer.permissions} different permissions, by the service authorization reference {answer.reference}. "
        "--json shows each with its resources and who says that it is needed."
    )
