"""Pages of lists that the emulator returns whole: smallest, largest and default size, as each API documents them.

They reveal code that reads only the first page, before it runs in an account with several pages. ``pages.yaml``
contains the lists; other services have their own pages here.
"""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal

from pydantic import Field

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, Response, wrap_item
from embedded_aws.database import emulator as database
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.iam import emulator as iam
from embedded_aws.load_balancer import emulator as load_balancer
from installation import yaml_text

_FILE: Final = Path(__file__).with_suffix(".yaml")


class Paging(yaml_text.Data):
    """The pages of a service's lists."""

    service: Literal["ec2", "iam", "rds", "elbv2"]
    size: str  # the parameter for the number of items
    marker: str  # the parameter for the start of the page
    next_marker: str  # the element with the start of the next page
    item: str  # the element of one item; empty: the singular of the list's name
    smallest: int  # the smallest size that a request may have
    largest: int  # the largest size
    default: int  # the size if the request has none
    code: str  # error code for any other size
    lists: dict[str, str] = Field(default_factory=dict)  # the list's element, by operation

    def asked(self, text: str) -> int:
        """The size of a requested page. Raises ValueError: the service does not accept the size."""
        if not text:
            return self.default
        number = int(text) if text.isdigit() else -1
        if not self.smallest <= number <= self.largest:
            message = f"Invalid value {text} for {self.size}. Must be between {self.smallest} and {self.largest}"
            raise ValueError(message)
        return number


Read = Callable[[Any, str], str]
Refuse = Callable[[str, str], Response]
# The service's operations, and functions that read a parameter of a request and refuse a request.
_EMULATORS: Final[Mapping[str, tuple[Any, Read, Refuse]]] = {
    "ec2": (ec2.actions, ec2.parameter, ec2.error),
    "iam": (iam.actions, iam.parameter, lambda code, message: iam.error(400, code, message)),
    "rds": (database.actions, database.parameter, lambda code, message: database.error(code, message, 400)),
    "elbv2": (load_balancer.actions, load_balancer.parameter, load_balancer.error),
}


def install(_context: ServerContext) -> None:
    """Add pages to the operations."""
    for paging in yaml_text.read(_FILE, list[Paging]):
        actions, read, refuse = _EMULATORS[paging.service]
        for operation, element in paging.lists.items():
            wrap_item(actions, operation, _paged(paging, element, read, refuse))


def _paged(paging: Paging, element: str, read: Read, refuse: Refuse) -> Function:
    item = paging.item or element.removesuffix("s")

    def call(original: Function, parameters: Any) -> Response:
        try:
            size, begin = paging.asked(read(parameters, paging.size)), page_start(read(parameters, paging.marker))
        except ValueError as error:
            return refuse(paging.code, str(error))
        status, headers, body = original(parameters)
        if status != 200:
            return status, headers, body
        return status, headers, page(body.decode(), paging, element, item, begin, size).encode()

    return call


def page(text: str, paging: Paging, element: str, item: str, begin: int, size: int) -> str:
    """Reduce an answer with all items to one page, and add the start of the next page."""
    match = re.search(f"<{element}>(.*)</{element}>", text, re.DOTALL)
    items = _items(match.group(1), item) if match else []
    if match is None or (begin == 0 and len(items) <= size):
        return text
    end = begin + size
    shown = f"<{element}>{''.join(items[begin:end])}</{element}>"
    if end >= len(items):
        return text[: match.start()] + shown + text[match.end() :]
    shown += f"<{paging.next_marker}>{token_of(end)}</{paging.next_marker}>"
    one_page = text[: match.start()] + shown + text[match.end() :]
    return one_page.replace("<IsTruncated>false</IsTruncated>", "<IsTruncated>true</IsTruncated>")


def _items(inner: str, item: str) -> list[str]:
    """The complete items of a list, also if they contain lists."""
    depth, begin, items = 0, 0, []
    for tag in re.finditer(f"<(/?){item}(?:\\s[^>]*)?(/?)>", inner):
        closing, empty = tag.groups()
        if not closing and depth == 0:
            begin = tag.start()
        depth += 0 if empty else -1 if closing else 1
        if depth == 0:
            items.append(inner[begin : tag.end()])
    return items


def page_start(token: str) -> int:
    """The index at which a page begins. Raises ValueError: the token is not one of `token_of`."""
    try:
        text = base64.urlsafe_b64decode(token.encode()).decode() if token else "0"
    except (binascii.Error, ValueError):
        text = ""
    if not text.isdecimal():
        raise ValueError("The token is not valid.")
    return int(text)


def token_of(begin: int) -> str:
    """The token of a page that begins at an index."""
    return base64.urlsafe_b64encode(str(begin).encode()).decode()
