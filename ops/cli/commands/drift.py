"""`hannibal drift`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli.console import files, screen
from ops.cli.session import Session, in_session
from ops.errors import ExitCode, FailedError

if TYPE_CHECKING:
    from ops.cli.console.screen import Console
    from ops.stacks.drift import Drift


@in_session()
def drift(
    session: Session,
    output: Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Also write it as Markdown.")] = None,
) -> None:
    """Show which deployed resources differ from their templates. Exit code 5 if any does.

    What releases change by design (traffic, and the version that runs) is shown, but is no drift. The same is true of
    what the configuration expects (`expected_drift`), until the day that it names.
    """
    from ops.report.drift_page import markdown
    from ops.stacks.drift import read_drift

    files.check_writable(output)
    session.require_own()
    session.echo("CloudFormation compares each stack with the deployed resources …", "dim")
    result = read_drift(session.aws, expected=session.settings.expected_drift)
    if output:
        files.write(output, markdown(result, session.environment))
    if session.json:
        screen.print_json({"drift": result, "unexpected": len(result.unexpected)})
    else:
        _show(session.console, result)
        _show_ways(session, result)
    if result.unexpected:
        raise typer.Exit(ExitCode.UNHEALTHY)
    if result.unread:
        raise FailedError(
            f"CloudFormation could not compare all of {len(result.unread)} stack(s): {'; '.join(result.unread)}",
            "Where the state of a stack is named, try again when CloudFormation has finished. Otherwise these "
            "credentials may not read the resource: the developer role may.",
        )


def _show_ways(session: Session, result: "Drift") -> None:
    """Say how what was changed by hand comes back."""
    from ops.stacks.state import how_to_revert

    lifecycles = session.settings.lifecycles
    stacks = {one.stack for one in result.unexpected}
    for stack in sorted(stacks & set(lifecycles.persistent)):
        who, command = how_to_revert(stack, session.environment)
        session.echo(f"Undo it by hand, or {who}have CloudFormation do it: `{command}`")
    if stacks & set(lifecycles.ephemeral):
        session.echo(
            "Undo by hand what was changed in the month's stacks. What was deleted comes back with the next month: "
            "`hannibal stop`, then `hannibal start`"
        )


def _show(console: "Console", result: "Drift") -> None:
    for resource in result.resources:
        known = resource.by_release or resource.by_configuration
        style = "dim" if known else "yellow"
        note = f"  ({'by a release, scaling or a pause' if resource.by_release else 'expected'})" if known else ""
        console.echo(
            f"{resource.status:<8}  {resource.stack}  {resource.logical_id}  {resource.resource_type}{note}", style
        )
        for one in resource.differences:
            console.echo(f"          {one.path}: {one.expected} -> {one.actual}", "dim")
            if one.reason:
                console.echo(f"            expected: {one.reason}", "dim")
    for text in result.notes:
        console.echo(text, "yellow")
    count = len(result.unexpected)
    # Expected differences and those of releases are listed above too, although they are no drift.
    further = " besides that" if result.resources else ""
    none = f"No drift{further}{' as far as it could be compared' if result.unread else ''}."
    words = f"Not as the templates say: {count}." if count else none
    console.echo(f"Stacks compared: {len(result.stacks)}. {words}", "yellow" if count or result.unread else "green")
