"""Shows a release while it runs: a live display on a terminal, lines elsewhere, JSON events for scripts."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from ops.cli.console.screen import Console, print_json, span
from ops.release.progress import Change, LifecycleEvent, ReleaseView, changes, words_of_failures, words_of_health

_HEARTBEAT_SECONDS = 30.0  # CI systems end jobs without output
_BAR_WIDTH = 20
_MARKS = {
    "Succeeded": ("✓", "green"),
    "InProgress": ("▶", "yellow"),
    "Failed": ("✗", "bold red"),
    "Skipped": ("-", "dim"),
}


@contextmanager
def release_reporter(console: Console, *, json: bool) -> "Iterator[Callable[[ReleaseView], None]]":
    """Show a release while it runs, in the form that fits the output."""
    if json:
        yield _change_reporter(lambda change: print_event(change.event, change.data))
    elif console.is_terminal:
        with Live(console=console, auto_refresh=False) as live:
            yield lambda view: live.update(picture(view), refresh=True)
    else:
        yield _change_reporter(lambda change: console.echo(change.text), heartbeat=console.echo)


def print_event(event: str, data: object) -> None:
    """Print an event as one JSON document on one line of stdout."""
    print_json({"event": event, "time": datetime.now(UTC), "data": data}, indent=None)


def _change_reporter(
    notify: Callable[[Change], None], heartbeat: Callable[[str], None] | None = None
) -> Callable[[ReleaseView], None]:
    """A function that reports each change and, with a ``heartbeat``, at intervals without changes the elapsed time."""
    before: ReleaseView | None = None
    spoke = time.monotonic()

    def show(view: ReleaseView) -> None:
        nonlocal before, spoke
        found, now = changes(before, view), time.monotonic()
        for change in found:
            notify(change)
        if found:
            spoke = now
        elif heartbeat and now - spoke >= _HEARTBEAT_SECONDS:
            heartbeat(f"  {span(view.elapsed)} elapsed{_remaining_time(view)}")
            spoke = now
        before = view

    return show


def picture(view: ReleaseView) -> Group:
    """Steps, traffic, targets and alarms of a release, in a dozen lines."""
    deployment = view.deployment
    heading = Text.assemble(
        (deployment.deployment_id, "bold"),
        f" is {deployment.status}",
        (f"  {span(view.elapsed)} elapsed{_remaining_time(view)}", "dim"),
    )
    parts: list[Text | Table] = [heading, _steps(view.events), _target_groups(view)]
    in_alarm = [alarm for alarm in view.alarms if alarm.state == "ALARM"]
    parts += [Text(f"  alarm {alarm.name}: {alarm.reason}", style="bold red") for alarm in in_alarm]
    if view.failures:
        parts.append(Text(f"  {words_of_failures(view)}", style="red"))
    if not in_alarm:
        parts.append(Text(f"  {len(view.alarms)} alarms watched, none in ALARM", style="dim"))
    if deployment.error:
        parts.append(Text(f"  {deployment.error}", style="red"))
    return Group(*parts)


def _steps(events: tuple[LifecycleEvent, ...]) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for event in events:
        mark, style = _MARKS.get(event.status, ("·", "dim"))
        took = span(event.ended - event.started) if event.started and event.ended else ""
        table.add_row(Text(f"  {mark}", style=style), Text(event.name), Text(event.message or took, style="dim"))
    return table


def _target_groups(view: ReleaseView) -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for group in view.target_groups:
        full = round(group.production_percent * _BAR_WIDTH / 100)
        bar = Text("█" * full + "░" * (_BAR_WIDTH - full), style=group.colour)
        table.add_row(
            Text(f"  {group.colour}", style=f"bold {group.colour}"),
            bar,
            Text(f"{group.production_percent:.0f} %"),
            Text(words_of_health(group)),
            Text(view.images.get(group.colour, ""), style="dim", overflow="ellipsis"),
        )
    return table


def _remaining_time(view: ReleaseView) -> str:
    if view.left is not None:
        return f", about {span(view.left)} left"
    return "" if view.deployment.ended else ", longer than usual: `hannibal doctor` shows what it waits for"
