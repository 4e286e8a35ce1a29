"""`hannibal drift`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli import options
from ops.cli.console import files, screen
from ops.cli.session import connected, polling_for, settings_of
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from rich.console import Console

    from ops.stacks.drift import Drift


def drift(
    env: options.Environment = "dev",
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Also write it as Markdown.")] = None,
    json: options.Json = False,
) -> None:
    """Show what is deployed and not as its template says. Exit code 5 if there is anything.

    What releases move by design (traffic, and the version that runs) is shown, but is no drift.
    """
    from ops.account.caller import identify
    from ops.stacks.drift import markdown, read_drift

    files.check_writable(output)
    with connected(settings_of(env)) as aws:
        found = read_drift(aws.cloudformation, polling=polling_for(identify(aws).endpoint))
    if output:
        files.write(output, markdown(found, env))
    if json:
        screen.print_json({"drift": found, "unexpected": len(found.unexpected)})
    else:
        _show(screen.out(), found)
    if found.unexpected:
        raise typer.Exit(ExitCode.UNHEALTHY)


def _show(console: "Console", found: "Drift") -> None:
    for resource in found.resources:
        style = "dim" if resource.by_release else "yellow"
        note = "  (a release did it)" if resource.by_release else ""
        screen.line(
            console,
            f"{resource.status:<8}  {resource.stack}  {resource.logical_id}  {resource.resource_type}{note}",
            style,
        )
        for one in resource.differences:
            screen.line(console, f"          {one.path}: {one.expected} -> {one.actual}", "dim")
    count = len(found.unexpected)
    words = f"Not as the templates say: {count}." if count else "No drift."
    screen.line(console, f"Stacks compared: {len(found.stacks)}. {words}", "yellow" if count else "green")
