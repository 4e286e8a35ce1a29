"""`hannibal iam review`."""

import json as json_text
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli import options
from ops.cli.console import files, screen
from ops.cli.session import connected, settings_of
from ops.errors import FailedError, UnreachableError, UnusableInputError

if TYPE_CHECKING:
    from installation.settings import Settings
    from ops.aws.clients import Aws
    from ops.iam.review.review import Review

_MOST_NAMED = 20


def review(
    role: Annotated[str, typer.Option("--role", metavar="NAME", help="The role's name or ARN.")],
    days: Annotated[int, typer.Option("--days", min=1, max=3660, help="Number of days to read.")] = 31,
    logs: Annotated[
        Path | None, typer.Option("--logs", metavar="PATH", help="Folder of CloudTrail files, or one file.")
    ] = None,
    athena: Annotated[bool, typer.Option("--athena", help="The account's trail, through Athena.")] = False,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="Last day. Default: that of the newest event of the files, or today."),
    ] = None,
    policy: Annotated[
        list[Path] | None,
        typer.Option("--policy", metavar="FILE", help="Policy of the role as JSON, instead of AWS; may be repeated."),
    ] = None,
    boundary: Annotated[
        Path | None, typer.Option("--boundary", metavar="FILE", help="Its boundary as JSON, to go with --policy.")
    ] = None,
    assembly: Annotated[
        Path | None,
        typer.Option("--assembly", metavar="DIR", help="Read the role's policies from templates (cdk.out)."),
    ] = None,
    proposed: Annotated[
        Path | None, typer.Option("--proposed", metavar="FILE", help="Write the proposed policy there.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Also write the review as an HTML page.")
    ] = None,
    json: options.Json = False,
    env: options.Environment = "dev",
) -> None:
    """Compare what a role is granted with what CloudTrail says it used, and on which resources; propose a policy.

    The proposed policy allows the actions that were used, on the resources that were used, as far as the records
    contain them. All recorded calls are replayed against it; calls that depend on values that are not recorded are
    listed. The role's policies are read from AWS, or without an account from templates or --policy. The exit code is 2
    if a file or a policy could not be read (it is named, and the others are used), and 1 if the replay refuses a call.
    """
    from ops.cli.console.iam_review_tables import document, reading, show
    from ops.iam.review.running import ReviewOptions, run
    from ops.report.iam_review_page import page
    from ops.stacks.checkout import this_checkout

    if (logs is None) is not athena:
        raise UnusableInputError("give one of --logs PATH and --athena, where the records are")
    settings = settings_of(env)
    options = ReviewOptions(
        role=role,
        days=days,
        last=until.date() if until else None,
        logs=logs,
        policies=tuple(policy or ()),
        boundary=boundary,
        assembly=assembly,
        fallback=this_checkout().root / "cdk.out",
    )
    options.check()
    files.check_writable(html, proposed)
    with ExitStack() as stack:
        aws = _account(settings, stack, required=athena) if athena or options.asks_account else None
        with reading(screen.err()) as progress:
            result = run(options, aws, progress=progress)
    if proposed is not None and not result.proof.events:
        raise UnusableInputError(
            f"no authorized call of {role} could be read in the window: a proposed policy would allow nothing of them",
            "Give records of the role (--logs), or a longer window (--days).",
        )
    if html:
        files.write(html, page(result))
    if proposed:
        files.write(proposed, json_text.dumps(result.proposed, indent=2) + "\n")
    if json:
        screen.print_json(document(result))
    else:
        show(screen.out(), result)
        for file in filter(None, (html, proposed)):
            screen.out().echo(f"{file} written")
    _conclude(result)


def _account(settings: "Settings", stack: ExitStack, *, required: bool) -> "Aws | None":
    """The account's clients; None where it cannot be reached and is not required."""
    from ops.account.caller import identify
    from ops.aws.errors import translated_errors

    try:
        aws = stack.enter_context(connected(settings))
        with translated_errors():
            identify(aws)
    except UnreachableError as error:
        if required:
            raise
        screen.err().echo(f"No account: {error.problem}. Policies are looked for in templates.", "dim")
        return None
    return aws


def _conclude(result: "Review") -> None:
    """End with an error where a script must see it in the exit code.

    Raises:
        FailedError: the proposed policy would refuse authorized calls.
        UnusableInputError: not all files or policies could be used.
    """
    if not result.proof.holds:
        calls = result.proof.refused_calls
        raise FailedError(f"the proposed policy would refuse {calls} authorized calls; do not use it")
    if result.complete:
        return
    named = [f"{one.file}: {one.reason}" for one in result.problems if one.serious]
    named += result.policy_problems
    more = [f"and {len(named) - _MOST_NAMED} more; --json names all"] if len(named) > _MOST_NAMED else []
    raise UnusableInputError(
        f"{len(named)} files or policies could not be used; the rest was", *named[:_MOST_NAMED], *more
    )
