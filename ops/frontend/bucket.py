"""The frontend's bucket: lists, stores, copies and deletes files."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from boto3.exceptions import S3UploadFailedError
from boto3.s3.transfer import TransferConfig

from installation.names import NO_PAGES
from ops.aws.clients import Aws
from ops.errors import FailedError, RefusedError
from ops.frontend.headers import Headers, compressed, needs_compression
from ops.frontend.page_files import PageFile
from ops.frontend.publication import PublishedFile

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef

_PART_BYTES: Final = 16 * 1024 * 1024
_WHOLE_BYTES: Final = 16 * 1024 * 1024  # the largest file that is sent in one request
_TRANSFER: Final = TransferConfig(multipart_threshold=1, multipart_chunksize=_PART_BYTES)
_DELETED_AT_ONCE: Final = 1000  # S3 API reference, DeleteObjects


@dataclass(frozen=True, kw_only=True)
class Stored:
    """The bucket's entry of a file."""

    etag: str  # without quotes
    modified: datetime  # when it was written


def read_bucket(aws: Aws, bucket: str) -> dict[str, Stored]:
    """All files that CloudFront may serve, by name."""
    pages = aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return {
        item["Key"]: Stored(etag=item["ETag"].strip('"'), modified=item["LastModified"])
        for page in pages
        for item in page.get("Contents", [])
        if not item["Key"].startswith(NO_PAGES)
    }


def require_unchanged(aws: Aws, bucket: str, planned: Mapping[str, Stored]) -> None:
    """Check that nobody has published since the plan; else RefusedError."""
    if read_bucket(aws, bucket) != planned:
        raise RefusedError("the pages have changed since this was planned; nothing was done", "Run the command again.")


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A file as it will be stored."""

    file: PageFile
    headers: Headers  # headers for browsers
    body: bytes | None  # its compressed content; None where it is stored uncompressed
    etag: str  # the ETag that S3 will give it

    @property
    def key(self) -> str:
        """The file's name in the bucket."""
        return self.file.key

    @property
    def size(self) -> int:
        """The number of stored bytes."""
        return self.file.size if self.body is None else len(self.body)


def prepare(file: PageFile, content_type: str, cache_control: str) -> Prepared:
    """Compress a file that CloudFront does not, and compute S3's ETag of the content."""
    body = compressed(file.path.read_bytes()) if needs_compression(content_type, file.size) else None
    encoding = "" if body is None else "gzip"
    headers = Headers(content_type=content_type, cache_control=cache_control, content_encoding=encoding)
    etag = _multipart_etag(file.path) if body is None and file.size > _WHOLE_BYTES else _etag(file.path, body)
    return Prepared(file=file, headers=headers, body=body, etag=etag)


def put(aws: Aws, bucket: str, prepared: Prepared) -> PublishedFile:
    """Store a file, a large one in parts; FailedError where it changed meanwhile."""
    file = prepared.file
    changed_error = FailedError(f"{file.path} changed while it was published", "Wait for the build, and publish again.")
    try:
        etag, version = _put_file(aws, bucket, prepared)
    except OSError as error:
        raise changed_error from error
    if etag.strip('"') != prepared.etag:
        raise changed_error
    return published(prepared, version)


def _put_file(aws: Aws, bucket: str, prepared: Prepared) -> tuple[str, str]:
    """Store a file; returns S3's ETag and version."""
    file = prepared.file
    if prepared.body is None and file.size > _WHOLE_BYTES:
        try:
            aws.s3.upload_file(str(file.path), bucket, file.key, ExtraArgs=_headers(prepared.headers), Config=_TRANSFER)
        except S3UploadFailedError as error:
            raise error.__context__ or error from None  # AWS's error, which boto3 wraps
        written = aws.s3.head_object(Bucket=bucket, Key=file.key)
        return written["ETag"], written.get("VersionId", "")
    body = file.path.read_bytes() if prepared.body is None else prepared.body
    answer = aws.s3.put_object(Bucket=bucket, Key=file.key, Body=body, **_headers(prepared.headers))
    return answer["ETag"], answer.get("VersionId", "")


def published(prepared: Prepared, version_id: str) -> PublishedFile:
    """The record of a file in the bucket."""
    return PublishedFile(
        key=prepared.key,
        sha256=prepared.file.sha256,
        size=prepared.size,
        etag=prepared.etag,
        version_id=version_id,
        **asdict(prepared.headers),
    )


def find_stored(aws: Aws, bucket: str, prepared: Prepared) -> PublishedFile | None:
    """The record of a file that the bucket already has; None where content or headers differ."""
    entry = aws.s3.head_object(Bucket=bucket, Key=prepared.key)
    headers = Headers(
        content_type=entry.get("ContentType", ""),
        cache_control=entry.get("CacheControl", ""),
        content_encoding=entry.get("ContentEncoding", ""),
    )
    if entry["ETag"].strip('"') != prepared.etag or headers != prepared.headers:
        return None
    return published(prepared, entry.get("VersionId", ""))


def restore_version(aws: Aws, bucket: str, file: PublishedFile) -> PublishedFile:
    """Make an earlier version of a file the current one; it keeps its headers."""
    answer = aws.s3.copy_object(
        Bucket=bucket,
        Key=file.key,
        CopySource={"Bucket": bucket, "Key": file.key, "VersionId": file.version_id},
        MetadataDirective="COPY",
    )
    etag = answer["CopyObjectResult"].get("ETag", "").strip('"')
    return file.model_copy(update={"version_id": answer.get("VersionId", ""), "etag": etag})


def delete_files(aws: Aws, bucket: str, keys: Sequence[str]) -> None:
    """Delete files, which the bucket keeps as versions for another 30 days; FailedError where S3 refuses some."""
    for start in range(0, len(keys), _DELETED_AT_ONCE):
        objects: list[ObjectIdentifierTypeDef] = [{"Key": key} for key in keys[start : start + _DELETED_AT_ONCE]]
        answer = aws.s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
        if errors := answer.get("Errors"):
            raise FailedError(f"{errors[0].get('Key')} cannot be deleted: {errors[0].get('Message')}")


def _headers(headers: Headers) -> dict[str, Any]:
    named = {"ContentType": headers.content_type, "CacheControl": headers.cache_control}
    return named | ({"ContentEncoding": headers.content_encoding} if headers.content_encoding else {})


def _etag(path: Path, body: bytes | None) -> str:
    with path.open("rb") if body is None else io.BytesIO(body) as file:
        return hashlib.file_digest(file, partial(hashlib.md5, usedforsecurity=False)).hexdigest()


def _multipart_etag(path: Path) -> str:
    """S3's ETag of a multipart upload: over the digests of the parts, with their number."""
    digests = []
    with path.open("rb") as file:
        while chunk := file.read(_PART_BYTES):
            digests.append(hashlib.md5(chunk, usedforsecurity=False).digest())
    return f"{hashlib.md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{len(digests)}"
