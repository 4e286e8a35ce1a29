"""`hannibal doctor`."""

from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from ops.cli.console import screen
from ops.cli.console.screen import Console
from ops.cli.session import Session, in_session
from ops.doctor.subjects import Subject
from ops.errors import ExitCode, RefusedError, UnreachableError

if TYPE_CHECKING:
    from ops.doctor.finding import Examination, Finding

_TITLES = {
    Subject.ECS: "Tasks",
    Subject.RELEASE: "Releases",
    Subject.STACK: "Stacks",
    Subject.DATABASE: "Database",
    Subject.EDGE: "Frontend and cache",
    Subject.ALARMS: "Alarms",
    Subject.ACCOUNT: "Account",
}


@in_session(yes=True)
def doctor(
    session: Session,
    subject: Annotated[
        Subject | None, typer.Argument(metavar="SUBJECT", help=f"Only this: {', '.join(Subject)}.", show_default="all")
    ] = None,
    drift: Annotated[
        bool | None,
        typer.Option(
            "--drift/--no-drift",
            help="Let CloudFormation compare all stacks with AWS, which takes a minute or two.",
            show_default="only for `doctor stack`",
        ),
    ] = None,
    fix: Annotated[bool, typer.Option("--fix", help="Carry out the safe remediations, each after asking.")] = False,
) -> None:
    """Find out what is wrong: evidence, the likely cause, and the command that corrects it. Exit code 5 if anything is.

    Looks at tasks that do not start, releases that failed, stacks that are stuck, the network path to the database
    and its password, a stale cache, who receives the alarms, and what the pipeline's credentials may do. Changes
    nothing without --fix, which may continue a failed rollback, invalidate the cache and stop a release.

    Examples:
        hannibal doctor: everything, within seconds; exit code 5 when something is wrong
        hannibal doctor ecs: only why tasks do not start
        hannibal doctor stack --fix: continues a failed rollback, after asking
    """
    from ops.doctor.examinations import examine

    if fix:
        session.checked_caller()
    examinations = examine(
        session.aws,
        list(Subject) if subject is None else [subject],
        drift=subject is Subject.STACK if drift is None else drift,
    )
    for examination in examinations:
        _show(session.console, examination)
    fixed = _fix(session, examinations) if fix else {}
    if session.json:
        causes = {one.cause: "; ".join(text for it, text in fixed.items() if it.cause == one.cause) for one in fixed}
        screen.print_json({"examinations": examinations, "fixed": causes})
    left = [one for examination in examinations for one in examination.troubles if one not in fixed]
    if left:
        count = f"{len(left)} trouble(s) found."
        offer = "" if fix or not any(one.fix for one in left) else " Some can be corrected here: add --fix."
        session.echo(count + offer, "bold red")
        raise typer.Exit(ExitCode.UNHEALTHY)
    if fixed:
        session.echo("Corrected; run this again in a few minutes.", "bold green")
    elif all(it.skipped and not it.findings and not it.healthy for it in examinations):
        # A monitor would take 0 for a healthy system.
        raise UnreachableError(
            "these credentials may read nothing of what was to be examined",
            "Use a role that may, such as the developer role.",
        )
    elif any(examination.skipped for examination in examinations):
        session.echo("Nothing is wrong, as far as these credentials may read.", "bold yellow")
    else:
        notices = sum(len(examination.findings) for examination in examinations)
        more = f" To look at: {notices} notice{'' if notices == 1 else 's'}." if notices else ""
        session.echo(f"Nothing is wrong.{more}", "bold green")


def _show(console: Console, examination: "Examination") -> None:
    console.echo(_TITLES[examination.subject], "bold")
    for finding in examination.findings:
        _show_finding(console, finding)
    for text in examination.healthy:
        console.print(Text.assemble(("  ok       ", "green"), text), soft_wrap=True)
    for text in examination.skipped:
        console.print(Text.assemble(("  skipped  ", "yellow"), text), soft_wrap=True)


def _show_finding(console: Console, finding: "Finding") -> None:
    style = "bold red" if finding.level == "trouble" else "yellow"
    console.print(Text.assemble((f"  {finding.level:<9}", style), finding.summary), soft_wrap=True)
    for one in finding.evidence:
        console.print(Text.assemble((f"           {one.source}: ", "bold dim"), (one.text, "dim")), soft_wrap=True)
    for remediation in finding.remediations:
        console.print(Text.assemble(("           -> ", "green"), remediation.what), soft_wrap=True)
        if remediation.command:
            console.echo(f"              {remediation.command}", "cyan")


def _fix(session: Session, examinations: "tuple[Examination, ...]") -> "dict[Finding, str]":
    """Carry out each fix to which the person agrees; returns what was done, by finding."""
    results: dict[Finding, str] = {}
    for finding in (it for examination in examinations for it in examination.findings):
        if finding.fix is None:
            continue
        try:
            screen.confirm(finding.fix.question, yes=session.yes)
        except RefusedError as refusal:
            session.echo(f"  left as it is: {refusal.problem}")
            continue
        results[finding] = finding.fix.carry_out(session.aws)
        session.echo(f"  done: {results[finding]}", "green")
    return results
