"""S3's refusals of a request, before it reads the object, that the emulator lacks.

Source: S3 API reference, "List of error codes", and each operation's page.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from functools import partial
from http import HTTPStatus
from itertools import pairwise
from typing import Any, Final
from urllib.parse import unquote

from ministack import app
from ministack.core.responses import get_account_id

from embedded_aws.core.patching import AsyncOriginal, Original, Response, wrap_item
from embedded_aws.core.protocols import Query
from embedded_aws.core.refusal import Refusal
from embedded_aws.requests import known
from embedded_aws.s3 import emulator
from embedded_aws.s3.lifecycle_refusals import check_lifecycle, from_xml

_LONGEST_KEY: Final = 1024
_LONGEST_SECONDS: Final = 604_800
_MOST_KEYS: Final = 1000
_MOST_PARTS: Final = 10_000
_SMALLEST_PART: Final = 5 * 1024**2
_STATUSES: Final = {"AccessDenied": 403, "MethodNotAllowed": 405, "NoSuchConfiguration": 404, "NotImplemented": 501}
_MALFORMED: Final = (
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
)
# A copy of an object onto itself must have one of these headers.
_CHANGES: Final = (
    *("x-amz-storage-class", "x-amz-website-redirect-location", "x-amz-server-side-encryption"),
    "x-amz-tagging-directive",
)
# What a request may be about, that is not emulated: the emulator would make, delete or overwrite the bucket or object.
_NAMED: Final = frozenset({"analytics", "intelligent-tiering", "inventory", "metrics"})  # configurations with an id
_OF_BUCKETS: Final = _NAMED | {
    *("abac", "metadataAnnotationTable", "metadataConfiguration", "metadataInventoryTable", "metadataJournalTable"),
    *("metadataTable", "session"),
}
_OF_OBJECTS: Final = frozenset({"encryption", "renameObject"})
# What a bucket always has, so that AWS deletes none of it.
_KEPT: Final = frozenset(
    {
        *("accelerate", "acl", "location", "logging", "notification", "object-lock", "policyStatus"),
        *("requestPayment", "uploads", "versioning", "versions"),
    }
)
_NOT_IMPLEMENTED: Final = "A header you provided implies functionality that is not implemented"
_NUMBER: Final = re.compile(r"\s*\d{1,9}\s*")
_UPLOAD: Final = "uploadId"
_refused = partial(Refusal, "S3")


def install() -> None:
    """Check requests before the emulator."""
    wrap_item(app.SERVICE_HANDLERS, "s3", _answer)
    emulator.put_object.wrap(_put_object)
    emulator.new_bucket_block.wrap(lambda _original: {"_public_access_block": emulator.NEW_BUCKET_BLOCK})


async def _answer(
    original: AsyncOriginal, method: str, path: str, headers: dict[str, str], body: bytes, query: Query, *rest: object
) -> Response:
    bucket, _, key = unquote(path).lstrip("/").partition("/")
    try:
        _check_address(key, headers, query)
        _check_emulated(method, bucket, key, query)
        if key:
            _check_object(method, bucket, key, headers, query)
            if method == "POST" and _UPLOAD in query:
                check_parts(emulator.uploads.get(query[_UPLOAD][0]), body)
        elif bucket:  # the token of ListBuckets is a bucket's name
            _check_bucket(method, headers, query, body)
            if "requestPayment" in query:  # the emulator reads another name
                query = {**query, "request-payment": [""]}
    except Refusal as refusal:
        return refusal.as_xml(_STATUSES.get(refusal.code, 400))
    return await original(method, path, headers, body, query, *rest)


def _put_object(original: Original, bucket: str, key: str, *request: Any) -> Response:
    """Return the checksums that the request asks for (API reference, PutObject)."""
    status, headers, body = original(bucket, key, *request)
    if status == HTTPStatus.OK and (sums := emulator.buckets[bucket]["objects"][key]["checksums"]):
        headers |= {f"x-amz-checksum-{name.lower()}": it for name, it in sums.items()}
        headers["x-amz-checksum-type"] = "FULL_OBJECT"
    return status, headers, body


def _check_address(key: str, headers: Mapping[str, str], query: Query) -> None:
    if len(key.encode()) > _LONGEST_KEY:
        raise _refused("KeyTooLongError", "Your key is too long")
    if headers.get("x-amz-expected-bucket-owner", get_account_id()) != get_account_id():
        raise _refused("AccessDenied", "Access Denied")
    expires = (query.get("X-Amz-Expires") or ["0"])[0]
    if expires.isdecimal() and int(expires) > _LONGEST_SECONDS:
        message = (
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than "
            "604800 seconds"
        )
        raise _refused("AuthorizationQueryParametersError", message)


def _check_emulated(method: str, bucket: str, key: str, query: Query) -> None:
    about = (_OF_OBJECTS if key else _OF_BUCKETS).intersection(query)
    if about and (method != "GET" or "session" in about):
        raise _refused("NotImplemented", _NOT_IMPLEMENTED)
    if not key and method == "DELETE" and _KEPT.intersection(query):
        raise _refused("MethodNotAllowed", "The specified method is not allowed against this resource.")
    if not key and "id" in query and _NAMED.intersection(query) and bucket in emulator.buckets:
        raise _refused("NoSuchConfiguration", "The specified configuration does not exist.")


def _check_object(method: str, bucket: str, key: str, headers: Mapping[str, str], query: Query) -> None:
    if method == "PUT" and headers.get("if-none-match", "*") != "*":
        raise _refused("NotImplemented", _NOT_IMPLEMENTED)
    number = (query.get("partNumber") or ["1"])[0]
    if method == "PUT" and not (number.isdecimal() and 1 <= int(number) <= _MOST_PARTS):
        raise _refused("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
    source = unquote(headers.get("x-amz-copy-source", "")).lstrip("/")
    replaced = headers.get("x-amz-metadata-directive") == "REPLACE" or any(name in headers for name in _CHANGES)
    if source == f"{bucket}/{key}" and not replaced and not query:
        message = (
            "This copy request is illegal because it is trying to copy an object to itself without changing the "
            "object's metadata, storage class, website redirect location or encryption attributes."
        )
        raise _refused("InvalidRequest", message)


def _check_bucket(method: str, headers: Mapping[str, str], query: Query, body: bytes) -> None:
    if method == "GET" and (most := (query.get("max-keys") or ["0"])[0]).startswith("-"):
        raise _refused("InvalidArgument", f"Argument max-keys must be an integer between 0 and 2147483647: {most}")
    if method == "GET" and not _is_token((query.get("continuation-token") or [""])[0]):
        raise _refused("InvalidArgument", "The continuation token provided is incorrect")
    if method == "POST" and "delete" in query and len(re.findall(rb"<Object>", body)) > _MOST_KEYS:
        raise _refused(*_MALFORMED)
    if method == "PUT" and "lifecycle" in query and "aws-chunked" not in headers.get("content-encoding", ""):
        properties = from_xml(body)
        known.check("AWS::S3::Bucket", properties)
        check_lifecycle(properties)
    if method == "PUT" and "logging" in query:
        for target in _texts(body, "TargetBucket"):
            if target not in emulator.buckets:
                raise _refused("InvalidTargetBucketForLogging", "The target bucket for logging does not exist")


def _is_token(token: str) -> bool:
    """Whether it is base 64, like the emulator's tokens."""
    return len(token) % 4 == 0 and re.fullmatch(r"[A-Za-z0-9+/_-]*={0,2}", token) is not None


def _texts(body: bytes, name: str) -> Iterator[str]:
    try:
        root = ET.fromstring(body)  # noqa: S314 - this version of expat limits the expansion of entities
    except ET.ParseError:
        return
    yield from (element.text or "" for element in root.iter() if element.tag.rpartition("}")[2] == name)


def check_parts(upload: dict[str, Any] | None, body: bytes) -> None:
    """Refuse to complete an upload if its parts are out of order, differ from the uploaded ones, or are too small."""
    if upload is None:
        return
    written, tags = [list(_texts(body, name)) for name in ("PartNumber", "ETag")]
    if not written or len(written) != len(tags) or not all(_NUMBER.fullmatch(text) for text in written):
        raise _refused(*_MALFORMED)
    numbers = [int(text) for text in written]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        message = (
            "The list of parts was not in ascending order. The parts list must be specified in order by part number."
        )
        raise _refused("InvalidPartOrder", message)
    for number, tag in zip(numbers, tags, strict=True):
        part = upload["parts"].get(number)
        if part is None or part["etag"].strip('"') != tag.strip('"'):
            message = (
                "One or more of the specified parts could not be found. The part may not have been uploaded, or the "
                "specified entity tag may not match the part's entity tag."
            )
            raise _refused("InvalidPart", message)
    if any(upload["parts"][number]["size"] < _SMALLEST_PART for number in numbers[:-1]):
        raise _refused("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
