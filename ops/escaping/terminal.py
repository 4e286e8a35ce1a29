"""Text on a terminal: no colour, link, title, clipboard or movement except this program's own.

Source: XTerm control sequences (CSI, OSC 8 for links, OSC 52 for the clipboard). They all begin with a control
character, so a text without control characters is harmless on any terminal.

In a workflow the terminal is GitHub's runner, which takes lines for commands: they set outputs of the step, hide
values, fake findings, or fail the step (actions/runner, ``ActionCommand.cs`` and ``ActionCommandManager.cs``).
"""

import json
import os
import re
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.segment import Segment

from ops.escaping.visible import lines, visible

# Printable ASCII needs no change, and a report of some megabytes is nearly all of that.
_PERHAPS_UNSEEN = re.compile(r"[^\x20-\x7e\n\t]")
# A command is at the beginning of a line, or in its older form anywhere.
_COMMAND = re.compile(r"(?m)(?:^[^\S\n]*(?=::)|##(?=\[)).")


def document(text: str) -> str:
    """A text of many lines, such as a log or a report; of its control characters only line feeds and tabs stay."""
    return _without_commands(lines(text), "\\x")


def _without_commands(text: str, escape: str) -> str:
    if os.environ.get("GITHUB_ACTIONS") != "true":
        return text
    return _COMMAND.sub(lambda found: f"{found[0][:-1]}{escape}{ord(found[0][-1]):02x}", text)


class EscapingConsole(Console):
    """A console that prints text literally: in sentences, cells of tables and titles."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, **options)

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        """All output passes here. A command to GitHub's runner may be in parts, which one line joins."""
        return _without_commands(super()._render_buffer([_escaped(segment) for segment in buffer]), "\\x")


def _escaped(segment: Segment) -> Segment:
    if segment.control:
        return segment
    style = segment.style
    if style is not None and style.link:
        style = style.update_link(None)
    return Segment(lines(segment.text), style)


def json_document(text: str) -> str:
    """A JSON document of the same content, with what would not be shown as it is in JSON's own escapes."""
    return _without_commands(_PERHAPS_UNSEEN.sub(lambda found: _json_escape(found[0]), text), "\\u00")


def _json_escape(character: str) -> str:
    return character if visible(character) == character else json.dumps(character)[1:-1]
