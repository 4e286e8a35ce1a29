"""The records of publications: one object per publication, which CloudFront may not read.

The bucket keeps replaced and deleted files for 30 days as versions. A publication names the version of each of its
files, so that it can be restored as long as they exist.
"""

import secrets
import shlex
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from botocore.exceptions import BotoCoreError, ClientError
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from installation.names import PUBLICATIONS_PREFIX
from ops.aws.clients import Aws
from ops.aws.errors import ignoring, is_temporary
from ops.errors import FailedError, RefusedError
from ops.frontend.headers import Headers

_SUFFIX: Final = ".json"
# The bucket keeps replaced versions for as long (constructs_lib/buckets.py).
KEPT: Final = timedelta(days=30)
_LATEST: Final = datetime(9999, 1, 1, tzinfo=UTC)  # later times have no next moment, or none in another zone


class PublishedFile(BaseModel):
    """One file of a publication."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str  # its name in the bucket
    sha256: str  # digest of its uncompressed content
    size: int  # stored bytes
    etag: str  # S3's ETag, without quotes
    version_id: str  # the version in the bucket
    content_type: str  # with the character set where it is text
    cache_control: str  # how long browsers cache it
    content_encoding: str = ""  # empty where it is stored uncompressed

    @property
    def headers(self) -> Headers:
        """Its headers."""
        return Headers(
            content_type=self.content_type, cache_control=self.cache_control, content_encoding=self.content_encoding
        )


class Publication(BaseModel):
    """One publication."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str  # begins with its time, so that ids sort by time
    published: Annotated[AwareDatetime, Field(lt=_LATEST)]  # when it was complete
    published_by: str  # ARN of the caller
    note: str = ""  # the caller's note, such as a commit
    rollback_of: str = ""  # the publication that it restores; empty otherwise
    invalidation: str = ""  # id of CloudFront's invalidation; empty where nothing had to be invalidated
    files: tuple[PublishedFile, ...]  # all its files

    @property
    def size(self) -> int:
        """Total bytes of its files."""
        return sum(file.size for file in self.files)

    def by_key(self) -> dict[str, PublishedFile]:
        """Its files by name."""
        return {file.key: file for file in self.files}


def new_id(now: datetime) -> str:
    """A new id; two publications never have the same millisecond, because each waits for the other."""
    return f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03}Z-{secrets.token_hex(2)}"


def moment_after(newest: Publication | None) -> datetime:
    """Now, or later where the newest publication is of a machine whose clock is ahead: ids sort by time."""
    now = datetime.now(UTC)
    return max(now, newest.published + timedelta(milliseconds=1)).astimezone(UTC) if newest else now


def key_of(publication_id: str) -> str:
    """The key of a publication's record."""
    return f"{PUBLICATIONS_PREFIX}{publication_id}{_SUFFIX}"


def is_record(key: str) -> bool:
    """Whether an object of the bucket is the record of a publication."""
    return key.startswith(PUBLICATIONS_PREFIX) and key.endswith(_SUFFIX)


def read_publications(aws: Aws, bucket: str) -> tuple[Publication, ...]:
    """All recorded publications, the newest first, which users see; FailedError where a record cannot be read."""
    pages = aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PUBLICATIONS_PREFIX)
    keys = [item["Key"] for page in pages for item in page.get("Contents", []) if is_record(item["Key"])]
    return tuple(_read_publication(aws, bucket, key) for key in sorted(keys, reverse=True))


def _read_publication(aws: Aws, bucket: str, key: str) -> Publication:
    body = aws.s3.get_object(Bucket=bucket, Key=key)["Body"].read()
    try:
        return Publication.model_validate_json(body)
    except ValidationError as error:
        raise FailedError(
            f"s3://{bucket}/{key} is no record of a publication: {error.errors()[0]['msg']}",
            f"Look at it, and remove it if nobody needs it: aws s3 rm {shlex.quote(f's3://{bucket}/{key}')}",
        ) from error


def record(aws: Aws, bucket: str, publication: Publication) -> None:
    """Write the record of a publication, which makes it the current one."""
    key, body = key_of(publication.id), publication.model_dump_json(indent=1).encode()
    try:
        aws.s3.put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
    except (BotoCoreError, ClientError) as error:
        # S3 may have it although the answer was lost: a repeated rollback would then go back once more.
        with ignoring("404"):  # S3's answer to HEAD has no code
            if is_temporary(error) and aws.s3.head_object(Bucket=bucket, Key=key):
                return
        raise


def find(publications: Iterable[Publication], identifier: str | None, *, intact: bool = True) -> Publication:
    """The publication to roll back to.

    Args:
        identifier: its id, or the beginning of its id; None for the newest with other files than the current one.
        intact: whether the bucket has the current one's files; if not, an interrupted publication has
            replaced some of them, and the current one is a possible target as well.

    Raises:
        RefusedError: there is none, or more than one.
    """
    candidates = list(publications)
    fewest = 2 if identifier is None or intact else 1  # the current one is a target only where it is not intact
    if len(candidates) < fewest:
        raise RefusedError("there is no publication to go back to", "See what there is: `hannibal frontend list`")
    current, *earlier = candidates
    if identifier is None:
        shown = _content(current)
        other = next((one for one in earlier if _content(one) != shown), None)
        if other is None:
            raise RefusedError("all earlier publications have the same files as the current one")
        return other
    matching = [one for one in candidates if one.id.startswith(identifier)]
    if len(matching) != 1:
        raise RefusedError(
            f"{len(matching)} publications begin with {identifier}", "See their ids: `hannibal frontend list`"
        )
    if matching[0] is current and intact:
        raise RefusedError(f"{current.id} is what users see")
    return matching[0]


def _content(publication: Publication) -> dict[str, tuple[str, str]]:
    return {file.key: (file.sha256, file.content_type) for file in publication.files}


def replaced_at(publications: tuple[Publication, ...]) -> dict[str, datetime | None]:
    """When each publication, the newest first, was replaced by the next one; None for the current one."""
    following = (None, *(one.published for one in publications))
    return {one.id: time for one, time in zip(publications, following, strict=False)}
