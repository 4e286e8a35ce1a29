"""The port that gives events to a custom runtime's program: a web page could take the events as well."""

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any

from embedded_aws.aws_lambda import emulator
from embedded_aws.core.patching import Function
from embedded_aws.core.request_guard import refusal_reason, refusal_text


def install() -> None:
    """Refuse requests from web pages, as the endpoint does."""
    emulator.runtime_api.wrap(with_request_guard)


def with_request_guard(original: Function, *arguments: Any) -> type[BaseHTTPRequestHandler]:
    """The class that handles requests, with the guard."""
    handler: Any = original(*arguments)

    class GuardedHandler(handler):  # type: ignore[misc]  # the emulator is untyped
        def parse_request(self) -> bool:
            if not super().parse_request():
                return False
            reason = refusal_reason(self.headers.items(), port=self.server.server_address[1])
            if reason is not None:
                self.send_error(HTTPStatus.FORBIDDEN, explain=refusal_text(reason))
            return reason is None

    return GuardedHandler
