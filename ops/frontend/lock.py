"""One publication at a time: an object in the bucket that only one caller can make."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from installation.names import PUBLICATIONS_PREFIX
from ops.aws.errors import code_of
from ops.errors import RefusedError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

LOCK_KEY: Final = f"{PUBLICATIONS_PREFIX}lock"
# Whoever holds it writes it anew within this time; after it, whoever held it has died.
_STALE: Final = timedelta(minutes=15)
_RENEWED: Final = timedelta(minutes=5)
_TAKEN: Final = ("PreconditionFailed", "ConditionalRequestConflict")


@contextmanager
def only_one(s3: "S3Client", bucket: str, holder: str, clock: Callable[[], datetime]) -> Iterator[Callable[[], None]]:
    """Hold the lock; the given function is called now and then to say that the holder is alive.

    Args:
        bucket: the frontend's bucket.
        holder: who holds it, for whoever comes second.
        clock: the time.

    Raises:
        RefusedError: another caller holds it.
    """
    _take(s3, bucket, holder, clock())
    written = [clock()]

    def renew() -> None:
        now = clock()
        if now - written[0] > _RENEWED:
            s3.put_object(Bucket=bucket, Key=LOCK_KEY, Body=holder.encode())
            written[0] = now

    try:
        yield renew
    finally:
        s3.delete_object(Bucket=bucket, Key=LOCK_KEY)


def _take(s3: "S3Client", bucket: str, holder: str, now: datetime) -> None:
    try:
        s3.put_object(Bucket=bucket, Key=LOCK_KEY, Body=holder.encode(), IfNoneMatch="*")
    except ClientError as error:
        if code_of(error) not in _TAKEN:
            raise
        _take_over(s3, bucket, holder, now)


def _take_over(s3: "S3Client", bucket: str, holder: str, now: datetime) -> None:
    found = s3.get_object(Bucket=bucket, Key=LOCK_KEY)
    age = now - found["LastModified"]
    if age < _STALE:
        minutes = max(1, int((_STALE - age).total_seconds() // 60))
        raise RefusedError(
            f"{found['Body'].read().decode()} is publishing at this moment",
            f"Try again when it is done. If it was ended, it counts as dead in {minutes} min.",
        )
    s3.put_object(Bucket=bucket, Key=LOCK_KEY, Body=holder.encode(), IfMatch=found["ETag"])
