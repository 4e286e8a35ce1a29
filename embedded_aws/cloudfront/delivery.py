"""The answer to the viewer: compressed, a range of it, 304 for a conditional request, no body for HEAD.

Source: CloudFront developer guide, "Serve compressed files".
"""

import gzip
from email.utils import parsedate_to_datetime
from typing import Final

import brotli

from embedded_aws.cloudfront import emulator
from installation.aws_facts.cloudfront_compression import COMPRESSED_TYPES, LARGEST_BYTES, SMALLEST_BYTES

# Usual levels of shared servers: CloudFront documents none.
_BROTLI_QUALITY: Final = 5
_GZIP_LEVEL: Final = 6
_STATUSES: Final = (200, 403, 404)


def encodings(accept_encoding: str, *, gzip_kept: bool, brotli_kept: bool) -> tuple[str, ...]:
    """Give the encodings that the viewer accepts and the cache distinguishes, the preferred one first."""
    accepted = set()
    for part in accept_encoding.lower().split(","):
        name, _, quality = part.strip().partition(";")
        if quality.strip().replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}:
            accepted.add(name.strip())
    wanted = (("br", brotli_kept), ("gzip", gzip_kept))
    return tuple(name for name, kept in wanted if kept and name in accepted)


def is_compressible(status: int, headers: emulator.Record, body: bytes) -> bool:
    """Say whether CloudFront would compress an origin's answer."""
    kind = str(headers.get("content-type", "")).partition(";")[0].strip().lower()
    return (
        status in _STATUSES
        and "content-encoding" not in headers
        and kind in COMPRESSED_TYPES
        and SMALLEST_BYTES <= len(body) <= LARGEST_BYTES
        and "no-transform" not in str(headers.get("cache-control", "")).lower()
    )


def compress(encoding: str, headers: emulator.Record, body: bytes) -> tuple[emulator.Record, bytes]:
    """Compress an answer, and turn its strong entity tag into a weak one."""
    if encoding == "br":
        content = brotli.compress(body, quality=_BROTLI_QUALITY)
    else:
        content = gzip.compress(body, compresslevel=_GZIP_LEVEL, mtime=0)
    changed_headers = {**headers, "content-encoding": encoding, "content-length": str(len(content))}
    changed_headers.pop("accept-ranges", None)
    vary = str(headers.get("vary", ""))
    if "accept-encoding" not in vary.lower():
        changed_headers["vary"] = f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"
    tag = headers.get("etag")
    if tag and not tag.startswith("W/"):
        if tag.startswith('"'):
            changed_headers["etag"] = f"W/{tag}"
        else:
            del changed_headers["etag"]
    return changed_headers, content


def deliver(method: str, request_headers: emulator.Record, answer: emulator.Answer) -> emulator.Answer:
    """Give the part of a whole answer that the viewer requested; an answer of another status than 200 as it is."""
    status, headers, body = answer
    if status != 200 or method not in ("GET", "HEAD"):
        return answer
    if _is_not_modified(request_headers, headers):
        kept = {name: value for name, value in headers.items() if name not in ("content-length", "content-type")}
        return 304, kept, b""
    byte_range = request_headers.get("range")
    matches = request_headers.get("if-range") in (None, headers.get("etag"), headers.get("last-modified"))
    if byte_range is None or "content-encoding" in headers or not matches:
        return answer
    return _range_part(byte_range, headers, body)


def _is_not_modified(request_headers: emulator.Record, headers: emulator.Record) -> bool:
    tag = headers.get("etag")
    if "if-none-match" in request_headers:
        wanted = [part.strip().removeprefix("W/") for part in str(request_headers["if-none-match"]).split(",")]
        return "*" in wanted or bool(tag and str(tag).removeprefix("W/") in wanted)
    if "if-modified-since" not in request_headers or "last-modified" not in headers:
        return False
    try:
        since = parsedate_to_datetime(str(request_headers["if-modified-since"]))
        return parsedate_to_datetime(str(headers["last-modified"])) <= since
    except (TypeError, ValueError):  # one is no date, or only one of them has a time zone
        return False


def _range_part(byte_range: str, headers: emulator.Record, body: bytes) -> emulator.Answer:
    unit, _, span = byte_range.partition("=")
    first, dash, last = span.strip().partition("-")
    if unit.strip().lower() != "bytes" or not dash or "," in span or not (first + last).strip().isdigit():
        return 200, headers, body  # several parts or another unit: the whole, as RFC 9110 allows
    size = len(body)
    start = int(first) if first.strip() else max(0, size - int(last))
    end = min(int(last), size - 1) if first.strip() and last.strip() else size - 1
    if start > end:
        return 416, {**headers, "content-range": f"bytes */{size}", "content-length": "0"}, b""
    part = body[start : end + 1]
    ranged = {"content-range": f"bytes {start}-{end}/{size}", "content-length": str(len(part))}
    return 206, {**headers, **ranged}, part
