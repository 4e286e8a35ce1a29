"""`hannibal releases`."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table
from rich.text import Text

from ops.cli.console import screen
from ops.cli.console.screen import Console
from ops.cli.session import Session, in_session

if TYPE_CHECKING:
    from ops.release.history import History, PastRelease

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

    session.require_own()
    history = read_history(session.aws, most)
    if session.json:
        screen.print_json(history)
        return
    _show(session.console, history, datetime.now(UTC))


def _show(console: Console, history: "History", now: datetime) -> None:
    if not history.deployments:
        console.echo("CodeDeploy has no release; it loses them at a month's end.")
    else:
        wide = console.width >= screen.WIDE
        recorded = {record.image for record in history.records}
        console.print(_deployments(history, now, wide=wide))
        for past in history.deployments:
            if text := past.reason if wide else _details(past, recorded):
                console.echo(f"{past.deployment_id}: {text}", "dim")
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
    long = ("IMAGE", "WHO") if wide else ()  # without room for them, they stand below the table
    table = screen.table("DEPLOYMENT", "WHEN", "MODE", "TOOK", "RESULT", "REV", "CONFIG", *long, folded=long)
    for past in history.deployments:
        table.add_row(
            past.deployment_id,
            screen.ago(now, past.created),
            past.mode,
            screen.span(past.duration) if past.duration else "-",
            Text(past.result, style=_STYLES.get(past.result, "yellow")),
            past.revision.rpartition(":")[2],
            f"of {past.like.rpartition(':')[2]}" if past.like else "",
            *((Text(past.image), Text(_name(past.who), style="dim")) if wide else ()),
        )
    return table


def _details(past: "PastRelease", recorded: Collection[str]) -> str:
    """What a narrow table leaves out. The record below it has the whole image, unless the release failed."""
    image = screen.short_image(past.image) if past.image in recorded else past.image
    parts = ", ".join(filter(None, (image, past.who and f"by {_name(past.who)}")))
    return ". ".join(filter(None, (parts, past.reason)))


def _name(arn: str) -> str:
    """The last part of an ARN: user, or role and session."""
    return arn.rpartition(":")[2]
