"""`hannibal frontend build`, `publish`, `list` and `rollback`, and `hannibal invalidate`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from installation.names import EDGE_STACK
from ops.cli.console import screen
from ops.cli.console.screen import Console
from ops.cli.session import Session, changing, in_session
from ops.errors import CancelledError, RefusedError

if TYPE_CHECKING:
    from ops.frontend.bucket import Prepared
    from ops.frontend.publication import Publication
    from ops.frontend.publish import Publishing
    from ops.frontend.rollback import Rollback
    from ops.frontend.target import Observer, Result, Target

_SHOWN = 20

app = typer.Typer(
    name="frontend", no_args_is_help=True, help="The pages: build and publish them, see what was published, go back."
)


@app.command()
def build(
    source: Annotated[Path, typer.Option(metavar="DIR", help="Sources, with package.json and package-lock.json.")],
    script: Annotated[str, typer.Option(metavar="NAME", help="Script of package.json that builds.")] = "build",
    output: Annotated[
        str,
        typer.Option(
            metavar="DIR", help="What the build writes, below the sources.", show_default="dist, build or out"
        ),
    ] = "",
) -> None:
    """Build a frontend by npm, as its lock file says, and print the folder to publish.

    The build gets no credentials, because scripts of dependencies run in it. The workflows build in a job that cannot
    reach AWS.
    """
    from ops.frontend.build import build_frontend
    from ops.github.files import set_outputs

    with screen.err().status("building …"):
        folder = build_frontend(source, script=script, output=output or None)
    set_outputs(folder=str(folder))
    screen.out().echo(str(folder))


@app.command()
@changing
def publish(
    session: Session,
    folder: Annotated[
        Path, typer.Option("--folder", metavar="DIR", help="What the frontend's build wrote, such as dist.")
    ],
    note: Annotated[str, typer.Option(metavar="TEXT", help="What it is, such as a commit; `list` shows it.")] = "",
) -> None:
    """Publish a built frontend: new files first, pages last, so that users never see half of it.

    Files whose names carry a hash of their content are kept by browsers for a year; pages and all other files are
    requested each time. Only what changed is sent, and invalidated in CloudFront. What no publication has used for 30
    days is removed. Hidden files and source maps stay out.

    It can be ended at any moment and run again.
    """
    from ops.frontend.publish import plan_publishing
    from ops.frontend.publish import publish as carry_out

    aws, console = session.aws, session.console
    planned = plan_publishing(aws, folder)
    _show_target(console, planned.target, session.environment)
    _show_plan(console, planned)
    result = None
    if planned.plan.changes_nothing and not session.dry_run:
        session.echo("Nothing to publish: users see this build already.")
    elif session.confirmed(question="Publish it?"):
        with _progress(console, "sending") as observe:
            result = carry_out(aws, planned, note=note, observe=observe)
        _show_result(console, result)
    if session.json:
        _print_json(planned, result)


@app.command("list")
@in_session()
def list_publications(session: Session) -> None:
    """Show what was published, the newest first: that one is what users see. `rollback` goes back to any."""
    from ops.frontend.publication import read_publications
    from ops.frontend.target import read_target

    aws = session.aws
    publications = read_publications(aws, read_target(aws).bucket)
    if session.json:
        screen.print_json([_summary(publication) for publication in publications])
        return
    console = session.console
    if not publications:
        console.echo("Nothing was published yet: `hannibal frontend publish --folder DIST`")
        return
    _show_publications(console, publications)


@app.command()
@changing
def rollback(
    session: Session,
    to: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="The publication: its id in `list`, or the beginning of it.",
            show_default="the newest that differs from what users see",
        ),
    ] = None,
) -> None:
    """Show an earlier publication again. Its files are still in the bucket: nothing is built or sent."""
    from ops.frontend.rollback import plan_rollback, roll_back

    aws, console = session.aws, session.console
    planned = plan_rollback(aws, to)
    _show_target(console, planned.target, session.environment)
    _show_rollback(console, planned)
    result = None
    if session.confirmed(question="Show it again?"):
        with _progress(console, "copying") as observe:
            result = roll_back(aws, planned, observe=observe)
        _show_result(console, result)
    if session.json:
        screen.print_json(
            {
                "copy": [file.key for file in planned.copy],
                "invalidate": planned.invalidate,
                "publication": _summary(result.publication) if result else None,
                "invalidation": result.invalidation if result else None,
                "rollback_of": planned.wanted.id,
            }
        )


@in_session()
def invalidate(
    session: Session,
    paths: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="PATH", help="A path, such as '/assets/*'; a star works only at the end.", show_default="/*"
        ),
    ] = None,
    wait: Annotated[
        bool, typer.Option("--wait", help="Wait until it is completed at all edge locations, about five minutes.")
    ] = False,
) -> None:
    """Invalidate what CloudFront has cached, so that users see what was uploaded since."""
    from ops.frontend.invalidation import EVERYTHING, find_distribution, wait_until_completed
    from ops.frontend.invalidation import invalidate as create_invalidation

    selected = tuple(paths or EVERYTHING)
    aws = session.aws
    session.checked_caller()
    distribution = find_distribution(aws)
    try:
        invalidation = create_invalidation(aws, distribution, selected)
    except aws.cloudfront.exceptions.NoSuchDistribution:
        raise RefusedError(
            f"there is no distribution {distribution}",
            f"It was deleted by hand, though {EDGE_STACK} has it: `hannibal doctor stack` says how it comes back",
        ) from None
    if wait:
        invalidation = wait_until_completed(aws, distribution, invalidation)
    if session.json:
        screen.print_json({"distribution": distribution, "paths": selected, "invalidation": invalidation})
        return
    console = session.console
    console.echo(
        f"{invalidation.invalidation_id} of {distribution} is {invalidation.status}: {' '.join(selected)}", "green"
    )
    if invalidation.status != "Completed":
        console.echo("It takes about five minutes: `hannibal doctor edge` says when it is done.")


def _show_target(console: Console, target: "Target", environment: str) -> None:
    from ops.cli.console.plan import show_caller

    show_caller(console, target.caller, environment)
    console.echo(f"Bucket   {target.bucket}")
    if target.distribution is None:
        console.echo("There is no distribution now; users see the pages when the month starts.", "yellow")


def _show_plan(console: Console, planned: "Publishing") -> None:
    plan = planned.plan
    existing = len(plan.known) + len(plan.doubtful)
    size = screen.size(sum(one.size for one in plan.send))
    console.echo(f"Send     {len(plan.send)} file(s), {size}; {existing} are there already")
    _show_some(console, [_file_line(one) for one in plan.send])
    if plan.unused:
        console.echo(f"Remove   {len(plan.unused)} file(s) that nothing uses any more")
        _show_some(console, plan.unused)
    if plan.invalidate:
        console.echo(f"Invalidate {' '.join(plan.invalidate[:_SHOWN])}")
    if planned.left_out:
        console.echo(f"Left out {len(planned.left_out)}: {', '.join(planned.left_out[:_SHOWN])}", "dim")
    for warning in planned.warnings:
        console.echo(f"warning: {warning}", "yellow")


def _file_line(prepared: "Prepared") -> str:
    kept = "for a year" if "immutable" in prepared.headers.cache_control else "requested each time"
    packed = ", compressed" if prepared.headers.content_encoding else ""
    return f"{prepared.key}  {screen.size(prepared.size)}, {kept}{packed}"


def _show_some(console: Console, lines: Sequence[str]) -> None:
    more = [f"and {len(lines) - _SHOWN} more"] if len(lines) > _SHOWN else []
    for line in (*lines[:_SHOWN], *more):
        console.echo(f"           {line}")


def _show_rollback(console: Console, planned: "Rollback") -> None:
    wanted = planned.wanted
    console.echo(f"Show     {wanted.id}, published {wanted.published:%Y-%m-%d %H:%M %Z} {wanted.note}".rstrip())
    console.echo(f"Copy     {len(planned.copy)} file(s); {len(planned.same)} are there")
    _show_some(console, [file.key for file in planned.copy])


def _show_publications(console: Console, publications: "tuple[Publication, ...]") -> None:
    table = screen.table("ID", "PUBLISHED", "FILES", "SIZE", "BY", "NOTE", folded=("BY", "NOTE"))
    for number, publication in enumerate(publications):
        note = f"back to {publication.rollback_of}" if publication.rollback_of else publication.note
        table.add_row(
            publication.id,
            f"{publication.published:%Y-%m-%d %H:%M}",
            str(len(publication.files)),
            screen.size(publication.size),
            publication.published_by.rpartition("/")[2],
            note,
            style="" if number else "bold green",
        )
    console.print(table)


def _show_result(console: Console, result: "Result") -> None:
    done = result.publication
    removed = f", {result.removed} removed" if result.removed else ""
    console.echo(f"Published {done.id}: {len(done.files)} file(s), {result.sent} of them new{removed}.", "green")
    if result.invalidation:
        console.echo(f"CloudFront invalidates what changed ({result.invalidation}), within a few minutes.")
    console.echo("Next: `hannibal status` has the address; `hannibal frontend rollback` goes back.")


def _print_json(planned: "Publishing", result: "Result | None") -> None:
    plan = planned.plan
    screen.print_json(
        {
            "bucket": planned.target.bucket,
            "distribution": planned.target.distribution,
            "send": [one.key for one in plan.send],
            "unchanged": len(plan.known) + len(plan.doubtful),
            "remove": plan.unused,
            "invalidate": plan.invalidate,
            "left_out": planned.left_out,
            "warnings": planned.warnings,
            "publication": _summary(result.publication) if result else None,
            "invalidation": result.invalidation if result else None,
        }
    )


def _summary(publication: "Publication") -> dict[str, object]:
    content = publication.model_dump(exclude={"files"})
    return {**content, "files": len(publication.files), "bytes": publication.size}


@contextmanager
def _progress(console: Console, doing: str) -> Iterator["Observer"]:
    try:
        with console.status(f"{doing} …") as waiting:
            yield lambda done, count, key: waiting.update(f"{doing} {done} of {count}: {key}")
    except KeyboardInterrupt:
        raise CancelledError(
            "interrupted; pages refer only to files that exist",
            "It may be recorded already: see `hannibal frontend list`.",
            "If it is not, run the same command again: it does not send again what is in the bucket.",
        ) from None
