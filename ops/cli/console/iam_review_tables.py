"""Prints a review on a terminal and as JSON, and the progress of its reading."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from ops.cli.console.screen import Console
from ops.iam.review.groups import Group
from ops.iam.review.logs import Progress as Told
from ops.iam.review.proposal import counted

if TYPE_CHECKING:
    from ops.iam.review.replay import Refused, Undecided
    from ops.iam.review.review import ActionResources, Review

_SECONDS_BETWEEN_LINES = 10.0
_MOST_SERVICES = 25
_MOST_LINES = 15
_MOST_RESOURCES = 3
_STYLES = {Group.USED: "green", Group.DENIED_ONLY: "red", Group.UNUSED: "yellow"}


@contextmanager
def reading(console: Console) -> Iterator[Told]:
    """Show how many files are read: a bar on a terminal, a line every ten seconds elsewhere."""
    if console.is_terminal:
        columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TextColumn("files"), TimeRemainingColumn())
        with Progress(*columns, console=console, transient=True) as bar:
            task = bar.add_task("reading", total=None)
            yield lambda done, total: bar.update(task, completed=done, total=total)
        return
    last = time.monotonic()

    def notify(done: int, total: int) -> None:
        nonlocal last
        if time.monotonic() - last >= _SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            console.echo(f"read {done:,} of {total:,} files")

    yield notify


def document(review: "Review") -> dict[str, object]:
    """The whole review for scripts, with computed figures."""
    return asdict(review) | {
        "granted": len(review.members),
        "groups": {group.value: number for group, number in review.groups.items()},
        "reduction": round(review.reduction, 4),
        "proof_holds": review.proof.holds,
        "unmapped_events": review.unmapped_events,
        "complete": review.complete,
    }


def show(console: Console, review: "Review") -> None:
    """Print a review as text."""
    coverage, window = review.coverage, review.window
    console.echo(f"{review.role}, {window.first} to {window.last} ({counted(window.days, 'day')}, UTC)", "bold")
    for warning in review.warnings:
        console.echo(f"! {warning}", "yellow")
    _facts(console, review)
    if review.policies_known:
        console.print(_groups(review))
        console.echo(f"Could be removed: {review.reduction:.1%} of what is granted (unused and denied only).", "bold")
    if review.services:
        console.print(_services(review))
    _lines(console, "Used, but granted by no known policy:", review.not_granted)
    _lines(console, "Depends on the request:", review.flagged)
    _lines(console, "Actions that are not in the catalogue:", review.unknown_actions)
    _lines(
        console,
        f"Events that stand for no known permission: {review.unmapped_events:,} of {coverage.role_events:,}",
        (f"{one.source} {one.name}: {one.reason} ({one.count:,})" for one in review.unmapped),
        always=True,
    )
    _lines(console, "Used on (authorized calls):", (_resource_counts(one) for one in review.used_on))
    proof = review.proof
    console.echo(
        f"Proposed policy: {review.proposed_characters:,} characters, "
        f"{counted(review.proposed_narrowed, 'statement')} with fewer resources than today."
    )
    style = "bold red" if not proof.holds else "yellow" if proof.undecided else "green"
    console.echo(f"Replay of actions, and of resources and conditions where they are known. {proof.text}", style)
    _lines(console, "Refused by the proposal:", _call_counts(proof.refused))
    _lines(console, "Undecided: the records lack the values", _call_counts(proof.undecided))
    _lines(console, "Conditions of today's policies:", (f"{one.statement}: {one.text}" for one in review.conditions))
    _lines(console, "Authorized then, and refused by today's policies as well:", _call_counts(proof.refused_today))


def _call_counts(calls: "Iterable[Refused | Undecided]") -> Iterable[str]:
    return (f"{one.text} ({one.calls:,})" for one in calls)


def _resource_counts(used: "ActionResources") -> str:
    listed = [f"{resource} ({calls:,})" for resource, calls in list(used.resources.items())[:_MOST_RESOURCES]]
    if (more := len(used.resources) - _MOST_RESOURCES) > 0:
        listed.append(f"{more:,} more")
    if used.unknown:
        listed.append(f"resources that are not recorded ({used.unknown:,})")
    return f"{used.action}: {', '.join(listed)}"


def _facts(console: Console, review: "Review") -> None:
    coverage = review.coverage
    patterns = ", ".join(f"{name} ({number:,})" for name, number in list(review.wildcards.items())[:_MOST_LINES])
    facts = {
        "Records": f"{review.records}; {coverage.events:,} events, {coverage.role_events:,} of the role",
        "Reach": f"{coverage.first} to {coverage.last}, {counted(coverage.days_with_events, 'day')} with events"
        if coverage.first
        else "no events in the window",
        "Regions": ", ".join(coverage.regions),
        "Kinds": ", ".join(coverage.selectors),
        "Errors": ", ".join(f"{number:,} {name}" for name, number in review.errors.items()),
        "Policies": review.policies_from,
        "Written": f"{len(review.patterns):,} patterns" + (f", with wildcards: {patterns}" if patterns else ""),
        "Boundary": f"takes away {review.cut_by_boundary:,} actions" if review.boundary else "none",
        "Denied": f"{review.denied:,} actions, whatever the request is about",
        "Catalogue": review.catalogue,
    }
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    for name, text in facts.items():
        table.add_row(name, text or "none")
    console.print(table)


def _groups(review: "Review") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", show_footer=True)
    table.add_column("GROUP", footer="granted")
    table.add_column("ACTIONS", justify="right", footer=f"{len(review.members):,}")
    for group, number in review.groups.items():
        table.add_row(group.value, f"{number:,}", style=_STYLES.get(group, ""))
    return table


def _services(review: "Review") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("SERVICE")
    for group in Group:
        table.add_column(group.value.upper(), justify="right")
    for service, groups in list(review.services.items())[:_MOST_SERVICES]:
        table.add_row(service, *(f"{groups[group]:,}" if groups[group] else "-" for group in Group))
    if (rest := len(review.services) - _MOST_SERVICES) > 0:
        table.add_row(f"and {rest:,} more", style="dim")
    return table


def _lines(console: Console, title: str, lines: Iterable[str], *, always: bool = False) -> None:
    all_lines = list(lines)
    if all_lines or always:
        console.echo(title)
    for text in all_lines[:_MOST_LINES]:
        console.echo(f"  {text}", "dim")
    if len(all_lines) > _MOST_LINES:
        console.echo(f"  and {len(all_lines) - _MOST_LINES:,} more; --json has all", "dim")
