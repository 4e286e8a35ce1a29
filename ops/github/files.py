"""The files by which a workflow step sets outputs and summary. Outside of a workflow nothing is written.

GitHub Docs, "Workflow commands for GitHub Actions": environment files.
"""

import os
from pathlib import Path

from ops.errors import UnusableInputError


def set_outputs(**outputs: str) -> None:
    """Set outputs for later steps and jobs; UnusableInputError for several lines, which would set further ones."""
    for name, value in outputs.items():
        if "\n" in value or "\r" in value:
            raise UnusableInputError(f"the output {name} must be one line")
    _append("GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in outputs.items()))


def add_summary(markdown: str) -> None:
    """Add Markdown to the summary of the run."""
    _append("GITHUB_STEP_SUMMARY", markdown.rstrip("\n") + "\n\n")


def _append(variable: str, text: str) -> None:
    if file := os.environ.get(variable):
        with Path(file).open("a", encoding="utf-8") as out:
            out.write(text)
