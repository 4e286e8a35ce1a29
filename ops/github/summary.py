"""The summary of a run: what was done, how long it took, and links."""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final

from ops.escaping.markdown import code, text

# What a stack prints is a link where it is an address and nothing else.
_ADDRESS: Final = re.compile(r"https?://[A-Za-z0-9.:/-]+")


def markdown(
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
    """The summary as Markdown."""
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
