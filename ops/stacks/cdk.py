"""Runs the CDK command line, unmodified, with its output in a file."""

import os
import re
import shlex
import signal
import subprocess
from collections.abc import Iterable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from ops.errors import FailedError
from ops.stacks.cdk_lock import hold, write_holder
from ops.stacks.checkout import Checkout
from ops.stacks.full_disk import require_space
from ops.stacks.scratch import descriptors

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# The CDK itself ends at once; what takes time is Python under it, in the middle of a synthesis.
_PATIENCE_SECONDS = 10
# The persistent stacks wait for the first of them only. More at once would be throttled (CloudFormation, API limits).
_CONCURRENCY = "4"


def synth_arguments(environment: str, folder: Path, app: str = "") -> tuple[str, ...]:
    """Write the templates of an environment, checked by all rules, into a folder.

    Args:
        app: the command that makes them; empty: that of ``cdk.json``.
    """
    return ("synth", "--quiet", *_checkout(environment), *(("--app", app) if app else ()), "--output", str(folder))


def deploy_arguments(environment: str, outputs_file: Path, assembly: Path | None = None) -> tuple[str, ...]:
    """Deploy everything of an environment, or given templates, without a question, and write the outputs to a file."""
    return (
        "deploy",
        "--all",
        *(_checkout(environment) if assembly is None else ("--app", str(assembly))),
        "--require-approval",
        "never",
        "--concurrency",
        _CONCURRENCY,
        "--outputs-file",
        str(outputs_file),
    )


def validate_arguments(assembly: Path) -> tuple[str, ...]:
    """Ask CloudFormation what it says of templates, and deploy nothing."""
    return ("validate", "--app", str(assembly), "--unstable", "validate")


def destroy_arguments(environment: str, stacks: Iterable[str]) -> tuple[str, ...]:
    """Destroy some stacks of an environment without a question."""
    return ("destroy", *stacks, *_checkout(environment), "--force")


def bootstrap_arguments(account: str, region: str) -> tuple[str, ...]:
    """Prepare an account and region for the CDK, once.

    Without an application: with one the CDK synthesizes all stacks, to look for further accounts and regions in them
    (aws-cdk, `defineEnvironments`).
    """
    return ("bootstrap", "--app", "", f"aws://{account}/{region}")


def _checkout(environment: str) -> tuple[str, ...]:
    return ("-c", f"env={environment}")


def synth(checkout: Checkout, environment: str, folder: Path) -> None:
    """Write what `npx cdk deploy` would deploy into a folder, to look at it and to deploy the very same.

    Raises:
        FailedError: the application cannot be synthesized, or a rule has a finding; the CDK's own words are kept.
    """
    log = CdkLog(path=folder.with_suffix(".log"))
    try:
        with CdkRun(checkout, synth_arguments(environment, folder), log.path) as run:
            code = run.wait()
        if code != 0:
            require_space(log.text(), folder)
            raise FailedError("the CDK could not synthesize the templates. It said:", *log.tail())
        if not (folder / "manifest.json").is_file():
            # Templates that it only reads, it copies nowhere.
            raise FailedError(
                "the CDK synthesized nothing: CDK_APP or ~/.cdk.json names templates that are there already",
                "Give their folder with --assembly, or unset CDK_APP.",
            )
    finally:
        log.path.unlink(missing_ok=True)


def command_line(arguments: Iterable[str]) -> str:
    """The command as a person would type it."""
    return shlex.join(("npx", "cdk", *arguments))


def log_file(checkout: Checkout, command: str, now: datetime) -> Path:
    """Where the output of a run goes; the folder is made."""
    checkout.logs.mkdir(parents=True, exist_ok=True)
    return checkout.logs / f"{command}-{now:%Y%m%dT%H%M%S}.log"


@dataclass(frozen=True, kw_only=True)
class CdkLog:
    """What a run of the CDK printed."""

    path: Path

    def text(self) -> str:
        """All of it, without colours."""
        return _COLOUR.sub("", self.path.read_text(encoding="utf-8", errors="replace"))

    def tail(self, lines: int = 8) -> tuple[str, ...]:
        """The last lines that say something, without colours."""
        return tuple([line.rstrip() for line in self.text().splitlines() if line.strip()][-lines:])


class CdkRun:
    """A child process that is ended, with all that it started, when the block is left before it is done.

    Args:
        log: file that takes its output; begun anew.
        lock: file that it locks as long as it lives (`ops.stacks.cdk_lock`), for runs that change something.
        cwd: where it runs; None: in the checkout.
        environment: its variables; None: all of this process.

    Raises:
        FailedError: another run holds the lock.
    """

    def __init__(
        self,
        checkout: Checkout,
        arguments: Iterable[str],
        log: Path,
        *,
        lock: Path | None = None,
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.log = CdkLog(path=log)
        command = tuple(arguments)
        with log.open("wb") as output, hold(lock) if lock else nullcontext() as descriptor:
            self._process = subprocess.Popen(  # noqa: S603 - our own tool with our own arguments, no shell
                [str(checkout.cdk), *command],
                cwd=cwd or checkout.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Its own session: a Ctrl-C goes to us alone, and we end the child when we have said what goes on.
                start_new_session=True,
                # It keeps the locks when we are killed, and gives them back by ending.
                pass_fds=(*descriptors(), *(() if descriptor is None else (descriptor,))),
            )
            if descriptor is not None:
                with suppress(OSError):  # a full disk: who waits for it need not know who it is
                    write_holder(descriptor, self._process.pid, command_line(command), datetime.now(UTC))

    def exit_code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float | None = None) -> int:
        """Wait for its end, and return its exit code.

        Raises:
            subprocess.TimeoutExpired: it takes longer than some seconds.
        """
        return self._process.wait(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_PATIENCE_SECONDS)
        if self._process.poll() is None:
            self._signal(signal.SIGKILL)
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, number)
