"""Watches a release for a person, who may press Ctrl-C, and ends the command with what became of it."""

import sys
from typing import TYPE_CHECKING

import typer
from rich.console import Console

from ops.cli.console import screen
from ops.cli.console.release_progress import print_event, release_reporter
from ops.errors import CancelledError, FailedError, RolledBackError
from ops.release.deployment import stop_deployment
from ops.release.watch import Outcome, ReleaseResult, watch

if TYPE_CHECKING:
    from installation.settings import Settings
    from ops.aws.clients import Aws
    from ops.aws.polling import Polling


def watch_release(
    aws: "Aws", settings: "Settings", deployment_id: str, *, console: Console, polling: "Polling", json: bool
) -> ReleaseResult:
    """Show a release until it has ended. Ctrl-C asks what shall become of it.

    Raises:
        CancelledError: the person leaves it running, or nobody is there to ask.
    """
    while True:
        try:
            with release_reporter(console, json=json) as report:
                return watch(aws, settings, deployment_id, show=report.show, polling=polling)
        except KeyboardInterrupt:
            _ask(aws, deployment_id, interactive=sys.stdin.isatty() and not json)


def _ask(aws: "Aws", deployment_id: str, *, interactive: bool) -> None:
    """Stop it, leave it, or come back to go on watching."""
    left = CancelledError(
        f"interrupted; deployment {deployment_id} goes on by itself, but the record of releases is not written yet",
        "Watch it to its end, which writes the record: `hannibal release --wait`",
        "Take it back: `hannibal rollback`",
    )
    if not interactive:
        raise left
    try:
        answer = typer.prompt(
            "The release goes on. [s]top it with rollback, [l]eave it running, or [w]atch on?",
            default="w",
            err=True,
        )
    except typer.Abort:  # a second Ctrl-C
        raise left from None
    choice = str(answer).strip().lower()[:1]
    if choice == "l":
        raise left
    if choice == "s":
        stop_deployment(aws.codedeploy, deployment_id)


def conclude(console: Console, result: ReleaseResult, *, json: bool, wanted: Outcome = Outcome.SUCCEEDED) -> None:
    """Say how it ended.

    Args:
        console: where text goes.
        result: how it ended.
        json: whether a script listens.
        wanted: the end that was wanted: a person who takes a release back wants it rolled back.

    Raises:
        RolledBackError: it was rolled back, and that was not wanted.
        FailedError: it failed and was not rolled back.
    """
    if json:
        print_event("result", result)
    took = screen.span(result.duration)
    if result.outcome is Outcome.SUCCEEDED and wanted is Outcome.SUCCEEDED:
        screen.line(console, f"Released {result.image} in {took}; it is what the next month starts with.", "green")
        if result.deregistered:
            screen.line(console, f"Deregistered old revisions: {', '.join(result.deregistered)}", "dim")
        return
    if result.outcome is Outcome.ROLLED_BACK:
        if wanted is Outcome.ROLLED_BACK:
            screen.line(console, f"Rolled back after {took}: {result.running} serves again.", "green")
            return
        where = f" in {result.step}" if result.step else ""
        raise RolledBackError(
            f"rolled back{where} after {took} ({result.code}): {result.reason}",
            f"{result.running} serves again; the record of releases is unchanged.",
            "What to do for each cause: docs/releases.md",
        )
    if result.outcome is Outcome.SUCCEEDED:
        raise FailedError(
            f"the release of {result.image} succeeded before it could be stopped", "Go back: `hannibal rollback`"
        )
    raise FailedError(
        f"deployment {result.deployment_id} ended without a rollback ({result.code}): {result.reason}",
        f"{result.running or 'nothing'} serves now. See `hannibal status`, then go back: `hannibal rollback`",
    )
