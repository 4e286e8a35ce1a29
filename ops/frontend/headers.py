"""A file's headers for browsers: type, caching, compression."""

import gzip
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from mimetypes import MimeTypes
from pathlib import Path, PurePosixPath
from typing import Final

from installation import yaml_text
from installation.aws_facts.cloudfront_compression import COMPRESSED_TYPES, LARGEST_BYTES, SMALLEST_BYTES
from installation.settings.edge import EdgeSettings

IMMUTABLE: Final = "public, max-age=31536000, immutable"  # a year, the usual maximum (RFC 9111, 1.2.2)
REVALIDATED: Final = "no-cache"


class _ContentTypes(yaml_text.Data):
    by_ending: dict[str, str]
    left_to_us: frozenset[str]


_content: Final = yaml_text.cached_reader(Path(__file__).parent / "data" / "content_types.yaml", _ContentTypes)
_BY_NAME: Final = {"apple-app-site-association": "application/json"}
_PACKED: Final = {"gzip": "application/gzip"}
_WITH_CHARSET: Final = ("application/manifest+json", "application/xml", "image/svg+xml")

_LARGEST_IN_MEMORY: Final = 256 * 1024 * 1024
_WORTH_IT: Final = 0.9
_GZIP_LEVEL: Final = 9

_HEXADECIMAL: Final = re.compile(r"^(?=.*\d)(?=.*[a-f])[0-9a-f]{8,64}$")
_EIGHT: Final = re.compile(r"^[A-Za-z0-9_-]{8}$")  # rollup, Vite, esbuild, Angular
_LONG: Final = re.compile(r"^(?=.*\d)(?=.*[a-z])(?=.*[A-Z])[A-Za-z0-9_]{10,64}$")
# Words, also in camel case, also followed by a number; numbers, dates and sizes.
_WORD: Final = re.compile(r"^([A-Z]?[a-z]+([A-Z][a-z]+)*\d*|[A-Z]+[_-]?\d+|[\d_-]+|\d+x\d+)$")


@dataclass(frozen=True, kw_only=True)
class Headers:
    """Headers that S3 stores with a file and CloudFront passes on."""

    content_type: str  # with the character set where it is text
    cache_control: str  # how long browsers cache it
    content_encoding: str = ""  # ``gzip`` where it is stored compressed; empty otherwise


@cache
def _types() -> MimeTypes:
    """Types by a name's ending, without this machine's files: the same folder has the same types everywhere."""
    types = MimeTypes(filenames=())
    for ending, kind in _content().by_ending.items():
        types.add_type(kind, ending)
    return types


def content_type(key: str) -> str:
    """The type of a file, by its name alone."""
    name = PurePosixPath(key).name
    kind, packed = _types().guess_type(name, strict=True)
    # `app.js.gz` is no script unless a header declares its compression.
    found = _BY_NAME.get(name) or (kind if packed is None else _PACKED.get(packed)) or "application/octet-stream"
    has_charset = found.startswith("text/") or found in _WITH_CHARSET
    return f"{found}; charset=utf-8" if has_charset else found


def is_immutable(key: str, edge: EdgeSettings) -> bool:
    """Whether a name changes with its content, so that its content never changes."""
    path = f"/{key}"
    if any(fnmatchcase(path, pattern) for pattern in edge.mutable_paths) or is_page(key):
        return False
    if any(fnmatchcase(path, pattern) for pattern in edge.immutable_paths):
        return True
    stem = PurePosixPath(key).name.removesuffix(".map").rpartition(".")[0]
    return any(_is_hash(part) for part in _candidates(stem))


def is_page(key: str) -> bool:
    """Whether a file refers to others, so that it is published after them."""
    return key.endswith((".html", ".htm"))


def _candidates(stem: str) -> tuple[str, ...]:
    """The parts of a name that can be a hash: between its dots, and after the last hyphen."""
    first, *others = stem.split(".")
    last = others[-1] if others else first
    suffix = last.rpartition("-")[2] if "-" in last else ""
    # Vite's hash of eight characters may contain a hyphen: index-BkZ3-9aQ.js.
    of_eight = last[-8:] if last[-9:-8] in ("-", "_") else ""
    return (*others, suffix, of_eight)


def _is_hash(part: str) -> bool:
    if _HEXADECIMAL.match(part):
        return True
    return bool(_EIGHT.match(part) or _LONG.match(part)) and not _WORD.match(part)


def cache_control(key: str, edge: EdgeSettings) -> str:
    """How long browsers cache a file: a year, or only with revalidation."""
    return IMMUTABLE if is_immutable(key, edge) else REVALIDATED


def needs_compression(kind: str, size: int) -> bool:
    """Whether a file is worth compressing and CloudFront would not do it."""
    bare = kind.partition(";")[0]
    if size > _LARGEST_IN_MEMORY:
        return False
    if bare in COMPRESSED_TYPES:
        return size > LARGEST_BYTES
    return bare in _content().left_to_us and size >= SMALLEST_BYTES


def compressed(content: bytes) -> bytes | None:
    """The content compressed, always to the same bytes; None where that saves less than a tenth."""
    packed = gzip.compress(content, compresslevel=_GZIP_LEVEL, mtime=0)
    return packed if len(packed) < _WORTH_IT * len(content) else None
