"""Saves the state of all services in files: what an answer reports is saved before the caller gets the answer."""

import copy
import hashlib
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from ministack.core import concurrency
from ministack.core.responses import AccountRegionScopedDict, AccountScopedDict

from embedded_aws.core import emulator
from embedded_aws.core.context import JsonValue, Store
from embedded_aws.core.state_files import StateError, StateFiles, encode, unusable

_SECONDS_BETWEEN_SAVES = 2.0
# Alarms, health checks and deployments change without a request. Comparing the state of a month with its files (1.4 MB)
# takes 5 ms of processor time (measured with Python 3.11 on a virtual machine of two cores).
_SECONDS_BETWEEN_SAVES_AT_REST = 10.0
# Logs grow without a request, by the output of containers, and are written as a whole: if slow, then less often.
LOGS = "cloudwatch_logs"
_REST_AFTER_LOGS = 20
# Services whose `get_state` copies its stores and does not change the copies, so that no copy is needed.
_READ_IN_PLACE = ("cloudformation", "cloudwatch", "cloudwatch_logs")
# The other services change their copies at most at this depth: the id of a container in a record of a copied
# store, the code of a version in a copied function.
_LEVELS_COPIED = 3
_SCOPED = (AccountRegionScopedDict, AccountScopedDict)
_OF_EVENTS = ("log_groups", "log_records", "queries")
_TRIES = 20

logger = logging.getLogger("embedded_aws.core.state")


class StateKeeper:
    """Loads the state folder once, then saves changes."""

    def __init__(self, folder: Path, stores: Iterable[Store], on_record: Callable[[], object] = lambda: None) -> None:
        """Take the folder, the extensions' stores, and a function that returns the resources in the stacks' records.

        Services are read one after the other: if these change meanwhile, a resource could be saved that no stack
        contains, so all are read again.
        """
        self._files = StateFiles(folder)
        self._on_record = on_record
        self._stores = tuple(stores)
        self._saving = threading.Lock()
        self._changed = threading.Event()
        self._ended = threading.Event()
        self._logs_rest_until = 0.0
        self._saved_shape = b""
        self._thread = threading.Thread(target=self._save_periodically, name="state-keeper", daemon=True)

    def load(self) -> None:
        """Restore the saved state of every service. Raises StateError: a file cannot be read, or is refused.

        A start without it would overwrite it later, and so lose the only copy of the data.
        """
        self._files.recover()
        for name, module_name in emulator.service_modules.items():
            if (content := self._files.read(name)) is not None:
                # Imported here and not through the app: its loader hides the import errors of a module.
                service = emulator.import_service(module_name)
                self._restore(name, service.load_persisted_state, content)
                self._check_taken(name, content, _state_of(name, service, content))
        for store in self._stores:
            if (content := self._files.read(store.name)) is not None:
                self._restore(store.name, store.set, content)
                self._check_taken(store.name, content, store.get())

    def _restore(self, name: str, restore: Callable[[JsonValue], None], content: JsonValue) -> None:
        try:
            restore(content)
        except Exception as error:
            logger.exception("restoring %s", name)
            raise StateError(unusable(self._files.path(name), f"its service cannot use it ({error!r})")) from error

    def _check_taken(self, name: str, content: JsonValue, state: JsonValue) -> None:
        """Check that a service has not passed over what it cannot use: the next save would lose it."""
        pairs: list[tuple[str, Any, Any]] = [("content", content, state)]
        if isinstance(content, dict) and isinstance(state, dict):
            pairs += [(repr(key), content[key], state[key]) for key in content.keys() & state.keys()]
        for key, saved, taken in pairs:
            # A newer emulator takes a store by account where its own is by account and region.
            if type(saved) is not type(taken) and not (isinstance(saved, _SCOPED) and isinstance(taken, _SCOPED)):
                raise StateError(unusable(self._files.path(name), f"its service cannot use its {key}"))

    def start(self) -> None:
        """Start to save changes, every two seconds while there are requests."""
        self._thread.start()

    def changed(self) -> None:
        """Note that the state may have changed, and that the next answer may show it."""
        self._changed.set()

    def stop(self) -> None:
        """Save for the last time."""
        self._ended.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join()
        self.save()

    def is_saved(self) -> bool:
        """Report whether everything that an answer may contain is saved: then it needs no thread that commits."""
        # In this order: a save takes the lock before it clears the mark, and releases it after all is written.
        return not self._changed.is_set() and not self._saving.locked()

    def commit(self, *, logs: bool = False) -> None:
        """Save what may have changed since the last save; ``logs`` says whether the answer reports stored events."""
        with self._saving:
            # A thread that waited here for a save that began after its own change needs no save of its own.
            if self._changed.is_set() or logs:
                self._save_changes(logs=logs)

    def save(self) -> None:
        """Write the state of each service that differs from its file."""
        with self._saving:
            self._save_changes(logs=True)

    def _save_periodically(self) -> None:
        at_rest = 0.0
        while not self._ended.wait(_SECONDS_BETWEEN_SAVES):
            at_rest += _SECONDS_BETWEEN_SAVES
            # A custom resource changes state without a request while its function runs.
            busy = self._changed.is_set() or concurrency.active_counts()["reentrant"] > 0
            if busy or at_rest >= _SECONDS_BETWEEN_SAVES_AT_REST:
                at_rest = 0.0
                try:
                    with self._saving:
                        self._save_changes(logs=time.monotonic() >= self._logs_rest_until)
                except OSError:  # such as a full disk; the next save tries again
                    logger.exception("could not save the state")

    def _save_changes(self, *, logs: bool) -> None:
        self._changed.clear()
        try:
            self._save(logs=logs)
        except OSError:
            # The next caller must not regard this as saved.
            self._changed.set()
            raise

    def _save(self, *, logs: bool) -> None:
        for _ in range(_TRIES):
            before = self._on_record()
            texts = {name: self._encode(name, get, logs=logs) for name, get in self._sources()}
            if self._on_record() == before:
                break
        self._files.write({name: text for name, text in texts.items() if text is not None})

    def _encode(self, name: str, get: Callable[[], JsonValue], *, logs: bool) -> bytes | None:
        if name == LOGS and not logs and self._digest_without_logs() == self._saved_shape:
            return None
        started = time.monotonic()
        for _ in range(_TRIES):
            try:
                with _reading(name):
                    text = encode(name, get())
            except (RuntimeError, KeyError, IndexError):
                # A store changed while it was read; it is read again.
                time.sleep(0.001)
                continue
            if name == LOGS:
                self._saved_shape = self._digest_without_logs()
                self._logs_rest_until = time.monotonic() + _REST_AFTER_LOGS * (time.monotonic() - started)
            return text
        logger.warning("could not save %s now", name)
        self._changed.set()  # the next save writes it, at the latest the one at the end
        return None

    def _digest_without_logs(self) -> bytes:
        """A digest of the service's state without the log events, whose saving can wait."""
        module = sys.modules.get("ministack.services.cloudwatch_logs")
        if module is None:
            return b""
        for _ in range(_TRIES):
            try:
                every = emulator.log_groups(module)
                groups: list[JsonValue] = [{**group, "streams": list(group.get("streams", ()))} for _, group in every]
                with _reading(LOGS):
                    others = {name: value for name, value in module.get_state().items() if name not in _OF_EVENTS}
                return hashlib.blake2b(encode(LOGS, [groups, others])).digest()
            except RuntimeError:
                time.sleep(0.001)
        return b"changing"

    def _sources(self) -> Iterator[tuple[str, Callable[[], JsonValue]]]:
        for name, module_name in emulator.service_modules.items():
            module = sys.modules.get(f"ministack.services.{module_name}")
            if module is not None and hasattr(module, "get_state"):
                module.copy = _COPY  # type: ignore[attr-defined]
                yield name, module.get_state
        for store in self._stores:
            yield store.name, store.get


def _state_of(name: str, service: ModuleType, content: Any) -> dict[str, Any]:
    """The state that a service has taken, read as for a save."""
    if name == "lambda":  # reading its state deletes the code that no function refers to: perhaps the file's only copy
        return {key: AccountRegionScopedDict() for key in content} if isinstance(content, dict) else {}
    service.copy = _COPY  # type: ignore[attr-defined]
    with _reading(name):
        state: dict[str, Any] = service.get_state()
    return state


class _Copy(ModuleType):
    """The module ``copy`` for a service: it copies only as deep as necessary while this thread reads the state."""

    def __init__(self) -> None:
        super().__init__("copy")
        self.reading = threading.local()

    def deepcopy(self, value: Any, memo: Any = None) -> Any:
        levels = getattr(self.reading, "levels", None)
        return copy.deepcopy(value, memo) if levels is None else _copy_levels(value, levels)

    def __getattr__(self, name: str) -> Any:
        return getattr(copy, name)


_COPY = _Copy()


def _copy_levels(value: Any, levels: int) -> Any:
    """Copy the outer levels of a value, and share the inner ones."""
    if levels == 0:
        return value
    if isinstance(value, dict):
        return dict(value) if levels == 1 else {key: _copy_levels(each, levels - 1) for key, each in value.items()}
    if isinstance(value, list):
        return list(value) if levels == 1 else [_copy_levels(each, levels - 1) for each in value]
    if isinstance(value, _SCOPED):
        return type(value).from_dict(_copy_levels(value.to_dict(), levels))
    return value


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """While the context is open, the state of a service is read without a full copy."""
    _COPY.reading.levels = 0 if name in _READ_IN_PLACE else _LEVELS_COPIED
    try:
        yield
    finally:
        _COPY.reading.levels = None
