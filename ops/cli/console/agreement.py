"""What each command that changes something does between showing its plan and carrying it out."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from ops.cli.console import screen
from ops.errors import refuse

if TYPE_CHECKING:
    from installation.settings import Settings
    from ops.account.caller import Caller
    from ops.aws.clients import Aws
    from ops.cli.console.stack_progress import Reporter


def checked_caller(aws: "Aws", settings: "Settings", console: Console) -> "Caller":
    """Who calls, shown, and refused in another account or region than that of the settings."""
    from ops.account.caller import check, identify
    from ops.cli.console.plan import show_caller

    caller = identify(aws)
    check(caller, settings, aws.configured_region)
    show_caller(console, caller, settings.environment)
    return caller


def agreed(
    console: Console,
    *,
    dry_run: bool,
    yes: bool,
    question: str = "",
    typed: str = "",
    refusals: tuple[str, ...] = (),
) -> bool:
    """Refuse a plan, end a dry run, or ask; returns whether the plan is to be carried out.

    Args:
        dry_run: whether nothing is to be changed.
        yes: whether the user has agreed already.
        question: what is asked.
        typed: a name to type in place of a mere "y".
        refusals: why the plan cannot be carried out.

    Raises:
        RefusedError: there is a reason against it, the user does not agree, or nobody is there to ask.
    """
    refuse(refusals)
    if dry_run:
        screen.line(console, "Dry run: nothing was changed.")
        return False
    if typed:
        screen.confirm_typed(typed, yes=yes)
    else:
        screen.confirm(question, yes=yes)
    return True


@contextmanager
def watched(console: Console, again: str) -> "Iterator[Reporter]":
    """Shows stacks while they change. Ctrl-C ends the command, with what goes on and how to run it again.

    Args:
        console: where progress goes.
        again: the command that goes on from there.
    """
    from ops.cli.console.stack_progress import reporter
    from ops.stacks.watch import interruptible

    with interruptible(again), reporter(console) as report:
        yield report
