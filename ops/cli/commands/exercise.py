"""`hannibal exercise list`, `show`, `run` and `clear`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli import options
from ops.cli.console import screen
from ops.cli.console.files import make_folder
from ops.cli.session import Session, changing
from ops.errors import CancelledError, ExitCode, FailedError

if TYPE_CHECKING:
    from ops.cli.console.screen import Console
    from ops.month.exercise.exercise import Exercise
    from ops.month.exercise.plan import ExercisePlan
    from ops.month.exercise.run import Result

app = typer.Typer(name="exercise", no_args_is_help=True, help="Make something fail on purpose, and measure.")


def _names() -> list[str]:
    """Names for the shell's completion."""
    from ops.month.exercise.exercise import names

    return list(names())


NameArgument = Annotated[
    str,
    typer.Argument(metavar="NAME", help="A name of `hannibal exercise list`, or a YAML file.", autocompletion=_names),
]


@app.command("list")
def list_exercises(json: options.Json = False) -> None:
    """List the exercises that come with this command."""
    from ops.month.exercise.exercise import load, names

    found = {name: load(name) for name in names()}
    if json:
        screen.print_json({name: it.model_dump() for name, it in found.items()})
        return
    for name, exercise in found.items():
        screen.out().echo(f"{name:<18} {exercise.title}. {exercise.why}")


@app.command()
def show(name: NameArgument, json: options.Json = False) -> None:
    """Show what an exercise does, expects and ends with."""
    from ops.month.exercise.exercise import load

    exercise = load(name)
    if json:
        screen.print_json(exercise.model_dump())
        return
    _show(screen.out(), exercise)


@app.command()
@changing
def run(
    session: Session,
    name: NameArgument,
    image: Annotated[
        str | None, typer.Option(metavar="URI", help="Image for `bad-release`: one that does not become healthy.")
    ] = None,
    folder: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the record is written.")
    ] = options.EXERCISE_RECORDS,
) -> None:
    """Make something fail on purpose, measure the time to the alarm and to recovery, and write a record.

    On the embedded AWS it injects a fault; in an account it uses FIS, which needs `exercises: true` in the settings,
    and alarms stop the experiment. The exit code is 5 if the expectation was not met. The fault is ended in any case.
    """
    from ops.month.exercise import faults
    from ops.month.exercise.exercise import load
    from ops.month.exercise.plan import plan as make_plan
    from ops.month.exercise.run import run as carry_out
    from ops.report.exercise_record import write
    from ops.service.signals import ended_with_terminal

    exercise = load(name)
    aws, settings = session.aws, session.settings
    caller = session.checked_caller()
    plan = make_plan(aws, name, exercise, caller, image)
    _show(session.console, exercise)
    if plan.method is not None:
        session.echo(f"Fault      {plan.method.text}")
    typed = "" if caller.endpoint else settings.project
    question = f"Run {name} in {settings.environment}?"
    if session.dry_run and session.json:
        screen.print_json({"exercise": exercise.model_dump(), "fault": plan.method, "refusals": plan.refusals})
    if not session.confirmed(question=question, typed=typed, refusals=plan.refusals):
        return
    make_folder(folder)  # before the exercise, which would be useless without its record
    try:
        with ended_with_terminal():
            result = carry_out(
                aws,
                plan,
                factor=faults.clock_factor(caller.endpoint),
                now=lambda: datetime.now(UTC),
                show=lambda moment: session.echo(f"{moment.seconds:>7.0f} s  {moment.text}"),
            )
    except KeyboardInterrupt:
        problem = "interrupted: what this exercise began is ended; an experiment of FIS ends by itself"
        raise CancelledError(problem, "Nothing is recorded. Run it again to start from the beginning.") from None
    _conclude(session.console, plan, result)
    try:
        files = write(folder, plan, result, caller, settings.environment)
    except OSError as error:
        raise FailedError(
            f"the record cannot be written to {folder}: {error.strerror}", "What was measured is above."
        ) from error
    session.echo(f"Record     {files[1]}")
    if session.json:
        screen.print_json({"met": result.met, "result": result, "record": [str(file) for file in files]})
    if not result.met:
        raise typer.Exit(ExitCode.UNHEALTHY)


@app.command()
@changing
def clear(session: Session) -> None:
    """End every fault of the embedded AWS: of an exercise that was killed, or injected by hand.

    In an account there is nothing to end: an experiment of FIS ends by itself.
    """
    from ops.month.exercise.faults import end_all, faults_in_effect

    endpoint = session.checked_caller().endpoint
    faults = faults_in_effect(endpoint)
    for fault in faults:
        session.echo(f"In effect: {fault.text}")
    if not faults:
        session.echo("No fault is in effect.")
    elif endpoint and session.confirmed(question="End all of them?"):
        end_all(endpoint)
        session.echo("Ended.", "green")
    if session.json:
        screen.print_json({"faults": faults})


def _show(console: "Console", exercise: "Exercise") -> None:
    expect = exercise.expect
    heard = f" within {expect.detected_within_minutes:g} min" if expect.detected_within_minutes else ""
    console.echo(exercise.title, "bold")
    console.echo(f"Why        {exercise.why}")
    alarms = " or ".join(expect.alarms)
    console.echo(f"Expected   {f'the alarm {alarms} goes into ALARM{heard}' if alarms else 'no alarm goes into ALARM'}")
    console.echo(f"           healthy within {expect.recovered_within_minutes:g} min")
    console.echo(f"At most    {exercise.at_most_minutes:g} min")


def _conclude(console: "Console", plan: "ExercisePlan", result: "Result") -> None:
    heard = f"after {result.detected_seconds:g} s by {result.detected_by}" if result.detected_by else "by no alarm"
    healthy = "not in time" if result.recovered_seconds is None else f"after {result.recovered_seconds:g} s"
    console.echo(f"Detected   {heard}")
    console.echo(f"Recovered  {healthy}")
    for objection in result.objections:
        console.echo(f"           {objection}", "red")
    style = "green" if result.met else "bold red"
    console.echo(f"{plan.exercise.title}: the expectation was {'met' if result.met else 'not met'}.", style)
