"""`hannibal releases`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from ops.cli.console import screen
from ops.cli.console.screen import Console
from ops.cli.session import Session, in_session

if TYPE_CHECKING:
    from ops.release.history import History

_STYLES = {"Succeeded": "green", "Failed": "bold red", "RolledBack": "red", "Stopped": "red"}


@in_session()
def releases(
    session: Session,
    most: Annotated[
        int, typer.Option("--number", "-n", min=1, max=1000, help="How many to show, the newest first.")
    ] = 20,
) -> None:
    """Show what was released: image, mode, duration, result and who, and the record over all months."""
    from ops.release.history import read_history

    aws = session.aws
    session.require_own()
    history = read_history(aws, most)
    if session.json:
        screen.print_json(history)
        return
    _show(session.console, history, datetime.now(UTC))


def _show(console: Console, history: "History", now: datetime) -> None:
    if not history.deployments:
        console.echo("CodeDeploy has no release; it loses them at a month's end.")
    else:
        console.print(_deployments(history, now, wide=console.width >= screen.WIDE))
        for past in history.deployments:
            if past.reason:
                console.echo(f"{past.deployment_id}: {past.reason}", "dim")
    if history.records:
        console.echo("The record, over all months; the first line is what the next month starts with:", "bold")
        table = Table(box=None, pad_edge=False, show_header=False)
        for record in history.records:
            table.add_row(
                Text(f"  {record.version}"),
                Text(screen.ago(now, record.since)),
                Text(record.image, overflow="fold"),
                Text(_name(record.who), style="dim"),
            )
        console.print(table)


def _deployments(history: "History", now: datetime, *, wide: bool) -> Table:
    # Where there is no room, the last part of an image is enough; the record below has the full name.
    headings = ("DEPLOYMENT", "WHEN", "MODE", "TOOK", "RESULT", "REV", "CONFIG", "IMAGE", "WHO")
    table = screen.table(*headings, folded=("IMAGE", "WHO"))
    for past in history.deployments:
        table.add_row(
            past.deployment_id,
            screen.ago(now, past.created),
            past.mode,
            screen.span(past.duration) if past.duration else "-",
            Text(past.result, style=_STYLES.get(past.result, "yellow")),
            past.revision.rpartition(":")[2],
            f"of {past.like.rpartition(':')[2]}" if past.like else "",
            Text(past.image if wide else past.image.rpartition("/")[2]),
            Text(_name(past.who), style="dim"),
        )
    return table


def _name(arn: str) -> str:
    """The last part of an ARN: user, or role and session."""
    return arn.rpartition(":")[2]
