"""`hannibal runs`."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ops.cli.console import screen
from ops.cli.console.screen import Console
from ops.cli.session import Session, in_session

if TYPE_CHECKING:
    from ops.service.one_off_record import Run


@in_session()
def runs(
    session: Session,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="How far back: 30m, 2h, 1d, 4w, or a moment in ISO 8601.")
    ] = "4w",
) -> None:
    """Show who ran what with `hannibal run`, and the migrations of releases, over all months.

    The record is kept as long as the service's log: `service.log_retention_days`.
    """
    from ops.service.logs import since as moment_of
    from ops.service.one_off_record import read_runs

    start = moment_of(since, datetime.now(UTC))
    aws = session.aws
    session.require_own()
    found = read_runs(aws, start=start)
    if session.json:
        screen.print_json(found)
    elif found:
        _show(session.console, found, datetime.now(UTC))
    else:
        screen.err().echo(f"Nothing was run since {start:%Y-%m-%d %H:%M:%S %Z}.", "dim")


def _show(console: Console, records: "tuple[Run, ...]", now: datetime) -> None:
    folded = ("COMMAND", "IMAGE", "WHO")
    table = screen.table("WHEN", "WHAT", "EXIT", "TASK", *folded, folded=folded)
    for run in records:
        ended = "-" if run.exit_code is None else str(run.exit_code)
        table.add_row(
            screen.ago(now, run.time),
            run.purpose,
            Text(ended, style="green" if run.exit_code == 0 else "bold red" if run.exit_code else "dim"),
            run.task_id[:8] or "-",
            Text(run.text),
            Text(run.image.rpartition("/")[2]),
            Text(run.who.rpartition(":")[2], style="dim"),
        )
    console.print(table)
