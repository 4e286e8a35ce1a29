"""`hannibal alarms`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from installation.names import GUARDRAIL_STACK
from ops.cli import options
from ops.cli.console import screen
from ops.cli.console.screen import Console
from ops.cli.session import Session, connected, in_session, settings_of
from ops.errors import RefusedError, UnhealthyError

if TYPE_CHECKING:
    from ops.service.alarms import Alarm, Change
    from ops.service.alert_subscriptions import Audience

app = typer.Typer(name="alarms", invoke_without_command=True)
_STYLES = {"ALARM": "bold red", "OK": "green", "INSUFFICIENT_DATA": "yellow"}


@app.callback()
def alarms(
    context: typer.Context,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="How far back the history goes: 12h, 7d, or a moment in ISO 8601.")
    ] = "24h",
    check: Annotated[bool, typer.Option("--check", help="Exit with 5 when an alarm is in ALARM.")] = False,
    env: options.Environment = "dev",
    json: options.Json = False,
) -> None:
    """Show every alarm: its state, since when and why; and which alarms were in ALARM.

    CloudWatch keeps the history of 30 days, also of alarms that were deleted with their stack.
    """
    from ops.account.caller import own_caller
    from ops.service.alarms import REMEMBERED, read_alarms, read_changes
    from ops.service.logs import moment_of

    if context.invoked_subcommand is not None:
        return
    settings = settings_of(env)
    now = datetime.now(UTC)
    start = max(moment_of(since, now), now - REMEMBERED)  # CloudWatch has no older history
    with connected(settings) as aws:
        own_caller(aws)
        current = read_alarms(aws)
        changes = read_changes(aws, start)
    if json:
        screen.print_json({"alarms": current, "history": changes})
    else:
        console = screen.out()
        _show(console, current, now)
        _show_changes(console, changes, start)
    loud = [alarm for alarm in current if alarm.in_alarm]
    if check and loud:
        raise UnhealthyError(f"{len(loud)} alarm(s) in ALARM", *(f"{alarm.name}: {alarm.reason}" for alarm in loud))


@app.command("test")
@in_session()
def send_test(
    session: Session, dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say who would receive it.")] = False
) -> None:
    """Send a test alert to the topic of the alarms, and show who receives it. Exit code 5 if nobody does.

    Works while the month is stopped as well: the topic and its subscriptions outlive it.
    """
    from ops.service.alert_subscriptions import read_audience, send_test_alert, topic_arn
    from ops.stacks.state import how_to_recreate

    aws, settings = session.aws, session.settings
    caller = session.checked_caller()
    audience = read_audience(aws, topic_arn(settings, caller.account, settings.names.alert_topic))
    if audience is None:
        raise RefusedError(
            f"there is no topic {settings.names.alert_topic} in account {caller.account}",
            how_to_recreate(aws, GUARDRAIL_STACK),
        )
    message = "" if dry_run else send_test_alert(aws, audience, caller.identity)
    if session.json:
        screen.print_json({"audience": audience, "heard_by": audience.confirmed, "message_id": message or None})
    else:
        _show_audience(session.console, audience, sent=not dry_run)
    if not audience.confirmed:
        raise UnhealthyError(
            audience.trouble,
            f"`hannibal doctor alarms --env {session.environment}` says what to do about each subscription.",
        )


def _show_audience(console: Console, audience: "Audience", *, sent: bool) -> None:
    console.echo(f"{'Sent' if sent else 'Would be sent'} to {audience.name}, which is received by:", "bold")
    styles = {"confirmed": "green", "waiting": "bold red", "gone": "dim"}
    notes = {"confirmed": "", "waiting": "  waits for its confirmation, and gets nothing", "gone": "  unsubscribed"}
    for one in audience.subscriptions:
        console.echo(f"  {one.protocol} {one.endpoint}{notes[one.state]}", styles[one.state])
    if not audience.subscriptions:
        console.echo("  nobody", "bold red")


def _show(console: Console, current: "tuple[Alarm, ...]", now: datetime) -> None:
    if not current:
        console.echo("There are no alarms: nothing is deployed.")
        return
    table = screen.table("ALARM", "STATE", "SINCE")
    for alarm in current:
        table.add_row(alarm.name, Text(alarm.state, style=_STYLES.get(alarm.state, "")), screen.ago(now, alarm.since))
    console.print(table)
    for alarm in current:
        if alarm.state == "ALARM":
            console.echo(f"{alarm.name}: {alarm.reason}", "red")


def _show_changes(console: Console, changes: "tuple[Change, ...]", start: datetime) -> None:
    raised = {change.name for change in changes if change.state == "ALARM"}
    if not raised:
        console.echo(f"No alarm went into ALARM since {start:%Y-%m-%d %H:%M %Z}.", "green")
        return
    console.echo(f"Alarms that went into ALARM since {start:%Y-%m-%d %H:%M %Z}, the newest change first", "bold")
    for change in changes:
        if change.name in raised:
            text = Text.assemble(
                f"  {change.time:%m-%d %H:%M:%S} {change.name} ", (change.state, _STYLES.get(change.state, ""))
            )
            console.print(text.append(f"  {change.reason}", style="dim"), soft_wrap=True)
