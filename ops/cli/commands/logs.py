"""`hannibal logs`."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from ops.cli.console import screen
from ops.cli.session import Session, in_session

_JsonLines = Annotated[bool, typer.Option("--json", help="Print one JSON document a line.")]
_SHORT_ID = 8  # enough to distinguish the tasks of a month


@in_session(json=_JsonLines)
def logs(
    session: Session,
    since: Annotated[
        str, typer.Option(metavar="TIME", help="How far back: 30s, 10m, 2h, 1d, or a moment in ISO 8601.")
    ] = "10m",
    task: Annotated[
        str | None, typer.Option(metavar="ID", help="Only of one task: its id, or the beginning of it.")
    ] = None,
    pattern: Annotated[
        str | None, typer.Option("--filter", metavar="PATTERN", help='CloudWatch Logs filter pattern, such as "ERROR".')
    ] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Show new lines until Ctrl-C.")] = False,
) -> None:
    """Show what the tasks print, also those of earlier releases and months: the log outlives them."""
    from ops.service.logs import moment_of, read_lines

    start = moment_of(since, datetime.now(UTC))
    count = 0
    aws = session.aws
    session.require_own()
    lines = read_lines(
        aws, start=start, task=task, pattern=pattern, follow=follow, sleep=lambda: screen.pause(aws.polling.seconds)
    )
    try:
        for line in lines:
            if session.json:
                screen.print_json(line, indent=None)
            else:
                text = f"{line.time:%m-%d %H:%M:%S} {line.task_id[:_SHORT_ID]} {line.message}"
                screen.print_text(text, flush=True)
            count += 1
    except KeyboardInterrupt:
        return  # the usual way to end --follow
    if not count and not session.json:
        screen.err().echo(f"Nothing since {start:%Y-%m-%d %H:%M:%S %Z}; look further back with --since.", "dim")
