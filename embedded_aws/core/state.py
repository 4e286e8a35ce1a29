"""Keeps the state of all services in files, so that a restart, or a killed process, loses little or nothing."""

import hashlib
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ministack import app
from ministack.core import concurrency, persistence

from embedded_aws.core.context import JsonValue, Store

_SECONDS_BETWEEN_SAVES = 2.0
# Alarms, health checks and deployments go on without a request. A save costs some 50 ms.
_SECONDS_BETWEEN_SAVES_AT_REST = 10.0

logger = logging.getLogger("embedded_aws.core.state")


class StateError(Exception):
    """A state file cannot be used; the message names it and says what to do."""


class StateKeeper:
    """Loads the state folder once, then saves what changed."""

    def __init__(self, folder: Path, stores: Iterable[Store]) -> None:
        """Take the folder of the state files and the stores of the extensions."""
        self._folder = folder
        self._stores = tuple(stores)
        self._digests: dict[str, bytes] = {}
        self._saving = threading.Lock()
        self._changed = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._save_periodically, name="state-keeper", daemon=True)

    def load(self) -> None:
        """Give every service its saved state back.

        Raises:
            StateError: a file cannot be read, or its service refuses what it holds. Starting without it would
                overwrite it later, and with it the only copy of the data.
        """
        for name, module_name in app._state_map.items():  # noqa: SLF001 - the emulator's own register
            if (content := self._read(name)) is not None:
                # Imported here and not through the app: its loader hides a module that fails to import.
                module = app._get_module(module_name)  # noqa: SLF001
                self._restore(name, module.load_persisted_state, content)
        for store in self._stores:
            if (content := self._read(store.name)) is not None:
                self._restore(store.name, store.set, content)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.json"

    def _read(self, name: str) -> JsonValue:
        path = self._path(name)
        try:
            text = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            content = json.loads(text, object_hook=persistence._json_object_hook)  # noqa: SLF001
            payload: JsonValue = content["payload"]
        except (ValueError, KeyError, TypeError) as error:
            raise StateError(_unusable(path, f"it is not a complete state file ({error})")) from error
        self._digests[name] = hashlib.blake2b(text).digest()
        return payload

    def _restore(self, name: str, restore: Callable[[JsonValue], None], content: JsonValue) -> None:
        try:
            restore(content)
        except Exception as error:
            logger.exception("restoring %s", name)
            raise StateError(_unusable(self._path(name), f"its service cannot use it ({error!r})")) from error

    def start(self) -> None:
        """Begin to save what has changed, every two seconds while there are requests."""
        self._thread.start()

    def changed(self) -> None:
        """Say that something may have changed, so that it is saved soon."""
        self._changed.set()

    def stop(self) -> None:
        """Save for the last time."""
        self._ended.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join()
        self.save()

    def _save_periodically(self) -> None:
        at_rest = 0.0
        while not self._ended.wait(_SECONDS_BETWEEN_SAVES):
            at_rest += _SECONDS_BETWEEN_SAVES
            # A custom resource changes state without a request while its function runs.
            busy = self._changed.is_set() or concurrency.active_counts()["reentrant"] > 0
            if busy or at_rest >= _SECONDS_BETWEEN_SAVES_AT_REST:
                at_rest = 0.0
                self._changed.clear()
                self.save()

    def save(self) -> None:
        """Write the state of each service that differs from its file."""
        with self._saving:
            for name, get in self._sources():
                try:
                    text = json.dumps(
                        {
                            "__ministack_format__": persistence._state_format_version(name),  # noqa: SLF001
                            "payload": get(),
                        },
                        default=persistence._json_default,  # noqa: SLF001
                    ).encode()
                except Exception:
                    # A store may change while it is copied; the next save, at the latest the last one, gets it.
                    logger.warning("could not save %s now", name, exc_info=True)
                    self._changed.set()
                    continue
                self._write(name, text)

    def _sources(self) -> Iterator[tuple[str, Callable[[], JsonValue]]]:
        for name, module_name in app._state_map.items():  # noqa: SLF001
            module = sys.modules.get(f"ministack.services.{module_name}")
            if module is not None and hasattr(module, "get_state"):
                yield name, module.get_state
        for store in self._stores:
            yield store.name, store.get

    def _write(self, name: str, text: bytes) -> None:
        digest = hashlib.blake2b(text).digest()
        if self._digests.get(name) == digest:
            return
        path = self._path(name)
        partial = path.with_suffix(".partial")
        partial.write_bytes(text)
        partial.replace(path)
        self._digests[name] = digest


def _unusable(path: Path, reason: str) -> str:
    return (
        f"cannot use the saved state {path}: {reason}. Nothing was changed. Put the file back from a copy, or give up "
        "all saved state with `hannibal local down --purge`."
    )
