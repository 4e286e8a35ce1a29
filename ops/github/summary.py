"""The summary of a run: what was done, how long it took, and where to look."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from ops.escaping.markdown import code, text


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What the page of a run tells."""

    title: str  # what the run was for
    environment: str  # such as ``dev``
    result: str  # how it ended, in GitHub's words
    took: timedelta | None  # None where nobody knows
    image: str  # that a new task would start; empty for none
    stacks: Iterable[str]  # those that exist at the end
    addresses: Mapping[str, str]  # where the system is reached, by what is there
    links: Mapping[str, str]  # pages of the AWS console, by name


def markdown(summary: Summary) -> str:
    """The page."""
    rows = {
        "result": text(summary.result),
        "took": f"{summary.took // timedelta(minutes=1)} min" if summary.took else "unknown",
        "image": code(summary.image, in_table=True) if summary.image else "none released yet",
        "stacks": ", ".join(map(text, summary.stacks)) or "none",
    }
    lines = [f"## {text(summary.title)} in {summary.environment}", "", "| | |", "| --- | --- |"]
    lines += [f"| {name} | {value} |" for name, value in rows.items()]
    lines += [f"| {text(what)} | {url} |" for what, url in summary.addresses.items()]
    lines += ["", "Console: " + " · ".join(f"[{name}]({link})" for name, link in summary.links.items())]
    return "\n".join(lines) + "\n"
