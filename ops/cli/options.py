"""Options that many commands share, so that they are the same everywhere."""

from pathlib import Path
from typing import Annotated

import typer

# Exercises write their records here, and the report reads them.
EXERCISE_RECORDS = Path("exercise-records")


def _environments() -> list[str]:
    """Values for the shell's completion."""
    from installation.settings.file import environments

    return environments()


Environment = Annotated[
    str,
    typer.Option(
        "--env",
        "-e",
        metavar="NAME",
        help="Environment: a file of config/, without .yaml.",
        autocompletion=_environments,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for scripts; progress goes to stderr.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Check and show everything, change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation; for scripts.")]
Assembly = Annotated[
    Path | None,
    typer.Option(
        metavar="DIR",
        envvar="HANNIBAL_ASSEMBLY",
        resolve_path=True,  # the CDK runs in the checkout, not in the current folder
        help="Folder with synthesized templates (cdk.out), in place of this checkout's.",
    ),
]
