"""`hannibal alarms`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ops.cli import options
from ops.cli.console import screen
from ops.cli.session import connected, settings_of
from ops.errors import UnhealthyError

if TYPE_CHECKING:
    from ops.service.alarms import Alarm, Change

_STYLES = {"ALARM": "bold red", "OK": "green", "INSUFFICIENT_DATA": "yellow"}


def alarms(
    since: Annotated[
        str, typer.Option(help="How far back the history goes: 12h, 7d, or a moment in ISO 8601.")
    ] = "24h",
    check: Annotated[bool, typer.Option("--check", help="Exit with 5 when an alarm sounds.")] = False,
    env: options.Environment = "dev",
    json: options.Json = False,
) -> None:
    """Show every alarm with its state, since when it has it and why, and which sounded: the daily look.

    CloudWatch keeps the history of 30 days, also of alarms that went with their stack.
    """
    from ops.service.alarms import read_alarms, read_changes
    from ops.service.logs import since as moment_of

    settings = settings_of(env)
    now = datetime.now(UTC)
    start = moment_of(since, now)
    with connected(settings) as aws:
        found = read_alarms(aws.cloudwatch, f"{settings.project}-")
        changes = read_changes(aws.cloudwatch, f"{settings.project}-", start)
    if json:
        screen.print_json({"alarms": found, "history": changes})
    else:
        console = screen.out()
        _show(console, found, now)
        _show_changes(console, changes, start)
    loud = [alarm for alarm in found if alarm.state == "ALARM"]
    if check and loud:
        raise UnhealthyError(f"{len(loud)} alarm(s) sound", *(f"{alarm.name}: {alarm.reason}" for alarm in loud))


def _show(console: Console, found: "tuple[Alarm, ...]", now: datetime) -> None:
    if not found:
        screen.line(console, "There are no alarms: nothing is deployed.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("ALARM", "STATE", "SINCE"):
        table.add_column(heading, no_wrap=True)
    for alarm in found:
        table.add_row(alarm.name, Text(alarm.state, style=_STYLES.get(alarm.state, "")), screen.ago(now, alarm.since))
    console.print(table)
    for alarm in found:
        if alarm.state == "ALARM":
            screen.line(console, f"{alarm.name}: {alarm.reason}", "red")


def _show_changes(console: Console, changes: "tuple[Change, ...]", start: datetime) -> None:
    sounded = {change.name for change in changes if change.state == "ALARM"}
    if not sounded:
        screen.line(console, f"No alarm sounded since {start:%Y-%m-%d %H:%M %Z}.", "green")
        return
    screen.line(console, f"Alarms that sounded since {start:%Y-%m-%d %H:%M %Z}, the newest change first", "bold")
    for change in changes:
        if change.name in sounded:
            text = Text.assemble(
                f"  {change.time:%m-%d %H:%M:%S} {change.name} ", (change.state, _STYLES.get(change.state, ""))
            )
            console.print(text.append(f"  {change.reason}", style="dim"), soft_wrap=True)
