"""Compression at the edge: which answers, and by which encoding.

Source: CloudFront developer guide, "Serve compressed files".
"""

import gzip
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
    content = (
        brotli.compress(body, quality=_BROTLI_QUALITY)
        if encoding == "br"
        else gzip.compress(body, compresslevel=_GZIP_LEVEL, mtime=0)
    )
    changed = {**headers, "content-encoding": encoding, "content-length": str(len(content))}
    changed.pop("accept-ranges", None)
    vary = str(headers.get("vary", ""))
    if "accept-encoding" not in vary.lower():
        changed["vary"] = f"{vary}, Accept-Encoding" if vary else "Accept-Encoding"
    tag = headers.get("etag")
    if tag and not tag.startswith("W/"):
        if tag.startswith('"'):
            changed["etag"] = f"W/{tag}"
        else:
            del changed["etag"]
    return changed, content
