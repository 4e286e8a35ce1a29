"""One CDK at a time: commands wait for a run that another command began or left behind.

A command that is killed cannot end its CDK, which then deploys the next stacks. CloudFormation would refuse a second
CDK in the middle, or the second would deploy what the first destroys. So each run itself holds a lock, not the command
that began it.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from ops.aws.polling import Polling, wait_until
from ops.errors import FailedError
from ops.stacks.checkout import Checkout

_POLLING = Polling(seconds=0.01)
_READ_SECONDS = 1.0  # the longest for which a command that only reads the lock holds it


class LockHolder(BaseModel):
    """A run of the CDK that holds the lock."""

    model_config = ConfigDict(frozen=True)

    process: int  # its process id
    command: str  # its command, as typed in a shell
    since: AwareDatetime  # when it began

    @property
    def text(self) -> str:
        """Its description in one line."""
        return f"`{self.command}` (process {self.process}, since {self.since:%Y-%m-%d %H:%M:%S %Z})"


def lock_file(checkout: Checkout, place: str) -> Path:
    """The lock file of a checkout for a place, such as an account and region."""
    return checkout.logs.parent / f"cdk-{place}.lock"


@contextmanager
def hold_lock(lock: Path, polling: Polling = _POLLING) -> Iterator[int]:
    """Hold a lock until the block and children with its descriptor have ended; FailedError where another run has it."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # A command that only reads it, such as `hannibal status`, holds it for a moment.
        if not wait_until(lambda: _try_lock(descriptor), polling, limit=_READ_SECONDS):
            other = _read_lock(lock)
            raise FailedError(
                f"another run of the CDK began meanwhile: {other.text if other else lock}", "Run the command again."
            )
        os.ftruncate(descriptor, 0)
        yield descriptor
    finally:
        os.close(descriptor)


def write_holder(descriptor: int, process: int, command: str, now: datetime) -> None:
    """Record which run holds the lock."""
    run = LockHolder(process=process, command=command, since=now)
    os.pwrite(descriptor, run.model_dump_json().encode(), 0)


def read_holder(lock: Path) -> LockHolder | None:
    """The run that holds the lock; None if none does."""
    try:
        descriptor = os.open(lock, os.O_RDONLY | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    try:
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return None
    finally:
        os.close(descriptor)
    return _read_lock(lock) or LockHolder(process=0, command="npx cdk", since=datetime.now(UTC))


def wait_until_free(lock: Path, notify: Callable[[str], None], polling: Polling) -> None:
    """Wait until no run holds the lock, and report which one holds it."""

    def free() -> bool:
        other = read_holder(lock)
        if other is not None:
            notify(f"waiting for {other.text}, which an earlier command left behind or another terminal runs")
        return other is None

    wait_until(free, polling)


def _read_lock(lock: Path) -> LockHolder | None:
    """The recorded holder; None in the moment between taking the lock and recording the holder."""
    try:
        return LockHolder.model_validate_json(lock.read_bytes())
    except (OSError, ValidationError):
        return None


def _try_lock(descriptor: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
