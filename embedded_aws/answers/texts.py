"""Replaces the emulator's messages by AWS's in `texts.yaml`: people search for them, and scripts compare them."""

import json
import re
from html import unescape
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import escape

from ministack import app
from ministack.core.responses import get_account_id, get_region

from embedded_aws.core.context import ServerContext
from embedded_aws.core.json_value import json_object
from embedded_aws.core.patching import Function, Response, wrap_item
from embedded_aws.core.protocols import Query, parse_request
from embedded_aws.requests.checks import BOTOCORE_NAMES
from installation import yaml_text

_FILE: Final = Path(__file__).with_suffix(".yaml")
_CODE: Final = re.compile("<Code>(.*?)</Code>", re.DOTALL)
_MESSAGE: Final = re.compile("<Message>(.*?)</Message>", re.DOTALL)


class Text(yaml_text.Data):
    """One error message."""

    match: str  # a pattern of the emulator's whole message
    says: str
    code: str = ""  # AWS's code, if the emulator's differs
    of: tuple[str, ...] = ()  # operations that return it; empty: all operations

    def worded(self, message: str) -> str | None:
        """AWS's message; None if the emulator's message does not match."""
        found = re.fullmatch(self.match, message)
        if found is None:
            return None
        return found.expand(self.says).replace("{account}", get_account_id()).replace("{region}", get_region())


def install(_context: ServerContext) -> None:
    """Replace the messages of each service."""
    for handler, texts in yaml_text.read(_FILE, dict[str, list[Text]]).items():
        wrap_item(app.SERVICE_HANDLERS, handler, _correct_messages(handler, texts))


def _correct_messages(handler: str, texts: list[Text]) -> Function:
    service = BOTOCORE_NAMES.get(handler, handler)

    async def answer(
        original: Function, method: str, path: str, headers: dict[str, str], body: bytes, query: Query, *rest: object
    ) -> Response:
        response: Response = await original(method, path, headers, body, query, *rest)
        if response[0] < 400 or not (said := message_of(response[2])):
            return response
        for text in texts:
            if (words := text.worded(said)) is None:
                continue
            sent = parse_request(service, method=method, path=path, headers=headers, body=body, query=query)
            if not text.of or sent.operation in text.of:
                return replace_message(response, text.code, words)
        return response

    return answer


def message_of(body: bytes) -> str:
    """The message of an error in JSON or XML; empty if it has none."""
    if content := json_object(body):
        return str(content.get("message") or content.get("Message") or "")
    found = _MESSAGE.search(body.decode(errors="replace"))
    return unescape(found.group(1)) if found else ""


def replace_message(response: Response, code: str, words: str) -> Response:
    """The same error with another message, and with another code if one is given."""
    status, headers, body = response
    if content := json_object(body):
        changed: dict[str, Any] = {key: words if key.lower() == "message" else it for key, it in content.items()}
        if code:
            changed, headers = changed | {"__type": code}, headers | {"x-amzn-errortype": code}
        return status, headers, json.dumps(changed).encode()
    text = _MESSAGE.sub(lambda _: f"<Message>{escape(words)}</Message>", body.decode(), count=1)
    if code:
        text = _CODE.sub(f"<Code>{code}</Code>", text, count=1)
    return status, headers, text.encode()
