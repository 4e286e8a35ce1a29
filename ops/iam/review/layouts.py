"""The file layouts of events, and how each is read in little memory.

CloudTrail's files and the answer of ``aws cloudtrail lookup-events`` have a list, other tools write one event per line.
A small file is parsed at once; a large one event by event, so that its size does not matter.
"""

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import IO, Final

import orjson

_GZIP = b"\x1f\x8b"
_BLANKS: Final = "\ufeff \t\r\n"
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LIST = re.compile(r'\s*\{\s*"(?:Records|Events)"\s*:\s*\[|\s*\[')
# The end of a list, with the text that ``lookup-events`` writes after it.
_AFTER_LIST = re.compile(r'\](?:\s*,\s*"\w+"\s*:\s*(?:"[^"]*"|[\w.+-]+))*\s*\}?')
_DIGEST = re.compile(r'\s*\{.{0,400}"digestStartTime"', re.DOTALL)
# The key eventName, by which a text shows that it has events, in any layout.
NAMES_EVENTS = re.compile(r"""eventname\\*['"]\s*[:,]""", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s,]*")
# The largest file that is parsed at once, which takes ten times its size of memory.
_SMALL: Final = 8 << 20
# One event has at most 256 KB, and CloudTrail cuts longer ones (CloudTrail user guide, "Quotas").
LARGEST_EVENT: Final = 1 << 20
_CHUNK: Final = 2 << 20
_DECODER = json.JSONDecoder()


class NotEventsError(Exception):
    """A file has no events, or no further ones."""

    def __init__(self, reason: str, *, serious: bool = True) -> None:
        super().__init__(reason)
        self.serious = serious


def documents(path: Path) -> Iterator[object]:
    """The records of a file, unchanged.

    Raises:
        NotEventsError: the file is empty, or of another kind.
        ValueError: its content is no JSON.
        EOFError: the compressed file is truncated.
        OSError: the file cannot be read.
    """
    with _open_text(path) as stream:
        try:
            head = stream.read(_SMALL)
        except (EOFError, gzip.BadGzipFile, zlib.error):
            with suppress(ValueError):
                yield from _documents(_before_the_damage(path), StringIO())
            raise
        text = head.lstrip(_BLANKS)
        if not text:
            raise NotEventsError("it is empty")
        if _DIGEST.match(text):
            raise NotEventsError("a digest of CloudTrail's, which holds no events", serious=False)
        if text[0] not in "{[":
            raise NotEventsError("it holds no CloudTrail events", serious=NAMES_EVENTS.search(text) is not None)
        whole = len(head) < _SMALL
        if whole and (listed := _parsed(text)) is not None:
            yield from _inner(listed)
        elif (whole or not _LIST.match(text)) and _is_complete_line(text):
            yield from _documents_by_line(text, stream)
        else:
            yield from _documents(text, stream)


def _before_the_damage(path: Path) -> str:
    """The readable beginning of a small compressed file that is truncated or damaged."""
    parts: list[bytes] = []
    with suppress(EOFError, OSError, zlib.error), gzip.open(path) as stream:
        while part := stream.read1():
            parts.append(part)
    raw = b"".join(parts)
    return raw.decode("utf-16" if raw[:2] in _WIDE else "utf-8", errors="replace").lstrip(_BLANKS)


def _open_text(path: Path) -> IO[str]:
    with path.open("rb") as raw:
        compressed = raw.read(2) == _GZIP
    with gzip.open(path) if compressed else path.open("rb") as probe:
        encoding = "utf-16" if probe.read(2) in _WIDE else "utf-8"
    if compressed:
        return gzip.open(path, "rt", encoding=encoding, errors="replace")
    # An invalid byte costs one character, not the file.
    return path.open(encoding=encoding, errors="replace")


def _parsed(text: str) -> object | None:
    """A text as one JSON document; None where it is several, or damaged."""
    try:
        return orjson.loads(text)  # type: ignore[no-any-return]
    except orjson.JSONDecodeError:
        return None


def _inner(document: object) -> Iterator[object]:
    """The records of a document: of CloudTrail's file, of ``lookup-events``, of a list, or a single one."""
    if isinstance(document, dict):
        for name in ("Records", "Events"):
            if name in document:
                document = document[name]
                if not isinstance(document, list):
                    raise NotEventsError(f"{name} is no list")
                break
    for record in document if isinstance(document, list) else [document]:
        # `lookup-events` has the event itself as a text, beside some of its fields.
        text = record.get("CloudTrailEvent") if isinstance(record, dict) else None
        yield _parsed(text) if isinstance(text, str) else record


def _is_complete_line(text: str) -> bool:
    """Whether the first line is a complete document."""
    first, _, rest = text.partition("\n")
    return bool(rest) and len(first) <= 4 * LARGEST_EVENT and _parsed(first) is not None


def _documents_by_line(text: str, stream: IO[str]) -> Iterator[object]:
    lines = text.split("\n")
    last = lines.pop() + stream.readline()
    for line in chain(lines, [last], stream):
        if line.strip():
            yield from _inner(orjson.loads(line))


def _documents(text: str, stream: IO[str]) -> Iterator[object]:
    """Documents one after the other, separated by commas or blanks; of a list, its elements.

    After a list there may be another: concatenated CloudTrail files have nothing between them.

    Raises:
        ValueError: a document is damaged or does not end.
    """
    position, more, in_list = 0, True, False
    while True:
        if more and len(text) - position < LARGEST_EVENT:
            added = stream.read(_CHUNK)
            more = bool(added)
            text, position = text[position:] + added, 0
            continue
        match = _BETWEEN.match(text, position)
        position = match.end() if match else position
        if position >= len(text):
            if in_list and not more:
                raise ValueError("the list has no end")
            if not more:
                return
        elif in_list and text[position] == "]":
            in_list = False
            match = _AFTER_LIST.match(text, position)
            position = match.end() if match else position
        elif not in_list and (match := _LIST.match(text, position)):
            in_list = True
            position = match.end()
        else:
            document, position = _DECODER.raw_decode(text, position)
            yield from _inner(document)
