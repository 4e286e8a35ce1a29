"""The paths below ``/_hannibal/``, which AWS does not have: what runs here, injected data, and faults."""

import json
from collections.abc import Callable
from typing import Any

from embedded_aws.core.context import JsonValue
from embedded_aws.core.patching import Function, Response

_PREFIX = "/_hannibal/"
ControlHandler = Callable[[str, bytes], tuple[int, JsonValue]]


class Control:
    """Answers requests below ``/_hannibal/``."""

    def __init__(self) -> None:
        self._handlers: dict[str, ControlHandler] = {}

    def add(self, name: str, handler: ControlHandler) -> None:
        """Answer ``/_hannibal/<name>`` with a function that gets method and body and returns status and JSON."""
        self._handlers[name] = handler

    def install(self) -> None:
        """Handle these paths before the emulator's own."""
        from embedded_aws.core import emulator

        emulator.handle_shortcuts.wrap(self._answer)

    async def _answer(self, original: Function, method: str, path: str, headers: Any, body: bytes, *rest: Any) -> Any:
        if not path.startswith(_PREFIX):
            return await original(method, path, headers, body, *rest)
        handler = self._handlers.get(path.removeprefix(_PREFIX).strip("/"))
        if handler is None:
            return _json(404, {"message": f"there is {', '.join(_PREFIX + name for name in self._handlers)}"})
        return _json(*handler(method, body))


def _json(status: int, content: JsonValue) -> Response:
    return status, {"Content-Type": "application/json"}, json.dumps(content, indent=2).encode() + b"\n"
