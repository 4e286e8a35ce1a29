"""One publication at a time: an object in the bucket that only one caller can make.

It says which process holds it, so that one that was killed on this machine is not waited for.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from botocore.exceptions import ClientError

from installation.names import PUBLICATIONS_PREFIX
from ops.aws.clients import Aws
from ops.aws.errors import code_of
from ops.errors import RefusedError

LOCK_KEY: Final = f"{PUBLICATIONS_PREFIX}lock"
# Whoever holds it writes it anew within this time; after it, whoever held it has died.
_STALE: Final = timedelta(minutes=15)
_RENEWED: Final = timedelta(minutes=5)
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE: Final = Path("/proc/self/ns/pid")
_BEGAN: Final = 18  # starttime, behind the state
_TAKEN: Final = ("PreconditionFailed", "ConditionalRequestConflict")


@contextmanager
def publication_lock(aws: Aws, bucket: str, holder: str, clock: Callable[[], datetime]) -> Iterator[Callable[[], None]]:
    """Hold the lock; the given function is called now and then to say that the holder is alive.

    Args:
        bucket: the frontend's bucket.
        holder: who holds it, for whoever comes second.
        clock: the time.

    Raises:
        RefusedError: another caller holds it.
    """
    _take(aws, bucket, holder, clock())
    written = [clock()]

    def renew() -> None:
        now = clock()
        if now - written[0] > _RENEWED:
            aws.s3.put_object(Bucket=bucket, Key=LOCK_KEY, Body=holder.encode(), Metadata=_this_process())
            written[0] = now

    try:
        yield renew
    finally:
        aws.s3.delete_object(Bucket=bucket, Key=LOCK_KEY)


def _take(aws: Aws, bucket: str, holder: str, now: datetime) -> None:
    try:
        aws.s3.put_object(Bucket=bucket, Key=LOCK_KEY, Body=holder.encode(), Metadata=_this_process(), IfNoneMatch="*")
    except ClientError as error:
        if code_of(error) not in _TAKEN:
            raise
        _take_over(aws, bucket, holder, now)


def _take_over(aws: Aws, bucket: str, holder: str, now: datetime) -> None:
    found = aws.s3.get_object(Bucket=bucket, Key=LOCK_KEY)
    age = now - found["LastModified"]
    if age < _STALE and not _is_dead(found.get("Metadata", {})):
        minutes = max(1, int((_STALE - age).total_seconds() // 60))
        raise RefusedError(
            f"{found['Body'].read().decode()} is publishing at this moment",
            f"Try again when it is done. If it was ended, it counts as dead in {minutes} min.",
        )
    aws.s3.put_object(
        Bucket=bucket, Key=LOCK_KEY, Body=holder.encode(), Metadata=_this_process(), IfMatch=found["ETag"]
    )


def _this_process() -> dict[str, str]:
    return {"machine": _machine(), "process": str(os.getpid()), "began": _began(os.getpid())}


def _is_dead(holder: Mapping[str, str]) -> bool:
    """Whether the holder was a process of this machine, and is no more; of other machines nobody knows."""
    number = holder.get("process", "")
    if not _machine() or holder.get("machine") != _machine() or not number.isdecimal():
        return False
    return _began(int(number)) != holder.get("began")


def _began(process: int) -> str:
    """When a process began, only good for comparing; empty where there is none, or only its corpse (proc(5), stat)."""
    try:
        state, *fields = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state == "Z" else fields[_BEGAN]


def _machine() -> str:
    """Where process ids mean the same: one start of one kernel, and one container; empty where that is not known."""
    try:
        return f"{_BOOT.read_text(encoding='utf-8').strip()} {_NAMESPACE.readlink()}"
    except OSError:
        return ""
