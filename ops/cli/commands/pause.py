"""`hannibal pause` and `hannibal resume`."""

from typing import TYPE_CHECKING

from ops.cli.console import screen
from ops.cli.session import Session, changing
from ops.errors import refuse

if TYPE_CHECKING:
    from ops.service.pauses import Action


@changing
def pause(session: Session) -> None:
    """End the tasks and stop the database until `hannibal resume`, or until the schedule's next day.

    Data and address stay as they are. RDS starts a stopped database by itself after seven days; with a
    `schedule` it is stopped again the same evening. For longer, `hannibal stop` costs less.
    """
    _carry_out(session, "pause")


@changing
def resume(session: Session) -> None:
    """End a pause: start the database, then the tasks, and wait until they are healthy."""
    _carry_out(session, "resume")


def _carry_out(session: Session, action: "Action") -> None:
    from ops.aws.errors import with_advice
    from ops.service import pauses

    session.checked_caller()
    plan = pauses.plan(session.aws, action)
    session.refuse_unless_dry_run(plan.refusals)
    for step in plan.steps:
        session.echo(f"  {step}")
    if not plan.refusals and not plan.steps:
        session.echo("Nothing to do: it is in that state already.")
    question = f"{action.title()} {session.settings.project} {session.environment}?"
    if session.confirmed(question=question, refusals=plan.refusals, changes=bool(plan.steps)) and plan.steps:
        refuse(pauses.plan(session.aws, action).refusals)  # others may have begun something meanwhile
        carry_out = pauses.pause if action == "pause" else pauses.resume
        command = f"`hannibal {action} --env {session.environment}`, which may be repeated"
        with with_advice(f"What was begun continues by itself. To continue: {command}"):
            carry_out(session.aws, screen.detail_printer(session.console))
        session.echo("Paused." if action == "pause" else "The service answers again.", "green")
    if session.json:
        screen.print_json({"plan": plan, "carried_out": not session.dry_run})
