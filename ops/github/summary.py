"""The summary of a run: what was done, how long it took, and where to look."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from installation.settings import Settings
from ops.escaping.markdown import code, text


def summary(
    settings: Settings,
    stacks: Iterable[str],
    addresses: Mapping[str, str],
    links: Mapping[str, str],
    *,
    title: str,
    result: str,
    image: str,
    started: datetime | None,
    now: datetime,
) -> str:
    """Markdown for the page of a run.

    Args:
        stacks: those that exist at the end.
        addresses: where the system is reached, by what is there.
        links: pages of the AWS console, by name.
        title: what the run was for.
        result: how it ended, in GitHub's words.
        image: image that a new task would start.
        started: when the run began.
    """
    took = f"{(now - started) // timedelta(seconds=60)} min" if started else "unknown"
    rows: dict[str, str] = {
        "result": text(result),
        "took": took,
        "image": code(image, in_table=True) if image else "none released yet",
        "stacks": ", ".join(map(text, stacks)) or "none",
    }
    lines = [f"## {text(title)} in {settings.environment}", "", "| | |", "| --- | --- |"]
    lines += [f"| {name} | {value} |" for name, value in rows.items()]
    lines += [f"| {text(what)} | {url} |" for what, url in addresses.items()]
    lines += ["", "Console: " + " · ".join(f"[{name}]({link})" for name, link in links.items())]
    return "\n".join(lines) + "\n"
