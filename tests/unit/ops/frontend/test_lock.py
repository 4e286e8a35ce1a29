"""The lock where answers are lost, and where several want it at once."""

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from ops.errors import FailedError, RefusedError
from ops.frontend.lock import publication_lock
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error

NOW = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


class Bucket:
    """One object of S3 with its conditions (S3 user guide, "Conditional requests")."""

    def __init__(self) -> None:
        self.body: bytes | None = None
        self.metadata: dict[str, str] = {}
        self.now = self.modified = NOW
        self.lost = 0  # answers that are lost from now on: botocore asks once more
        self.before: Callable[[], None] = lambda: None  # what another caller does before the next read
        self.after: Callable[[], None] = lambda: None  # and after it

    @property
    def tag(self) -> str:
        return f'"{hashlib.md5(self.body or b"", usedforsecurity=False).hexdigest()}"'

    def put_object(self, *, Body: bytes, Metadata: dict[str, str], **condition: str) -> Any:  # noqa: N803 - boto3's
        if "IfNoneMatch" in condition and self.body is not None:
            raise client_error("PreconditionFailed")
        self._match(condition)
        self.body, self.metadata, self.modified = Body, Metadata, self.now
        if self.lost:
            self.lost -= 1
            return self.put_object(Body=Body, Metadata=Metadata, **condition)
        return {"ETag": self.tag}

    def get_object(self, **_: str) -> Any:
        done, self.before = self.before, lambda: None
        done()
        if self.body is None:
            raise client_error("NoSuchKey")
        found = {
            "Body": io.BytesIO(self.body),
            "ETag": self.tag,
            "LastModified": self.modified,
            "Metadata": self.metadata,
            "ResponseMetadata": {"HTTPHeaders": {"date": format_datetime(self.now, usegmt=True)}},
        }
        done, self.after = self.after, lambda: None
        done()
        return found

    def delete_object(self, **condition: str) -> None:
        self._match(condition)
        self.body = None

    def _match(self, condition: dict[str, str]) -> None:
        if "IfMatch" not in condition:
            return
        if self.body is None:
            raise client_error("NoSuchKey")
        if condition["IfMatch"] != self.tag:
            raise client_error("PreconditionFailed")


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()


def lock(bucket: Bucket) -> Any:
    return publication_lock(aws_of(s3=bucket), "bucket", "who", lambda: bucket.now)


def leave_behind(bucket: Bucket) -> None:
    """What a command that was killed leaves, a quarter of an hour ago."""
    bucket.body, bucket.now = b"who", NOW + timedelta(minutes=16)


@pytest.mark.parametrize("left_behind", [False, True])
def test_a_lock_whose_answer_was_lost_is_this_callers(bucket: Bucket, left_behind: bool) -> None:
    if left_behind:
        leave_behind(bucket)
    bucket.lost = 1
    with lock(bucket):
        assert bucket.body != b"who"
    assert bucket.body is None


def test_of_two_callers_with_the_same_role_one_takes_an_expired_lock_over(bucket: Bucket) -> None:
    """The tag of an object is that of its content, and both are called the same."""
    leave_behind(bucket)
    first, second = lock(bucket), lock(bucket)
    bucket.after = first.__enter__
    with pytest.raises(RefusedError, match="who is publishing"), second:
        pass


def test_a_lock_that_is_given_back_while_it_is_looked_at_is_taken(bucket: Bucket) -> None:
    bucket.body = b"other"

    def give_back() -> None:
        bucket.body = None

    bucket.before = give_back
    with lock(bucket):
        assert bucket.body is not None


def test_a_holder_whose_lock_expired_ends_and_leaves_the_new_lock(bucket: Bucket) -> None:
    """As a laptop that slept in the middle of a publication."""
    with lock(bucket) as renew:
        bucket.now += timedelta(minutes=4)
        renew()
        bucket.now += timedelta(minutes=20)
        bucket.body = b"other"
        with pytest.raises(FailedError, match="another publication began"):
            renew()
    assert bucket.body == b"other"


@pytest.mark.parametrize("clock_set_back", [timedelta(), timedelta(hours=5)])
def test_a_running_holder_renews_the_lock(bucket: Bucket, clock_set_back: timedelta) -> None:
    back = timedelta()
    with publication_lock(aws_of(s3=bucket), "pages", "me", lambda: bucket.now - back) as renew:
        back = clock_set_back
        for _ in range(3):
            bucket.now += timedelta(minutes=6)
            bucket.lost = 1
            renew()
            assert bucket.modified == bucket.now


@pytest.mark.parametrize("skew", [timedelta(minutes=14), timedelta(minutes=-14)])
def test_the_age_of_a_lock_is_by_the_clock_of_s3(bucket: Bucket, skew: timedelta) -> None:
    """It takes calls of a machine whose clock is wrong by up to 15 minutes, and such a one would end another's."""
    aws = aws_of(s3=bucket)
    bucket.put_object(Body=b"other\n1", Metadata={})
    bucket.now = NOW + timedelta(minutes=4)
    with pytest.raises(RefusedError, match="other is publishing"), publication_lock(aws, "b", "me", lambda: NOW + skew):
        pass
    bucket.now = NOW + timedelta(minutes=16)
    with publication_lock(aws, "b", "me", lambda: NOW + skew):
        assert bucket.body is not None
        assert bucket.body.startswith(b"me")


@pytest.mark.parametrize("error", [client_error("ExpiredToken"), EndpointConnectionError(endpoint_url="https://s3")])
def test_what_is_done_is_no_failure_because_nobody_answers_any_more(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Whoever repeats a rollback that has succeeded goes on to another publication."""

    def delete(**_: str) -> None:
        raise error

    monkeypatch.setattr(bucket, "delete_object", delete)
    with lock(bucket):
        pass
    bucket.body = None
    with pytest.raises(FailedError, match="the first cause"), lock(bucket):
        raise FailedError("the first cause")


def test_a_lock_that_cannot_be_released_is_reported(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    def delete(**_: str) -> None:
        raise client_error("AccessDenied")

    monkeypatch.setattr(bucket, "delete_object", delete)
    with pytest.raises(ClientError), lock(bucket):
        pass
