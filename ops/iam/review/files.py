"""Takes events out of files, by what is in them: names of log files follow no rule.

Everything is turned into one event a line with the fields of the query, because DuckDB reads that many times faster
than CloudTrail's own form, one object with all events (0.04 against 0.87 seconds of processor time for 26,000 events),
and because whatever is wrong with a file is found here, where its name is known.
"""

import gzip
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from ops.errors import UnusableInputError

_GZIP = b"\x1f\x8b"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_HEAD_BYTES = 4096
_RECORDS = re.compile(rb'\s*\{\s*"Records"\s*:')
_DIGEST = re.compile(rb'\s*\{.{0,400}"digestStartTime"', re.DOTALL)
_TEXTS = ("eventTime", "awsRegion", "eventType", "eventSource", "eventName", "errorCode")
_FLAGS = ("managementEvent", "readOnly")
# Fields of a line, as CloudTrail writes them, with DuckDB's types.
COLUMNS: Mapping[str, str] = {
    "userIdentity": 'STRUCT("sessionContext" STRUCT("sessionIssuer" STRUCT("arn" VARCHAR)))',
    **dict.fromkeys((*_TEXTS, *_FLAGS), "VARCHAR"),
    "requestParameters": "JSON",
}


@dataclass(frozen=True, kw_only=True, order=True)
class Problem:
    """A file that could not be used, or not completely.

    Attributes:
        file: its path.
        reason: what is wrong with it.
        serious: whether events may be missing; not where the file is one that never holds any.
    """

    file: str
    reason: str
    serious: bool = True


class NotEventsError(Exception):
    """A file holds no events, or no more of them."""

    def __init__(self, reason: str, *, serious: bool = True) -> None:
        super().__init__(reason)
        self.serious = serious


def find_files(folder: Path) -> tuple[Path, ...]:
    """All files of a folder and its folders, or the file itself.

    Raises:
        UnusableInputError: there is no such folder, or no file in it.
    """
    if not folder.exists():
        raise UnusableInputError(f"{folder} does not exist", "Give a folder of CloudTrail files, or one file.")
    paths = tuple(sorted(path for path in folder.rglob("*") if path.is_file())) if folder.is_dir() else (folder,)
    if not paths:
        raise UnusableInputError(
            f"there are no files in {folder}", "Copy some there: `aws s3 sync s3://BUCKET/AWSLogs/ FOLDER`"
        )
    return paths


def lines(path: Path) -> Iterator[bytes]:
    """The events of a file, one JSON line each with the fields of `COLUMNS`.

    Raises:
        NotEventsError: the file is not what it should be; events before the bad place have been given.
    """
    try:
        yield from map(_line, _events(path))
    except EOFError as error:
        raise NotEventsError("the compressed file is cut off") from error
    except (OSError, zlib.error) as error:
        raise NotEventsError(f"it cannot be read: {error}") from error
    except orjson.JSONDecodeError as error:
        raise NotEventsError(f"it is not whole: {error}") from error


def _events(path: Path) -> Iterator[object]:
    with path.open("rb") as raw:
        compressed = raw.read(2) == _GZIP
    with gzip.open(path) if compressed else path.open("rb") as stream:
        head = stream.read(_HEAD_BYTES).removeprefix(_BYTE_ORDER_MARK)
        start = head.lstrip()
        if not start:
            raise NotEventsError("it is empty")
        if _RECORDS.match(start) or start.startswith(b"["):
            content = orjson.loads(start + stream.read())
            events = content["Records"] if isinstance(content, dict) else content
            if not isinstance(events, list):
                raise NotEventsError("Records is no list")
            yield from events
            return
        if _DIGEST.match(start):
            raise NotEventsError("a digest of CloudTrail's, which holds no events", serious=False)
        if not start.startswith(b"{"):
            raise NotEventsError("it holds no CloudTrail events")
        rest = start + stream.readline()
        yield from map(orjson.loads, filter(bytes.strip, rest.splitlines()))
        yield from map(orjson.loads, filter(bytes.strip, stream))


def _line(event: object) -> bytes:
    if not isinstance(event, dict):
        raise NotEventsError(f"an event is no object: {str(event)[:40]}")
    line: dict[str, Any] = {name: value for name in _TEXTS if isinstance(value := event.get(name), str)}
    if "eventName" not in line or not _is_time(line.get("eventTime")):
        raise NotEventsError("an object in it is no CloudTrail event: it has no eventName or no eventTime")
    for name in _FLAGS:
        if (value := event.get(name)) is not None:
            # Insights and older events write them as text.
            line[name] = str(value).lower()
    if isinstance(given := event.get("requestParameters"), dict):
        line["requestParameters"] = given
    if arn := _issuer(event.get("userIdentity")):
        line["userIdentity"] = {"sessionContext": {"sessionIssuer": {"arn": arn}}}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def _issuer(identity: object) -> str | None:
    """The role behind a session; events of services and sign-ins have none."""
    for name in ("sessionContext", "sessionIssuer"):
        identity = identity.get(name) if isinstance(identity, dict) else None
    arn = identity.get("arn") if isinstance(identity, dict) else None
    return arn if isinstance(arn, str) else None


def _is_time(text: object) -> bool:
    try:
        return isinstance(text, str) and datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False
