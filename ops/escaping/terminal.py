"""Text on a terminal: no colour, link, title, clipboard or movement but those that this program itself writes.

Source: XTerm control sequences (CSI, OSC 8 for links, OSC 52 for the clipboard). They all begin with a control
character, so a text without those is harmless, however a terminal reads it.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.segment import Segment

from ops.escaping.visible import visible

_LINES = "\n\t"
# What is printable ASCII is seen, and a report of some megabytes is nearly nothing else.
_PERHAPS_UNSEEN = re.compile(r"[^\x20-\x7e\n\t]")


def document(text: str) -> str:
    """A text of many lines, such as a log or a report; only its line feeds and tabs control anything."""
    return visible(text, keep=_LINES)


class EscapingConsole(Console):
    """A console that takes text for text: in sentences, cells of tables and titles alike."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        """Everything that is printed passes here on its way out; colours are not yet written in it."""
        return super()._render_buffer([_escaped(segment) for segment in buffer])


def _escaped(segment: Segment) -> Segment:
    if segment.control:
        return segment
    style = segment.style
    if style is not None and style.link:
        style = style.update_link(None)
    return Segment(document(segment.text), style)


def json_document(text: str) -> str:
    """A JSON document of the same content: what nobody sees stands in its strings as JSON's own escapes."""
    return _PERHAPS_UNSEEN.sub(lambda found: _in_json(found[0]), text)


def _in_json(character: str) -> str:
    return character if visible(character) == character else json.dumps(character)[1:-1]
