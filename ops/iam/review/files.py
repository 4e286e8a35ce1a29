"""Takes events out of files, by what is in them: names of log files follow no rule.

Everything is turned into one event a line with the fields of the query, because DuckDB reads that many times faster
than CloudTrail's own form, one object with all events (0.04 against 0.87 seconds of processor time for 26,000 events),
and because whatever is wrong with a file or a record is found here, where its name is known.
"""

import os
import re
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import orjson

from ops.errors import UnusableInputError
from ops.iam.review import events, resources
from ops.iam.review.fields import NOTHING, Asked
from ops.iam.review.layouts import NAMES_EVENTS, NotEventsError, documents
from ops.templates.values import at

_TEXTS = ("eventTime", "awsRegion", "eventType", "eventSource", "eventName", "errorCode")
_RESOURCE = {"arn": "ARN", "accountId": "accountId"}
_FLAGS = ("managementEvent", "readOnly")
# What other services wrap events in, or write in lower case; left out in silence, what was used would look unused.
_OTHER_LAYOUT = "hold events in another layout"
# A time before CloudTrail began or far ahead is a slip, and would be the last day of the window.
_YEARS = range(2013, 2200)
# Fields of a line, as CloudTrail writes them, with DuckDB's types.
COLUMNS: Mapping[str, str] = {
    "userIdentity": (
        'STRUCT("principalId" VARCHAR, "invokedBy" VARCHAR, "sessionContext" STRUCT('
        '"sessionIssuer" STRUCT("arn" VARCHAR), '
        '"attributes" STRUCT("mfaAuthenticated" VARCHAR, "creationDate" VARCHAR), '
        '"webIdFederationData" STRUCT("federatedProvider" VARCHAR, "attributes" MAP(VARCHAR, VARCHAR))))'
    ),
    **dict.fromkeys((*_TEXTS, *_FLAGS, "sourceIPAddress", "userAgent", "vpcEndpointId"), "VARCHAR"),
    "requestParameters": "JSON",
    "resources": 'STRUCT("arn" VARCHAR, "accountId" VARCHAR)[]',
    "tlsDetails": 'STRUCT("tlsVersion" VARCHAR)',
}


@dataclass(frozen=True, kw_only=True, order=True)
class Problem:
    """A file that could not be used, or not completely."""

    file: str  # its path
    reason: str  # what is wrong with it
    serious: bool = True  # whether events may be missing; not where the file is one that never holds any
    unusable: bool = False  # whether nothing of it was read


@dataclass
class Reading:
    """What was seen so far, over all files."""

    # A regular expression for the ARN of the role; of events of others nothing is kept but when and where.
    role: str = ""
    asked: Asked = NOTHING  # what to keep of each record for conditions
    # Events by a number made of their ``eventID``, so that one which stands in two files counts once.
    seen: set[int] = field(default_factory=set)
    repeated: int = 0  # events that stood there again
    skipped: Counter[str] = field(default_factory=Counter)  # records of the last file that are no events, by reason

    def again(self, event_id: object) -> bool:
        """Whether an event was read before; one without an id never was."""
        if not isinstance(event_id, str) or not event_id:
            return False
        if (number := hash(event_id)) in self.seen:
            self.repeated += 1
            return True
        self.seen.add(number)
        return False


def find_files(folder: Path) -> tuple[Path, ...]:
    """All files of a folder and its folders, through links too, or the file itself.

    Raises:
        UnusableInputError: there is no such folder, or no file in it.
    """
    if not folder.exists():
        raise UnusableInputError(f"{folder} does not exist", "Give a folder of CloudTrail files, or one file.")
    paths = tuple(sorted(_below(folder))) if folder.is_dir() else (folder,)
    if not paths:
        raise UnusableInputError(
            f"there are no files in {folder}", "Copy some there: `aws s3 sync s3://BUCKET/AWSLogs/ FOLDER`"
        )
    return paths


def _below(folder: Path) -> Iterator[Path]:
    """Files below a folder; one that several links lead to is read once."""
    folders: set[str] = set()
    files: set[str] = set()
    for where, below, names in os.walk(folder, followlinks=True):
        if (real := os.path.realpath(where)) in folders:
            below.clear()  # a link that leads back
            continue
        folders.add(real)
        for name in names:
            path = Path(where) / name
            if path.is_file() and (target := os.path.realpath(path)) not in files:
                files.add(target)
                yield path


def lines(path: Path, reading: Reading) -> Iterator[bytes]:
    """The events of a file, one JSON line each with the fields of `COLUMNS`.

    Records that are no events are counted in ``reading.skipped`` and cost nothing else.

    Raises:
        NotEventsError: the file is not what it should be; events before the bad place have been given.
    """
    reading.skipped.clear()
    given = 0
    try:
        for document in documents(path):
            if (line := _line(document, reading)) is not None:
                given += 1
                yield line
    except EOFError as error:
        raise NotEventsError("the compressed file is cut off") from error
    except (OSError, zlib.error) as error:
        raise NotEventsError(f"it cannot be read: {error}") from error
    except (ValueError, RecursionError) as error:
        raise NotEventsError(f"it is not whole: {str(error)[:200]}") from error
    if others := reading.skipped.pop(_OTHER_LAYOUT, 0):
        raise NotEventsError(
            f"{others:,} records hold events in a layout that is not read, as of EventBridge or a log group"
        )
    if not given and not reading.repeated and reading.skipped:
        raise NotEventsError("it holds no CloudTrail events", serious=False)


def _line(event: object, reading: Reading) -> bytes | None:
    if not isinstance(event, dict):
        reading.skipped["are no objects"] += 1
        return None
    line: dict[str, Any] = {name: value for name in _TEXTS if isinstance(value := event.get(name), str)}
    if "eventName" not in line or not _is_time(line.get("eventTime")):
        inside = "eventName" not in event and NAMES_EVENTS.search(str(event))
        reading.skipped[_OTHER_LAYOUT if inside else "have no eventName or no eventTime"] += 1
        return None
    if reading.again(event.get("eventID")):
        return None
    for name in _FLAGS:
        if (value := event.get(name)) is not None:
            # Insights and older events write them as text.
            line[name] = str(value).lower()
    issuer = _issuer(event)
    if issuer and _is_of(issuer, reading.role):
        line |= reading.asked.kept(event) | _about(event, reading.asked)
    if issuer:
        line.setdefault("userIdentity", {}).setdefault("sessionContext", {})["sessionIssuer"] = {"arn": issuer}
    return _written(line, reading)


@lru_cache(maxsize=5_000)
def _is_of(issuer: str, role: str) -> bool:
    """Whether a session is one of the role, which is given as a regular expression."""
    return re.search(role, issuer) is not None


def _written(line: dict[str, Any], reading: Reading) -> bytes | None:
    try:
        return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        reading.skipped["hold halves of characters"] += 1
        return None


def _about(event: dict[str, Any], asked: Asked) -> dict[str, Any]:
    """What an event says that it was about."""
    found = _resources(event.get("resources"))
    if isinstance(given := event.get("requestParameters"), dict):
        found["requestParameters"] = {name: given[name] for name in given.keys() & _deciding(asked)}
    return found


@cache
def _deciding(asked: Asked) -> frozenset[str]:
    """Parameters of requests that the query asks for; the others, which may be long, decide nothing."""
    named = (name for names in resources.parameters().values() for name in names)
    return frozenset(
        name.partition(".")[0] for name in (*events.parameters(), *events.rules().tags, *named, *asked.parameters)
    )


def _resources(listed: object) -> dict[str, Any]:
    if not listed or not isinstance(listed, list):
        return {}
    found = (
        {name: value for name, given in _RESOURCE.items() if isinstance(value := one.get(given), str)}
        for one in listed
        if isinstance(one, dict)
    )
    return {"resources": [one for one in found if one]}


def _issuer(event: dict[str, Any]) -> str | None:
    """The role behind a session; events of services and sign-ins have none."""
    arn = at(event, "userIdentity", "sessionContext", "sessionIssuer", "arn")
    return arn if isinstance(arn, str) else None


def _is_time(text: object) -> bool:
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return False
    return time is not None and time.tzinfo is not None and _YEARS.start <= time.year < _YEARS.stop
