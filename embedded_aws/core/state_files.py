"""The files of the saved state: one per service, changed together or not at all, even if the process is killed."""

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import orjson
from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

from embedded_aws.core import emulator
from embedded_aws.core.context import JsonValue

# The new content of several files. While it exists, it is valid, and the files may be partly changed.
_JOURNAL = "journal.partial-set"
_AS_JSON_DOES = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
# The stack and its change sets each contain the template as text: half of all saved data.
_LONG = 10_000
_TEXTS_KEPT = 32


class StateError(Exception):
    """A state file cannot be used; the message names it and the remedy."""


class StateFiles:
    """Reads and writes the state folder. A file is replaced, never changed, and a set of files uses a journal.

    Nothing is flushed to the disk: written data survives the end of the process, but not a power failure.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: dict[str, bytes] = {}

    def recover(self) -> None:
        """Write the rest of an incomplete set. Raises StateError: its journal is cut off, as after a power failure."""
        journal = self._folder / _JOURNAL
        try:
            content: dict[str, JsonValue] = json.loads(journal.read_bytes())
        except FileNotFoundError:
            return
        except ValueError as error:
            raise StateError(unusable(journal, f"it is not complete ({error})")) from error
        for name, file in content.items():
            # An earlier version wrote the text of each file as a string.
            _replace(self.path(name), (file if isinstance(file, str) else json.dumps(file)).encode())
        journal.unlink()

    def path(self, name: str) -> Path:
        """The path of a service's file."""
        return self._folder / f"{name}.json"

    def read(self, name: str) -> JsonValue:
        """The saved state; None if there is none. Raises StateError: the file is incomplete."""
        path = self.path(name)
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            payload: JsonValue = json.loads(text, object_hook=emulator.decode_object)["payload"]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise StateError(unusable(path, f"it is not a complete state file ({error})")) from error
        if payload is None:
            raise StateError(unusable(path, "it is not a complete state file (it has no payload)"))
        self._written[name] = text
        return payload

    def write(self, texts: Mapping[str, bytes]) -> None:
        """Write the texts that differ from their files, all or none."""
        changed_texts = {name: text for name, text in texts.items() if self._written.get(name) != text}
        # If the disk is full in between, the files are not as noted: the next save writes the whole set.
        for name in changed_texts:
            self._written.pop(name, None)
        if len(changed_texts) > 1:
            _replace(self._folder / _JOURNAL, _journal(changed_texts))
        for name, text in changed_texts.items():
            _replace(self.path(name), text)
        if len(changed_texts) > 1:
            (self._folder / _JOURNAL).unlink()
        self._written |= changed_texts


def _journal(files: Mapping[str, bytes]) -> bytes:
    """The contents by name, as one JSON document: they are already JSON and are inserted unchanged."""
    return b"{" + b",".join(json.dumps(name).encode() + b":" + content for name, content in files.items()) + b"}"


def encode(name: str, payload: JsonValue) -> bytes:
    """The content of a service's file."""
    content = {"__ministack_format__": emulator.state_format(name), "payload": payload}
    # orjson needs a tenth of the time. It holds the interpreter lock, since it calls nothing back: no thread can change
    # the data meanwhile. Allowing keys that are not strings takes it 50% longer.
    with suppress(TypeError):
        return orjson.dumps(content | {"payload": _plain_payload(payload)}, option=_AS_JSON_DOES)
    with suppress(TypeError):
        return orjson.dumps(
            content | {"payload": _plain_payload(payload)}, option=_AS_JSON_DOES | orjson.OPT_NON_STR_KEYS
        )
    return json.dumps(content, default=emulator.encode_object).encode()  # with bytes and the emulator's other types


def _plain_payload(payload: JsonValue) -> JsonValue:
    """A service's state, with its stores by account and region in their written form."""
    if isinstance(payload, dict):
        return {key: _to_written_form(value) for key, value in payload.items()}
    if isinstance(payload, list):
        return [_plain_payload(value) for value in payload]
    return payload


def _to_written_form(value: Any) -> Any:
    if not isinstance(value, AccountRegionScopedDict | AccountScopedDict):
        return value
    written = emulator.encode_object(value)
    return written | {"data": {key: _encode_long_texts(record) for key, record in written["data"].items()}}


def _encode_long_texts(record: Any) -> Any:
    """A record with its long texts as JSON, which is made once and used for all their writes."""
    if not isinstance(record, dict):
        return record
    long = {key: _encoded(text) for key, text in record.items() if isinstance(text, str) and len(text) > _LONG}
    return record | long if long else record


@lru_cache(_TEXTS_KEPT)
def _encoded(text: str) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(text))


def unusable(path: Path, reason: str) -> str:
    """The message for a file that cannot be used, with the remedy."""
    return (
        f"cannot use the saved state {path}: {reason}. Nothing was changed. Put the file back from a copy, or give up "
        "all saved state with `hannibal local down --purge`."
    )


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".partial")
    try:
        partial.write_bytes(content)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(partial)) from error  # a full disk names no file
    partial.replace(path)
