"""`hannibal drift`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli import options
from ops.cli.console import files, screen
from ops.cli.session import connected, settings_of
from ops.errors import ExitCode

if TYPE_CHECKING:
    from rich.console import Console

    from ops.stacks.drift import Drift


def drift(
    env: options.Environment = "dev",
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Also write it as Markdown.")] = None,
    json: options.Json = False,
) -> None:
    """Show what is deployed and not as its template says. Exit code 5 if there is anything.

    What releases move by design (traffic, and the version that runs) is shown, but is no drift. The same holds for what
    the configuration expects (`expected_drift`), until the day that it names.
    """
    from datetime import UTC, datetime

    from ops.report.drift_page import markdown
    from ops.stacks.drift import read_drift
    from ops.stacks.expected_drift import Expectations

    files.check_writable(output)
    settings = settings_of(env)
    expected = Expectations.on(datetime.now(UTC).date(), settings.expected_drift)
    with connected(settings) as aws:
        found = read_drift(aws, expected=expected)
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
        known = resource.by_release or resource.by_configuration
        style = "dim" if known else "yellow"
        note = f"  ({'a release did it' if resource.by_release else 'expected'})" if known else ""
        screen.line(
            console,
            f"{resource.status:<8}  {resource.stack}  {resource.logical_id}  {resource.resource_type}{note}",
            style,
        )
        for one in resource.differences:
            screen.line(console, f"          {one.path}: {one.expected} -> {one.actual}", "dim")
            if one.reason:
                screen.line(console, f"            expected: {one.reason}", "dim")
    for text in found.notes:
        screen.line(console, text, "yellow")
    count = len(found.unexpected)
    words = f"Not as the templates say: {count}." if count else "No drift."
    screen.line(console, f"Stacks compared: {len(found.stacks)}. {words}", "yellow" if count else "green")
