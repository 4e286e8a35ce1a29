"""The files of the saved state: one a service, changed together or not at all, however the process ends."""

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

# What is about to be written to several files. While it exists, it counts, and the files may be half changed.
_JOURNAL = "journal.partial-set"
_AS_JSON_DOES = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
# A template is kept as its text several times, by the stack and by its change sets: half of all that is saved.
_LONG = 10_000
_TEXTS_KEPT = 32


class StateError(Exception):
    """A state file cannot be used; the message names it and says what to do."""


class StateFiles:
    """Reads and writes the state folder. A file is replaced, never changed, and a set of files goes by a journal.

    Nothing is flushed to the disk itself: what a process wrote outlives it, though not a loss of electricity.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: dict[str, bytes] = {}

    def recover(self) -> None:
        """Write the files of a set that a killed process did not finish.

        Raises:
            StateError: the list of them is not complete, as after a loss of electricity.
        """
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
        """The file of a service."""
        return self._folder / f"{name}.json"

    def read(self, name: str) -> JsonValue:
        """What was saved; None if nothing was.

        Raises:
            StateError: the file is not complete.
        """
        path = self.path(name)
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            payload: JsonValue = json.loads(text, object_hook=emulator.decode_object)["payload"]
        except (ValueError, KeyError, TypeError) as error:
            raise StateError(unusable(path, f"it is not a complete state file ({error})")) from error
        self._written[name] = text
        return payload

    def write(self, texts: Mapping[str, bytes]) -> None:
        """Write those that differ from their files, all or none."""
        changed = {name: text for name, text in texts.items() if self._written.get(name) != text}
        # Where the disk is full in between, the files are not those that were written: the whole set is, next time.
        for name in changed:
            self._written.pop(name, None)
        if len(changed) > 1:
            _replace(self._folder / _JOURNAL, _journal(changed))
        for name, text in changed.items():
            _replace(self.path(name), text)
        if len(changed) > 1:
            (self._folder / _JOURNAL).unlink()
        self._written |= changed


def _journal(files: Mapping[str, bytes]) -> bytes:
    """The contents by the names, as one JSON document: what is JSON already is put in as it is."""
    return b"{" + b",".join(json.dumps(name).encode() + b":" + content for name, content in files.items()) + b"}"


def encode(name: str, payload: JsonValue) -> bytes:
    """The content of a service's file."""
    content = {"__ministack_format__": emulator.state_format(name), "payload": payload}
    # In a tenth of the time. It holds the interpreter meanwhile, since nothing is called back: no thread can change
    # what is being read. That keys may be other than texts takes it half as long again.
    with suppress(TypeError):
        return orjson.dumps(content | {"payload": _without_scopes(payload)}, option=_AS_JSON_DOES)
    with suppress(TypeError):
        return orjson.dumps(
            content | {"payload": _without_scopes(payload)}, option=_AS_JSON_DOES | orjson.OPT_NON_STR_KEYS
        )
    return json.dumps(content, default=emulator.encode_object).encode()  # bytes, and what else the emulator knows


def _without_scopes(payload: JsonValue) -> JsonValue:
    """What a service returns, with its stores, which belong to accounts and regions, as they are written."""
    if isinstance(payload, dict):
        return {key: _written(value) for key, value in payload.items()}
    if isinstance(payload, list):
        return [_without_scopes(value) for value in payload]
    return payload


def _written(value: Any) -> Any:
    if not isinstance(value, AccountRegionScopedDict | AccountScopedDict):
        return value
    written = emulator.encode_object(value)
    return written | {"data": {key: _with_encoded_texts(record) for key, record in written["data"].items()}}


def _with_encoded_texts(record: Any) -> Any:
    """A record with its long texts as JSON, which are made once for all times that they are written."""
    if not isinstance(record, dict):
        return record
    long = {key: _encoded(text) for key, text in record.items() if isinstance(text, str) and len(text) > _LONG}
    return record | long if long else record


@lru_cache(_TEXTS_KEPT)
def _encoded(text: str) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps(text))


def unusable(path: Path, reason: str) -> str:
    """Say that a file cannot be used, and what to do."""
    return (
        f"cannot use the saved state {path}: {reason}. Nothing was changed. Put the file back from a copy, or give up "
        "all saved state with `hannibal local down --purge`."
    )


def _replace(path: Path, content: bytes) -> None:
    partial = path.with_suffix(".partial")
    partial.write_bytes(content)
    partial.replace(path)
