"""`hannibal report`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli import options
from ops.cli.console import files, screen
from ops.cli.session import Session, in_session, templates_of
from ops.errors import UnusableInputError

if TYPE_CHECKING:
    from collections.abc import Callable

    from installation.settings import Settings
    from ops.cost.estimation import Estimate


@in_session()
def report(
    session: Session,
    month: Annotated[
        str | None, typer.Option(metavar="YYYY-MM", help="Month of the report.", show_default="this month")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", metavar="FILE", help="Where to write it.", show_default="hannibal-report-YYYY-MM.html"
        ),
    ] = None,
    exercises: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder with the records of `hannibal exercise run`.")
    ] = options.EXERCISE_RECORDS,
    assembly: options.Assembly = None,
) -> None:
    """Write the month's report for the monthly meeting, one HTML file that needs no network.

    Cost against budget and estimate, releases, alarms, availability and response times, exercises, snapshots, drift,
    dependency updates. A chapter that cannot be read says why. Each page of Cost Explorer costs 0.01 USD.
    """
    from datetime import UTC, datetime

    from ops.report.page import page
    from ops.report.period import period_of
    from ops.report.report import read_report

    period = period_of(month, datetime.now(UTC))
    file = output or Path(f"hannibal-report-{period.month}.html")
    files.check_writable(None if session.json else file)
    if exercises != options.EXERCISE_RECORDS and not exercises.is_dir():
        raise UnusableInputError(f"there is no folder {exercises}")
    content = read_report(session.aws, period, estimate=_estimator(session.settings, assembly), records=exercises)
    if session.json:
        screen.print_json(content)
        return
    files.write(file, page(content))
    console = session.console
    console.echo(f"{file} written")
    if content.missing:
        console.echo(f"Not in the report: {', '.join(content.missing)}; the page says why.", "yellow")


def _estimator(settings: "Settings", assembly: Path | None) -> "Callable[[float], Estimate]":
    """A function that estimates a month with so many days up, from given or newly synthesized templates.

    Raises:
        UnusableInputError: the given folder has no templates. Raised here, because later it would be only one more
            chapter that could not be read.
    """
    from ops.cost.estimation import estimate, estimator

    if assembly is not None:
        return estimator(assembly)

    def compute(days: float) -> "Estimate":
        with templates_of(settings, None) as folder:
            return estimate(folder, days=days)

    return compute
