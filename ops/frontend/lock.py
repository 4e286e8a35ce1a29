"""One publication at a time: an object in the bucket that only one caller can create.

It names the process that holds it, so that the lock of a killed process of this machine is taken over at once.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from installation.names import PUBLICATIONS_PREFIX
from ops.aws.clients import Aws
from ops.aws.errors import ignoring, is_signed_out, is_temporary
from ops.errors import FailedError, RefusedError

LOCK_KEY: Final = f"{PUBLICATIONS_PREFIX}lock"
# The holder renews the lock within this time; an older lock is one of a dead holder.
_STALE: Final = timedelta(minutes=15)
_RENEWED: Final = timedelta(minutes=5)
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE: Final = Path("/proc/self/ns/pid")
_BEGAN: Final = 18  # index of starttime, counted after the state

# The errors of a condition that does not hold, or did not at the end of the request (S3 user guide, "Conditional
# requests").
_CHANGED: Final = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
_MOST_TRIES: Final = 5  # each further try is for a caller that took or released the lock in between


@contextmanager
def publication_lock(
    aws: Aws, bucket: str, holder: str, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
) -> Iterator[Callable[[], None]]:
    """Hold the lock; the yielded function renews it and must be called regularly.

    Raises:
        RefusedError: another caller holds it.
        FailedError: another caller has taken it over, because it was not renewed in time.
    """
    # No other holder writes the same content, so S3's ETag identifies the lock.
    body = f"{holder}\n{uuid4().hex}".encode()
    tag = _acquire_lock(aws, bucket, body, clock)
    written_at = clock()

    def renew() -> None:
        nonlocal tag, written_at
        if abs(clock() - written_at) <= _RENEWED:  # the clock may have been set back
            return
        renewed = _write_lock(aws, bucket, body, IfMatch=tag)
        if renewed is None:
            raise FailedError(
                "another publication began meanwhile, because this one did not renew its lock in time",
                "See what users have: `hannibal frontend list`. Then publish again.",
            )
        tag, written_at = renewed, clock()

    try:
        yield renew
    finally:
        _release_lock(aws, bucket, tag)


def locked_since(aws: Aws, bucket: str) -> datetime | None:
    """When the lock was taken or renewed, by S3's clock; None where nobody holds it."""
    with ignoring("404"):  # S3's answer to HEAD has no error code
        return aws.s3.head_object(Bucket=bucket, Key=LOCK_KEY)["LastModified"]
    return None


def _release_lock(aws: Aws, bucket: str, tag: str) -> None:
    """Delete the lock; if the bucket does not answer, the lock stays and expires.

    The operation has ended: after an error here a user would repeat it, and a rollback would go back once more.
    """
    try:
        with ignoring(*_CHANGED):  # another caller has taken the lock over
            aws.s3.delete_object(Bucket=bucket, Key=LOCK_KEY, IfMatch=tag)
    except (BotoCoreError, ClientError) as error:
        if not (is_temporary(error) or is_signed_out(error)):
            raise


def _acquire_lock(aws: Aws, bucket: str, body: bytes, clock: Callable[[], datetime]) -> str:
    """Create the lock, or take over the lock of a dead holder; returns its ETag."""
    for _ in range(_MOST_TRIES):
        if (tag := _write_lock(aws, bucket, body, IfNoneMatch="*")) is not None:
            return tag
        with ignoring("NoSuchKey"):  # released in this moment
            found = aws.s3.get_object(Bucket=bucket, Key=LOCK_KEY)
            content = found["Body"].read()
            if content == body:  # botocore repeated the request, because the answer was lost
                return found["ETag"]
            _require_dead(content.decode().partition("\n")[0], found["Metadata"], _age(found, clock))
            if (tag := _write_lock(aws, bucket, body, IfMatch=found["ETag"])) is not None:
                return tag
    raise RefusedError("others are publishing at this moment", "Try again when they are done.")


def _age(found: Mapping[str, Any], clock: Callable[[], datetime]) -> timedelta:
    """The age of an object by S3's clock: this machine's clock may be wrong by as much as the lock's age."""
    date = found.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    now = parsedate_to_datetime(date) if date else clock()
    age: timedelta = now - found["LastModified"]
    return age


def _write_lock(aws: Aws, bucket: str, body: bytes, **condition: Any) -> str | None:
    """Write the lock; returns its ETag, or None where the condition does not hold."""
    with ignoring(*_CHANGED):
        own = {"machine": _machine(), "process": str(os.getpid()), "began": _process_start(os.getpid())}
        return aws.s3.put_object(Bucket=bucket, Key=LOCK_KEY, Body=body, Metadata=own, **condition)["ETag"]
    return None


def _require_dead(holder: str, process: Mapping[str, str], age: timedelta) -> None:
    if age >= _STALE or _has_ended(process):
        return
    minutes = max(1, int((_STALE - age).total_seconds() // 60))
    raise RefusedError(
        f"{holder} is publishing at this moment",
        f"Try again when it is done. If it was killed, its lock expires in {minutes} min.",
    )


def _has_ended(holder: Mapping[str, str]) -> bool:
    """Whether the holder was a process of this machine and has ended; False for other machines."""
    number = holder.get("process", "")
    if not _machine() or holder.get("machine") != _machine() or not number.isdecimal():
        return False
    return _process_start(int(number)) != holder.get("began")


def _process_start(process: int) -> str:
    """When a process began, only for comparison; empty where there is none, or only a zombie (proc(5), stat)."""
    try:
        state, *fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state == "Z" else fields[_BEGAN]


def _machine() -> str:
    """An id of the boot and the container within which process ids are unique; empty where it is not known."""
    try:
        return f"{_BOOT.read_text(encoding='utf-8').strip()} {_NAMESPACE.readlink()}"
    except OSError:
        return ""
