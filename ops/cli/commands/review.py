"""`hannibal review`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ops.cli import options
from ops.cli.console import files, screen
from ops.errors import BrokenError, FailedError, OpsError, UnusableInputError
from ops.exit_codes import ExitCode

if TYPE_CHECKING:
    from ops.review.review import Review, Side


class Format(StrEnum):
    """How a review is written."""

    MARKDOWN = "markdown"
    JSON = "json"
    SARIF = "sarif"


def review(
    base: Annotated[Path | None, typer.Option(metavar="DIR", help="`cdk.out` before the change.")] = None,
    head: Annotated[Path | None, typer.Option(metavar="DIR", help="`cdk.out` after the change.")] = None,
    base_ref: Annotated[
        str | None, typer.Option(metavar="REF", help="Synthesize instead: the branch that the change goes to.")
    ] = None,
    head_ref: Annotated[str, typer.Option(metavar="REF", help="With --base-ref: the change.")] = "HEAD",
    env: options.Environment = "dev",
    report: Annotated[Format, typer.Option("--format", help="How the report is written.")] = Format.MARKDOWN,
    output: Annotated[Path | None, typer.Option(metavar="FILE", help="Write it there, and print the verdict.")] = None,
    accept_risk: Annotated[
        bool, typer.Option("--accept-risk", help="The risks were accepted (by a label): tell them, and exit with 0.")
    ] = False,
    base_commit: Annotated[str, typer.Option(metavar="SHA", help="Commit of --base, to be told.")] = "",
    head_commit: Annotated[str, typer.Option(metavar="SHA", help="Commit of --head, to be told.")] = "",
    full_report: Annotated[
        str, typer.Option(metavar="TEXT", help="Where all of it is, for a report that had to be shortened.")
    ] = "",
    explain: Annotated[
        str,
        typer.Option(
            metavar="RULE", help="Only explain a rule: what it sees, why, how to accept it. `all` lists them."
        ),
    ] = "",
) -> None:
    """Review a change by its templates: data, running month, permissions, ports, replacements, cost. No AWS needed.

    With --base-ref, the code of both commits runs on this machine as you, without your variables: look at a stranger's
    commit first, or have a workflow make its templates and give folders.

    Exit code 0: nothing is a risk, or the risks are accepted. 1: a risk. 2: the input cannot be used. 8: the review
    itself failed, and nothing is known about the change.

    Examples:
        hannibal review --base-ref main: this branch against main; synthesizes both
        hannibal review --base DIR --head DIR: two folders of `cdk synth`
        hannibal review … --format sarif --output FILE: for the security tab; the verdict is printed

    Exit codes:
        0: nothing risky
        1: a risk that nobody accepted
        2: unusable input
    """
    if explain:
        from ops.review.catalogue import explain as page

        typer.echo(page(explain), nl=False)
        return
    from ops.review.review import Side
    from ops.stacks.checkout import here
    from ops.stacks.checkouts import synthesized

    files.check_writable(output)
    project = here()
    if base_ref is not None and base is None and head is None:
        project.require_tools()
        with synthesized(project, base_ref, head_ref, env) as (before, after):
            found = _reviewed(
                before.folder,
                after.folder,
                root=project.root,
                base_side=Side(label=before.label, commit=before.commit),
                head_side=Side(label=after.label, commit=after.commit),
                accepted=accept_risk,
            )
    elif base_ref is None and base is not None and head is not None:
        found = _reviewed(
            base,
            head,
            root=project.root,
            base_side=Side(label=str(base), commit=base_commit),
            head_side=Side(label=str(head), commit=head_commit),
            accepted=accept_risk,
        )
    else:
        raise UnusableInputError(
            "give either two folders or a reference",
            "hannibal review --base DIR --head DIR",
            "hannibal review --base-ref main",
        )
    _write(found, report, output, full_report)
    if not found.passes:
        raise typer.Exit(ExitCode.FAILED)


def _reviewed(base: Path, head: Path, *, root: Path, base_side: "Side", head_side: "Side", accepted: bool) -> "Review":
    """The review, with an exit code of its own for what is no judgement: 1 would be taken for a risk."""
    from ops.review.review import review as review_folders

    try:
        return review_folders(base, head, root=root, base=base_side, head=head_side, accepted=accepted)
    except FailedError as error:
        raise BrokenError(error.problem, *error.advice) from error
    except OpsError:
        raise
    except Exception as error:
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        raise BrokenError(f"the review failed, and judged nothing: {reason}", "This is a bug of `review`.") from error


def _write(found: "Review", report: Format, output: Path | None, full_report: str) -> None:
    from ops.escaping.terminal import json_document
    from ops.review.render.machine import as_json, sarif
    from ops.review.render.markdown import markdown, verdict_line

    texts = {
        Format.MARKDOWN: lambda: markdown(found, full_report=full_report),
        Format.JSON: lambda: as_json(found),
        Format.SARIF: lambda: sarif(found),
    }
    text = texts[report]()
    if output is None:
        screen.print_text(json_document(text) if report is not Format.MARKDOWN else text)
        return
    files.write(output, text)
    screen.line(screen.out(), verdict_line(found).replace("**", ""))
