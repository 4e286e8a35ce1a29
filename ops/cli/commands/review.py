"""`hannibal review`."""

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ops.cli import options
from ops.cli.console import files, screen
from ops.errors import BrokenError, ExitCode, FailedError, OpsError, UnusableInputError

if TYPE_CHECKING:
    from ops.review.review import Review, Side
    from ops.stacks.checkout import Checkout


Format = Literal["markdown", "json", "sarif"]


@dataclass(frozen=True, kw_only=True)
class _Inputs:
    """The given folders and commits of both sides."""

    base: Path | None
    head: Path | None
    base_commit: str
    head_commit: str


def review(
    base: Annotated[Path | None, typer.Option(metavar="DIR", help="`cdk.out` before the change.")] = None,
    head: Annotated[Path | None, typer.Option(metavar="DIR", help="`cdk.out` after the change.")] = None,
    base_ref: Annotated[
        str | None, typer.Option(metavar="REF", help="Synthesize instead: the branch that the change goes to.")
    ] = None,
    head_ref: Annotated[str, typer.Option(metavar="REF", help="With --base-ref: the change.")] = "HEAD",
    env: options.Environment = "dev",
    report: Annotated[Format, typer.Option("--format", help="How the report is written.")] = "markdown",
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the report to this file, and print the verdict.")
    ] = None,
    everything: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Also write the whole report as JSON, which is never shortened.")
    ] = None,
    accept_risk: Annotated[
        bool, typer.Option("--accept-risk", help="The risks were accepted (by a label): show them, and exit with 0.")
    ] = False,
    base_commit: Annotated[str, typer.Option(metavar="SHA", help="Commit of --base, for the report.")] = "",
    head_commit: Annotated[str, typer.Option(metavar="SHA", help="Commit of --head, for the report.")] = "",
    full_report: Annotated[
        str, typer.Option(metavar="TEXT", help="Where the whole report is; a shortened report names it.")
    ] = "",
    explain: Annotated[
        str,
        typer.Option(
            metavar="RULE", help="Only explain a rule: what it sees, why, how to accept it. `all` lists them."
        ),
    ] = "",
) -> None:
    """Review a change by its templates: data, running month, permissions, ports, replacements, cost. No AWS needed.

    With --base-ref, the code of both commits runs on this machine as you, without your variables: read the code of
    other people first, or have a workflow make the templates and give folders.

    Where there is no report (exit codes 2 and 8), --output gets the reason instead.

    Examples:
        hannibal review --base-ref main: this branch against main; synthesizes both
        hannibal review --base DIR --head DIR: two folders of `cdk synth`
        hannibal review … --format sarif --output FILE: for the security tab; the verdict is printed

    Exit codes:
        0: nothing is a risk, or the risks are accepted
        1: a risk that is not accepted
        2: the input cannot be used
        8: the review itself failed, and nothing is known about the change
    """
    if explain:
        from ops.review.catalogue import explain as page

        typer.echo(page(explain), nl=False)
        return
    files.check_writable(output, everything)
    sides = _Inputs(base=base, head=head, base_commit=base_commit, head_commit=head_commit)
    try:
        result = _make_review(sides, base_ref, head_ref, env, accepted=accept_risk)
    except OpsError as error:
        _write_failure(error, sides, env, report, output)
        if isinstance(error, FailedError):  # whose exit code, 1, means a risk here
            raise BrokenError(error.problem, *error.advice) from error
        raise
    if everything is not None:
        from ops.review.render.machine import as_json

        files.write(everything, as_json(result))
    _write(result, report, output, full_report)
    if not result.passes:
        raise typer.Exit(ExitCode.FAILED)


def _make_review(sides: _Inputs, base_ref: str | None, head_ref: str, env: str, *, accepted: bool) -> "Review":
    from ops.review.review import Side
    from ops.stacks.checkout import this_checkout
    from ops.stacks.commits import synthesized

    checkout = this_checkout()
    base, head = sides.base, sides.head
    _check_folders(checkout, base, head)
    with ExitStack() as stack:
        if base_ref is not None and base is None and head is None:
            checkout.require_tools()
            before, after = stack.enter_context(synthesized(checkout, base_ref, head_ref, env))
            base, head = before.folder, after.folder
            base_side = Side(label=before.label, commit=before.commit)
            head_side = Side(label=after.label, commit=after.commit)
        elif base_ref is None and base is not None and head is not None:
            base_side = Side(label="base" if sides.base_commit else str(base), commit=sides.base_commit)
            head_side = Side(label="head" if sides.head_commit else str(head), commit=sides.head_commit)
        else:
            raise UnusableInputError(
                "give either two folders or a reference",
                "hannibal review --base DIR --head DIR",
                "hannibal review --base-ref main",
            )
        return _review_folders(
            base, head, root=checkout.root, base_side=base_side, head_side=head_side, accepted=accepted
        )


def _check_folders(checkout: "Checkout", base: Path | None, head: Path | None) -> None:
    """Refuse commits in place of folders, by UnusableInputError."""
    from ops.stacks.commits import is_commit

    commits = [it for it in (base, head) if it is not None and not it.exists() and is_commit(checkout, str(it))]
    if commits:
        advice = f"hannibal review --base-ref {base if base in commits else 'main'}"
        raise UnusableInputError(
            f"{commits[0]} is a commit and no folder", f"{advice} --head-ref {head}" if head in commits else advice
        )


def _review_folders(
    base: Path, head: Path, *, root: Path, base_side: "Side", head_side: "Side", accepted: bool
) -> "Review":
    from ops.review.review import review as review_folders

    try:
        return review_folders(base, head, root=root, base=base_side, head=head_side, accepted=accepted)
    except OpsError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise BrokenError(f"the review failed, and judged nothing: {reason}", "This is a bug of `review`.") from error


def _write_failure(error: OpsError, sides: _Inputs, env: str, report: Format, output: Path | None) -> None:
    """Write the reason in place of the report: otherwise an earlier commit's comment would stay."""
    if report != "markdown" or output is None:
        return
    from ops.github.files import add_summary
    from ops.review.render.markdown import not_reviewed

    text = not_reviewed(
        error.problem, error.advice, base=sides.base_commit[:12], head=sides.head_commit[:12], environment=env
    )
    files.write(output, text)
    add_summary(text)


def _write(result: "Review", report: Format, output: Path | None, full_report: str) -> None:
    from ops.escaping.terminal import json_document
    from ops.github.files import add_summary
    from ops.review.render.machine import as_json, sarif
    from ops.review.render.markdown import markdown, verdict_line

    if report == "markdown":
        text = markdown(result, full_report=full_report)
    else:
        text = as_json(result) if report == "json" else sarif(result)
    if output is None:
        screen.print_text(json_document(text) if report != "markdown" else text)
        return
    files.write(output, text)
    if report == "markdown":
        add_summary(text)
    screen.out().echo(verdict_line(result).replace("**", ""))
