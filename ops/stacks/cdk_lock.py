"""One CDK at a time: a run that an earlier command left behind is waited for, whoever began it.

A command that is killed cannot end its CDK, which then goes on and deploys the next stacks. A second one beside it
would be refused by CloudFormation in the middle, or would deploy what the other destroys. So each run holds a lock, by
itself and not through the command that began it.
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

_POLLING, _SECONDS_OF_A_LOOK = Polling(seconds=0.01), 1.0


class LockHolder(BaseModel):
    """A run of the CDK that holds the lock."""

    model_config = ConfigDict(frozen=True)

    process: int  # its process id
    command: str  # what it runs, as a person would type it
    since: AwareDatetime  # when it began

    @property
    def text(self) -> str:
        """One line for people."""
        return f"`{self.command}` (process {self.process}, since {self.since:%Y-%m-%d %H:%M:%S %Z})"


def lock_file(checkout: Checkout, place: str) -> Path:
    """The lock of a checkout for what it deploys to."""
    return checkout.logs.parent / f"cdk-{place}.lock"


@contextmanager
def hold(lock: Path, polling: Polling = _POLLING) -> Iterator[int]:
    """Hold a lock while the block runs, and as long as a child lives that inherits its descriptor.

    Raises:
        FailedError: another run holds it.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # Who only looks, as `hannibal status` does, holds it for a moment.
        if not wait_until(lambda: _takes(descriptor), polling, limit=_SECONDS_OF_A_LOOK):
            other = _read(lock)
            raise FailedError(
                f"another run of the CDK began meanwhile: {other.text if other else lock}", "Run the command again."
            )
        os.ftruncate(descriptor, 0)
        yield descriptor
    finally:
        os.close(descriptor)


def write_holder(descriptor: int, process: int, command: str, now: datetime) -> None:
    """Write down who holds the lock."""
    run = LockHolder(process=process, command=command, since=now)
    os.pwrite(descriptor, run.model_dump_json().encode(), 0)


def read_holder(lock: Path) -> LockHolder | None:
    """Who holds the lock; None if nobody does."""
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
    return _read(lock) or LockHolder(process=0, command="npx cdk", since=datetime.now(UTC))


def wait_until_free(lock: Path, tell: Callable[[str], None], polling: Polling) -> None:
    """Wait until no run holds the lock, and say whom this waits for."""

    def free() -> bool:
        other = read_holder(lock)
        if other is not None:
            tell(f"waiting for {other.text}, which an earlier command left behind or another terminal runs")
        return other is None

    wait_until(free, polling)


def _read(lock: Path) -> LockHolder | None:
    """None in the moment between taking the lock and writing down who has it."""
    try:
        return LockHolder.model_validate_json(lock.read_bytes())
    except (OSError, ValidationError):
        return None


def _takes(descriptor: int) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False
