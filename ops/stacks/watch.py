"""Watches CloudFormation while the CDK works."""

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ops.aws.errors import explain, is_temporary, with_advice
from ops.aws.polling import wait, wait_until, without_repeats
from ops.errors import CancelledError, FailedError
from ops.stacks.cdk import CdkLog, CdkRun
from ops.stacks.events import first_cause
from ops.stacks.full_disk import require_space
from ops.stacks.progress import StackProgress, StackWatcher
from ops.stacks.state import is_in_progress

# A CDK of another environment or a person; for one of the same place, commands wait (`ops.stacks.cdk_lock`).
_BUSY: Final = re.compile(
    r"(?:Another CLI|Other CLIs) \(PID=[^)]*\) (?:is|are) currently \w+ (?:to|from) [^\n]*?(?=\. Invoke)"
)
_AGAIN: Final = (
    "Remove the cause and run the command again; it continues from here. `hannibal status` shows where things stand."
)

View = Callable[[tuple[StackProgress, ...]], None]


@dataclass(frozen=True, kw_only=True)
class Watching:
    """How a command shows progress of its changes; by default not at all."""

    view: View = lambda _: None  # shows stacks while they change
    notify: Callable[[str], None] = lambda _: None  # shows one line about what the command waits for


def wait_until_stable(watcher: StackWatcher, watching: Watching) -> None:
    """Wait until CloudFormation no longer works on any of the stacks, with success or not."""

    def stable() -> bool:
        progress = watcher.poll()
        watching.view(progress)
        return not any(stack.in_progress for stack in progress)

    wait_until(stable, watcher.aws.polling)


def wait_until_ended(watcher: StackWatcher, watching: Watching) -> str:
    """Wait until the operation that was just requested has begun and ended; returns its last state.

    The watcher is of that one stack, made before the request. The state alone is not enough: for a while CloudFormation
    shows the previous one (aws-cdk-cli #1802).
    """
    count_before = len(watcher.events)
    watcher.expect()

    def ended() -> str | None:
        progress = watcher.poll()
        watching.view(progress)
        own = [event for event in watcher.events[count_before:] if event.about_stack]
        moving = any(stack.in_progress for stack in progress) or not any(event.begins for event in own)
        return None if moving or is_in_progress(own[-1].status) else own[-1].status

    return wait(ended, watcher.aws.polling)


def follow(run: CdkRun, watcher: StackWatcher, watching: Watching) -> tuple[StackProgress, ...]:
    """Watch the stacks until the CDK has ended; returns their last progress.

    Raises:
        FailedError: the CDK ended with an error; the message is the first cause.
    """
    notify = without_repeats(watching.notify)

    def ended() -> tuple[int, tuple[StackProgress, ...]] | None:
        code = run.exit_code()  # read before the poll, so that the last poll sees the final states
        if code:
            watcher.expect()  # between two polls a deletion that failed before may have failed again
        try:
            progress = watcher.poll()
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            if code is not None or not is_temporary(error):
                raise
            broken = isinstance(error, ResponseParserError)  # half an answer, as far as one poll can tell
            problem = "its answer cannot be read" if broken else explain(error).problem
            notify(f"CloudFormation cannot be asked now: {problem}. The CDK goes on.")
            return None
        watching.view(progress)
        return None if code is None else (code, progress)

    code, progress = wait(ended, watcher.aws.polling)
    if code != 0:
        raise failure(watcher, run.log, code)
    return progress


def failure(watcher: StackWatcher, log: CdkLog, code: int) -> FailedError:
    """The first cause: CloudFormation's earliest failure, or the CDK's output if there is none."""
    cause = first_cause(watcher.events)
    log_place = f"The CDK's output is in {log.path} (it ended with exit code {code})."
    if cause is None:
        require_space(log.text(), log.path.parent)
        if busy := _BUSY.search(log.text()):
            return FailedError(
                f"the CDK cannot begin beside another one in this checkout: {busy[0]}",
                "Run the command again when that has ended, or from another checkout.",
            )
        if code < 0:
            ended = f"the CDK was ended from outside, by {signal.Signals(-code).name}"
            return FailedError(ended, log_place, "Run the command again: it continues.")
        return FailedError("the CDK failed before CloudFormation did. It said:", *log.tail(), log_place, _AGAIN)
    failure = f"{cause.stack}: {cause.logical_id} ({cause.resource_type}) is {cause.status}"
    return FailedError(f"{failure}: {cause.reason or 'no reason given'}", log_place, _AGAIN)


@contextmanager
def interruptible(command: str) -> Iterator[None]:
    """At Ctrl-C, or when AWS stops answering, explain what continues, and that the command may be repeated."""
    advice = f"Go on: `{command}` may be run again at any time; it takes over what is still running"
    try:
        with with_advice("What CloudFormation has begun goes on by itself.", advice):
            yield
    except KeyboardInterrupt:
        raise CancelledError(
            "interrupted. The CDK was ended; what CloudFormation has begun goes on by itself, and nothing new begins",
            "Watch it: `hannibal status`",
            advice,
        ) from None
