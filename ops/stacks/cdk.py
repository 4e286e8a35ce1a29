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
from ops.stacks.cdk_lock import hold_lock, write_holder
from ops.stacks.checkout import Checkout
from ops.stacks.full_disk import require_space
from ops.stacks.scratch import descriptors

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# At SIGTERM the CDK itself ends at once; its Python child takes time in the middle of a synthesis.
_PATIENCE_SECONDS = 10
# Most persistent stacks depend on IdentityStack only. More at once would be throttled (CloudFormation, API limits).
_CONCURRENCY = "4"


def synth_arguments(environment: str, folder: Path, app: str = "") -> tuple[str, ...]:
    """Arguments that write an environment's templates, checked by all rules; `app` replaces the one in ``cdk.json``."""
    return ("synth", "--quiet", *_checkout(environment), *(("--app", app) if app else ()), "--output", str(folder))


def deploy_arguments(environment: str, outputs_file: Path, assembly: Path | None = None) -> tuple[str, ...]:
    """Arguments that deploy an environment, or given templates, without a question, and write outputs to a file."""
    source = _checkout(environment) if assembly is None else ("--app", str(assembly))
    options = ("--require-approval", "never", "--concurrency", _CONCURRENCY, "--outputs-file", str(outputs_file))
    return ("deploy", "--all", *source, *options)


def destroy_arguments(environment: str, stacks: Iterable[str]) -> tuple[str, ...]:
    """Arguments that destroy some stacks of an environment without a question."""
    return ("destroy", *stacks, *_checkout(environment), "--force")


def bootstrap_arguments(account: str, region: str) -> tuple[str, ...]:
    """Arguments that prepare an account and region for the CDK, once.

    Without an application: with one the CDK synthesizes all stacks, to find more accounts and regions in them
    (aws-cdk, `defineEnvironments`).
    """
    return ("bootstrap", "--app", "", f"aws://{account}/{region}")


def _checkout(environment: str) -> tuple[str, ...]:
    return ("-c", f"env={environment}")


def synth(checkout: Checkout, environment: str, folder: Path) -> None:
    """Write the assembly that `npx cdk deploy` would deploy into a folder, to check it and then deploy exactly it.

    Raises:
        FailedError: the application cannot be synthesized, or a rule has a finding; the message is the CDK's.
    """
    log = CdkLog(path=folder.with_suffix(".log"))
    try:
        with CdkRun(checkout, synth_arguments(environment, folder), log.path) as run:
            code = run.wait()
        if code != 0:
            require_space(log.text(), folder)
            raise FailedError("the CDK could not synthesize the templates. It said:", *log.tail())
        if not (folder / "manifest.json").is_file():
            # It does not copy templates that it only reads.
            raise FailedError(
                "the CDK synthesized nothing: CDK_APP or ~/.cdk.json names templates that are there already",
                "Give their folder with --assembly, or unset CDK_APP.",
            )
    finally:
        log.path.unlink(missing_ok=True)


def bootstrap(checkout: Checkout, account: str, region: str, *, lock: Path) -> None:
    """Deploy the CDK's own stack with its unchanged template; FailedError with the end of the CDK's output."""
    log = log_file(checkout, "bootstrap", datetime.now(UTC))
    with CdkRun(checkout, bootstrap_arguments(account, region), log, lock=lock) as run:
        code = run.wait()
    if code != 0:
        raise FailedError("`cdk bootstrap` failed. It said:", *run.log.tail(), f"All of it is in {log}.")


def command_line(arguments: Iterable[str]) -> str:
    """The command as typed in a shell."""
    return shlex.join(("npx", "cdk", *arguments))


def log_file(checkout: Checkout, command: str, now: datetime) -> Path:
    """The file for a run's output; its folder is created."""
    checkout.logs.mkdir(parents=True, exist_ok=True)
    return checkout.logs / f"{command}-{now:%Y%m%dT%H%M%S}.log"


@dataclass(frozen=True, kw_only=True)
class CdkLog:
    """The output of a run of the CDK."""

    path: Path

    def text(self) -> str:
        """All of it, without colours."""
        return _COLOUR.sub("", self.path.read_text(encoding="utf-8", errors="replace"))

    def tail(self, lines: int = 8) -> tuple[str, ...]:
        """The last lines that are not blank, without colours."""
        return tuple([line.rstrip() for line in self.text().splitlines() if line.strip()][-lines:])


class CdkRun:
    """Runs the CDK; leaving the block ends it with all of its child processes.

    Args:
        log: file for its output; overwritten.
        lock: file that it locks while it runs (`ops.stacks.cdk_lock`), for runs that change something.
        cwd: its working directory; None: the checkout.
        environment: its variables; None: those of this process.

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
        with log.open("wb") as output, hold_lock(lock) if lock else nullcontext() as descriptor:
            self._process = subprocess.Popen(  # noqa: S603 - our own tool with our own arguments, no shell
                [str(checkout.cdk), *command],
                cwd=cwd or checkout.root,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                # Its own session: only this process gets a Ctrl-C, and ends the child after explaining what continues.
                start_new_session=True,
                # It keeps the locks if this process is killed, and releases them when it ends.
                pass_fds=(*descriptors(), *(() if descriptor is None else (descriptor,))),
            )
            if descriptor is not None:
                with suppress(OSError):  # a full disk: waiting commands can do without its name
                    write_holder(descriptor, self._process.pid, command_line(command), datetime.now(UTC))

    def exit_code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._process.poll()

    def wait(self, seconds: float | None = None, *, name: str = "the CDK") -> int:
        """Wait until it ends; returns its exit code. FailedError where that takes longer than so many seconds."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            said = self.log.tail()
            problem = f"{name} has not ended after {seconds:g} seconds{'. It said:' if said else ''}"
            raise FailedError(problem, *said) from None

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
