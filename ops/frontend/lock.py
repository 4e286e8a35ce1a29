"""One publication at a time: an object in the bucket that only one caller can make.

It says which process holds it, so that one that was killed on this machine is not waited for.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError

from installation.names import PUBLICATIONS_PREFIX
from ops.aws.clients import Aws
from ops.aws.errors import ignoring, is_signed_out, passes
from ops.errors import FailedError, RefusedError

LOCK_KEY: Final = f"{PUBLICATIONS_PREFIX}lock"
# Whoever holds it writes it anew within this time; after it, whoever held it has died.
_STALE: Final = timedelta(minutes=15)
_RENEWED: Final = timedelta(minutes=5)
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE: Final = Path("/proc/self/ns/pid")
_BEGAN: Final = 18  # starttime, behind the state
# A condition does not hold, or did not when the request came to its end (S3 user guide, "Conditional requests").
_CHANGED: Final = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey")
_MOST_TRIES: Final = 5  # each is one more caller that came or went in between


@contextmanager
def publication_lock(aws: Aws, bucket: str, holder: str, clock: Callable[[], datetime]) -> Iterator[Callable[[], None]]:
    """Hold the lock; the given function is called now and then to say that the holder is alive.

    Raises:
        RefusedError: another caller holds it.
        FailedError: another caller has taken it over, because it was not renewed in time.
    """
    # No other holder writes the same, so S3's tag of it says whose the lock is.
    body = f"{holder}\n{uuid4().hex}".encode()
    tag = _take(aws, bucket, body, clock)
    written = clock()

    def renew() -> None:
        nonlocal tag, written
        if clock() - written <= _RENEWED:
            return
        renewed = _put(aws, bucket, body, IfMatch=tag)
        if renewed is None:
            raise FailedError(
                "another publication began meanwhile, because this one did not renew its lock in time",
                "See what users have: `hannibal frontend list`. Then publish again.",
            )
        tag, written = renewed, clock()

    try:
        yield renew
    finally:
        _give_back(aws, bucket, tag)


def locked_since(aws: Aws, bucket: str) -> datetime | None:
    """When the lock was taken or renewed, by the clock of S3; None where nobody holds it."""
    with ignoring("404"):  # S3's answer to HEAD has no code
        return aws.s3.head_object(Bucket=bucket, Key=LOCK_KEY)["LastModified"]
    return None


def _give_back(aws: Aws, bucket: str, tag: str) -> None:
    """Delete the lock; where the bucket no longer answers it is left, and expires.

    What it was held for has ended: whoever reads of an error would repeat it, and a rollback would go on to another.
    """
    try:
        with ignoring(*_CHANGED):  # what another caller has taken over is theirs
            aws.s3.delete_object(Bucket=bucket, Key=LOCK_KEY, IfMatch=tag)
    except (BotoCoreError, ClientError) as error:
        if not (passes(error) or is_signed_out(error)):
            raise


def _take(aws: Aws, bucket: str, body: bytes, clock: Callable[[], datetime]) -> str:
    """Make the lock, or take over one whose holder has died; S3's tag of it."""
    for _ in range(_MOST_TRIES):
        if (tag := _put(aws, bucket, body, IfNoneMatch="*")) is not None:
            return tag
        with ignoring("NoSuchKey"):  # given back in this moment
            found = aws.s3.get_object(Bucket=bucket, Key=LOCK_KEY)
            there = found["Body"].read()
            if there == body:  # botocore asked once more, because the answer was lost
                return found["ETag"]
            _require_dead(there.decode().partition("\n")[0], found["Metadata"], _age(found, clock))
            if (tag := _put(aws, bucket, body, IfMatch=found["ETag"])) is not None:
                return tag
    raise RefusedError("others are publishing at this moment", "Try again when they are done.")


def _age(found: Mapping[str, Any], clock: Callable[[], datetime]) -> timedelta:
    """How old an object is by S3's own clock: that of this machine may be wrong by as much as a lock may be old."""
    date = found.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    now = parsedate_to_datetime(date) if date else clock()
    age: timedelta = now - found["LastModified"]
    return age


def _put(aws: Aws, bucket: str, body: bytes, **condition: Any) -> str | None:
    """Write the lock; its tag, or None where the condition does not hold."""
    with ignoring(*_CHANGED):
        return aws.s3.put_object(Bucket=bucket, Key=LOCK_KEY, Body=body, Metadata=_this_process(), **condition)["ETag"]
    return None


def _require_dead(holder: str, process: Mapping[str, str], age: timedelta) -> None:
    if age >= _STALE or _is_dead(process):
        return
    minutes = max(1, int((_STALE - age).total_seconds() // 60))
    raise RefusedError(
        f"{holder} is publishing at this moment",
        f"Try again when it is done. If it was killed, its lock expires in {minutes} min.",
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
