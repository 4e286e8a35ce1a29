"""Watches a release, asks a person at Ctrl-C what to do, and ends the command with the release's result."""

import sys
from typing import Final

import typer

from ops.aws.errors import with_advice
from ops.cli.console import screen
from ops.cli.console.release_progress import print_event, release_reporter
from ops.cli.session import Session
from ops.errors import CancelledError, FailedError, RolledBackError
from ops.release.deployment import stop_deployment
from ops.release.watch import Outcome, ReleaseResult, watch
from ops.service.ecs_service import describe_active_service, no_service

_IT_STAYS: Final = (
    "its changes stay. If the old one fails with them, release the new one again with --ignore-alarms, or one that "
    "corrects them: docs/releases.md, the schema"
)


def watch_release(session: Session, deployment_id: str) -> ReleaseResult:
    """Show a release until it has ended. Ctrl-C asks what to do with it.

    Raises:
        CancelledError: the person leaves it running, or nobody is there to ask.
        UnreachableError: AWS no longer answers, while the release continues.
    """
    while True:
        try:
            advice = _advice(deployment_id)
            with with_advice(*advice), release_reporter(session.console, json=session.json) as show:
                return watch(session.aws, deployment_id, show=show)
        except KeyboardInterrupt:
            _ask_how_to_continue(session, deployment_id)


def migration_advice(session: Session, *, migrated: bool | None = None) -> tuple[str, ...]:
    """Advice about a migration before a rollback; None where another command may have migrated."""
    if migrated is None and session.settings.release.migrate:
        return (f"If the new image's migration has run, {_IT_STAYS}",)
    return (f"The new image's migration has run, and {_IT_STAYS}",) if migrated else ()


def _advice(deployment_id: str) -> tuple[str, ...]:
    return (
        f"Deployment {deployment_id} continues by itself, but the record of releases is not written yet.",
        "Watch it to its end, which writes the record: `hannibal release --wait`",
        "Roll it back: `hannibal rollback`",
    )


def _ask_how_to_continue(session: Session, deployment_id: str) -> None:
    """Ask whether to stop a release, leave it running, or continue watching; returns to continue."""
    cancelled = CancelledError("interrupted", *_advice(deployment_id))
    if session.json or not sys.stdin.isatty():
        raise cancelled
    try:
        answer = typer.prompt(
            "The release continues. [s]top it with rollback, [l]eave it running, or [w]atch it?", default="w", err=True
        )
    except typer.Abort:  # a second Ctrl-C
        raise cancelled from None
    choice = str(answer).strip().lower()[:1]
    if choice == "l":
        raise cancelled
    if choice == "s" and not stop_deployment(session.aws, deployment_id):
        session.echo(f"{deployment_id} has ended already, so it is not stopped.", "yellow")


def conclude(
    session: Session, result: ReleaseResult, *, expected: Outcome = Outcome.SUCCEEDED, migrated: bool | None = None
) -> None:
    """Print how a release ended.

    Args:
        expected: the requested end, for example a rollback.
        migrated: whether the new image's migration ran before it; None where another command began it.

    Raises:
        RolledBackError: it was rolled back, and that was not wanted.
        FailedError: it failed and was not rolled back.
    """
    if session.json:
        print_event("result", result)
    took = screen.span(result.duration)
    if result.outcome is Outcome.SUCCEEDED and expected is Outcome.SUCCEEDED:
        session.echo(f"Released {result.image} in {took}; it is what the next month starts with.", "green")
        if result.deregistered:
            session.echo(f"Deregistered old revisions: {', '.join(result.deregistered)}", "dim")
        return
    if result.outcome is Outcome.ROLLED_BACK:
        advice = migration_advice(session, migrated=migrated)
        if expected is Outcome.ROLLED_BACK:
            session.echo(f"Rolled back after {took}: {result.running} serves again.", "green")
            for line in advice:
                session.echo(line)
            return
        where = f" in {result.step}" if result.step else ""
        raise RolledBackError(
            f"rolled back{where} after {took} ({result.code}): {result.reason}",
            f"{result.running} serves again; the record of releases is unchanged.",
            *advice,
            "What its tasks ended with: `hannibal doctor`. What to do for each cause: docs/releases.md",
        )
    if result.outcome is Outcome.SUCCEEDED:
        raise FailedError(
            f"the release of {result.image} succeeded before it could be stopped", "Go back: `hannibal rollback`"
        )
    raise FailedError(
        f"deployment {result.deployment_id} ended without a rollback ({result.code}): {result.reason}",
        _advice_after_failure(session, result),
    )


def _advice_after_failure(session: Session, result: ReleaseResult) -> str:
    if not result.running and describe_active_service(session.aws) is None:
        return no_service(session.aws, "the month was ended meanwhile: `hannibal status`")
    return f"{result.running or 'nothing'} serves now. See `hannibal status`, then go back: `hannibal rollback`"
