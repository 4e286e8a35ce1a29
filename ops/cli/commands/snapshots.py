"""`hannibal snapshots list` and `hannibal snapshots prune`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.text import Text

from ops.cli import options
from ops.cli.console import screen
from ops.cli.console.agreement import checked_caller
from ops.cli.session import connected, settings_of

if TYPE_CHECKING:
    from ops.month.snapshots import SnapshotDecision


def list_snapshots(env: options.Environment = "dev", json: options.Json = False) -> None:
    """Show all manual snapshots of the database, the newest first: the next month starts from that one."""
    from ops.month.snapshots import decide_retention, read_snapshots

    settings = settings_of(env)
    with connected(settings) as aws:
        snapshots = read_snapshots(aws.rds, settings.names.database)
    if json:
        screen.print_json(snapshots)
        return
    console = screen.out()
    if not snapshots:
        screen.line(console, f"No snapshot of {settings.names.database}: the next month starts with an empty database.")
        return
    _show(console, decide_retention(snapshots, settings.database.snapshots_kept))


def prune(
    env: options.Environment = "dev",
    keep: Annotated[
        int | None,
        typer.Option(min=1, help="Final snapshots to leave.", show_default="database.snapshots_kept of the settings"),
    ] = None,
    untagged: Annotated[
        bool,
        typer.Option("--untagged", help="Also those without the tag `Prunable`; needs an administrator's credentials."),
    ] = False,
    dry_run: options.DryRun = False,
    yes: options.Yes = False,
    json: options.Json = False,
) -> None:
    """Delete old final snapshots; each bills by the GB.

    Never deletes the newest, nor one that was made by hand, nor one that is being made. One without the tag `Prunable`
    stays until AuditStack's function has tagged it, which it does once a day with those that are old enough.
    """
    from ops.month.snapshots import decide_retention, delete, plan_pruning, read_snapshots

    settings = settings_of(env)
    console = screen.err() if json else screen.out()
    with connected(settings) as aws:
        checked_caller(aws, settings, console)
        found = read_snapshots(aws.rds, settings.names.database)
        verdicts = decide_retention(found, keep if keep is not None else settings.database.snapshots_kept)
        pruning = plan_pruning(verdicts, untagged=untagged)
        _show(console, verdicts, untagged=untagged)
        deleted: tuple[str, ...] = ()
        if pruning.now and not dry_run:
            screen.confirm(f"Delete {len(pruning.now)} snapshot(s) for good?", yes=yes)
            deleted = delete(aws.rds, pruning.now)
    if json:
        screen.print_json({"verdicts": verdicts, "deleted": deleted})
    elif dry_run:
        screen.line(console, "Dry run: nothing was changed.")
    else:
        screen.line(console, f"Deleted: {', '.join(deleted)}" if deleted else "Nothing was pruned.")
        if pruning.later:
            what = f"{len(pruning.later)} old snapshot(s) stay: not tagged as prunable yet."
            screen.line(console, f"{what} An administrator deletes them with --untagged.", "yellow")


def _show(console: Console, verdicts: "Sequence[SnapshotDecision]", *, untagged: bool = False) -> None:
    for verdict in verdicts:
        snapshot = verdict.snapshot
        made = f"made {snapshot.created:%Y-%m-%d %H:%M %Z}" if snapshot.created else "only just ordered"
        state = snapshot.status if snapshot.status != "creating" else f"creating, {snapshot.progress_percent} % done"
        waits = verdict.prune and not (snapshot.prunable or untagged)
        action = ("pruned", "yellow") if verdict.prune and not waits else ("kept", "green")
        why = f"{verdict.why}; not tagged as prunable yet" if waits else verdict.why
        screen.line(console, snapshot.name, "bold")
        console.print(
            Text.assemble(
                f"    {made}, {state}, {snapshot.size_gib} GiB, PostgreSQL {snapshot.engine_version}; ",
                action,
                f": {why}",
            ),
            soft_wrap=True,
        )
