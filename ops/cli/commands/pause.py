"""`hannibal pause` and `hannibal resume`."""

from typing import TYPE_CHECKING

from ops.cli import options
from ops.cli.console import screen
from ops.cli.session import open_session

if TYPE_CHECKING:
    from ops.service.pauses import Action


def pause(
    env: options.Environment = "dev",
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """End the tasks and stop the database until `hannibal resume`, or until the schedule's next day.

    The data stay where they are, the address too. RDS starts a stopped database by itself after seven days; with a
    `schedule` it is stopped again the same evening. For longer, `hannibal stop` costs less.
    """
    _carry_out("pause", env, dry_run=dry_run, yes=yes, json=json)


def resume(
    env: options.Environment = "dev",
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """End a pause: start the database, then the tasks, and wait until they are healthy."""
    _carry_out("resume", env, dry_run=dry_run, yes=yes, json=json)


def _carry_out(action: "Action", env: str, *, dry_run: bool, yes: bool, json: bool) -> None:
    from ops.aws.errors import going_on
    from ops.service import pauses

    with open_session(env, json=json, dry_run=dry_run, yes=yes) as session:
        session.checked_caller()
        settings = session.settings
        plan = pauses.plan(session.aws, action)
        session.refused_unless_looking(plan.refusals)
        for step in plan.steps:
            session.say(f"  {step}")
        if not plan.refusals and not plan.steps:
            session.say("Nothing to do: it is so already.")
        question = f"{action.title()} {settings.project} {settings.environment}?"
        if session.agreed(question=question, refusals=plan.refusals, changes=bool(plan.steps)):
            carry_out = pauses.pause if action == "pause" else pauses.resume
            with going_on(
                f"What was begun goes on by itself. Go on: `hannibal {action} --env {env}`, which may be repeated"
            ):
                carry_out(session.aws)
            session.say("Paused." if action == "pause" else "The service answers again.", "green")
    if json:
        screen.print_json({"plan": plan, "carried_out": not dry_run})
