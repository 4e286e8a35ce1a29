"""The files by which a workflow step sets outputs and summary, and the summary of a run.

Outside of a workflow nothing is written. GitHub Docs, "Workflow commands for GitHub Actions": environment files.
"""

import os
import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Final

from ops.errors import UnusableInputError
from ops.escaping.markdown import code, text

# What a stack prints is a link where it is an address and nothing else.
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.:/-]+")


def set_outputs(**outputs: str) -> None:
    """Set outputs for later steps and jobs; UnusableInputError for several lines, which would set further ones."""
    for name, value in outputs.items():
        if "\n" in value or "\r" in value:
            raise UnusableInputError(f"the output {name} must be one line")
    _append("GITHUB_OUTPUT", "".join(f"{name}={value}\n" for name, value in outputs.items()))


def add_summary(markdown: str) -> None:
    """Add Markdown to the summary of the run."""
    _append("GITHUB_STEP_SUMMARY", markdown.rstrip("\n") + "\n\n")


def _append(variable: str, content: str) -> None:
    if file := os.environ.get(variable):
        with Path(file).open("a", encoding="utf-8") as out:
            out.write(content)


def run_summary(
    *,
    title: str,  # what the run was for
    environment: str,  # such as ``dev``
    result: str,  # its result, in GitHub's words
    took: timedelta | None,  # None where it is not known
    image: str,  # the image that a new task would start; empty if none
    stacks: Iterable[str],  # the stacks that exist at the end
    addresses: Mapping[str, str],  # URLs of the system, by what they serve
    links: Mapping[str, str],  # pages of the AWS console, by name
) -> str:
    """The summary of a run as Markdown: what was done, how long it took, and links."""
    rows = {
        "result": text(result),
        "took": f"{took // timedelta(minutes=1)} min" if took else "unknown",
        "image": code(image, in_table=True) if image else "none released yet",
        "stacks": ", ".join(map(text, stacks)) or "none",
    }
    lines = [f"## {text(title)} in {environment}", "", "| | |", "| --- | --- |"]
    lines += [f"| {name} | {value} |" for name, value in rows.items()]
    for name, url in addresses.items():
        lines.append(f"| {text(name)} | {url if _ADDRESS.fullmatch(url) else code(url, in_table=True)} |")
    lines += ["", "Console: " + " · ".join(f"[{name}]({link})" for name, link in links.items())]
    return "\n".join(lines) + "\n"
