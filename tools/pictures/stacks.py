"""The stacks by lifecycle, with their resources and the stacks whose outputs they read."""

from collections.abc import Sequence
from textwrap import wrap
from typing import Final

from installation import names
from ops.templates.assembly import Stack
from tools.pictures.drawing import LINE_HEIGHT, Drawing, letters
from tools.pictures.system import System, contents

_WIDTH: Final = 1000
_MARGIN: Final = 20
_GAP: Final = 12
_HEAD: Final = 44
_BETWEEN: Final = 50
_EPHEMERAL: Final = "ephemeral: made at the month's start, destroyed at its end"
_PERSISTENT: Final = "persistent: kept from month to month, protected against deletion"

_Lines = list[tuple[str, str]]  # Lines of text with their style; an empty line is a gap


def draw(system: System) -> str:
    """The picture as SVG."""
    month = _described(system, system.lifecycle("ephemeral"))
    persistent = _described(system, system.lifecycle("persistent"))
    gap = _MARGIN + _height(month)
    drawing = Drawing(
        _WIDTH,
        gap + _BETWEEN + _height(persistent) + _MARGIN,
        title="Two lifecycles",
        description="Which stacks are kept and which live for one month, what each holds, and whose outputs it reads.",
    )
    _band(drawing, month, kind="ephemeral", top=_MARGIN, words=_EPHEMERAL)
    middle = _WIDTH / 2
    drawing.path([(middle, gap + 4), (middle, gap + _BETWEEN - 5)])
    drawing.text(middle + 14, gap + 22, "reads outputs of; the other way round, synthesis fails")
    drawing.text(middle + 14, gap + 38, f"All use the boundaries of {names.IDENTITY_STACK} by name.", "note")
    _band(drawing, persistent, kind="persistent", top=gap + _BETWEEN, words=_PERSISTENT)
    return drawing.svg()


def _width(count: int) -> float:
    return (_WIDTH - 2 * _MARGIN - _GAP) / count - _GAP


def _height(stacks: Sequence[tuple[str, _Lines]]) -> float:
    return _HEAD + 46 + max(len(lines) for _, lines in stacks) * LINE_HEIGHT + _GAP


def _described(system: System, stacks: Sequence[Stack]) -> list[tuple[str, _Lines]]:
    room = letters(_width(len(stacks)) - 20)
    return [(stack.name, _lines(system, stack, room)) for stack in stacks]


def _lines(system: System, stack: Stack, room: int) -> _Lines:
    reads = ", ".join(name.removesuffix("Stack") for name in system.reads(stack))
    paragraphs = (
        (str(stack.template.get("Description", "")), "text"),
        ("\u00a0· ".join(contents(stack)), "note"),  # the dot may end a line, but never begins one
        (f"reads: {reads}" if reads else "", "text"),
    )
    found: _Lines = []
    for words, kind in paragraphs:
        gap = [("", kind)] if found and words else []
        found += [*gap, *((line, kind) for line in wrap(words, room, break_on_hyphens=False))]
    return found


def _band(drawing: Drawing, stacks: Sequence[tuple[str, _Lines]], *, kind: str, top: float, words: str) -> None:
    height = _height(stacks)
    width = _width(len(stacks))
    drawing.rectangle(_MARGIN, top, _WIDTH - 2 * _MARGIN, height, "band")
    drawing.text(_MARGIN + 14, top + 28, words, "title")
    for place, (name, lines) in enumerate(stacks):
        x = _MARGIN + _GAP + place * (width + _GAP)
        y = top + _HEAD
        drawing.rectangle(x, y, width, height - _HEAD - _GAP, kind)
        drawing.text(x + 12, y + 24, name, "head")
        for number, (line, style) in enumerate(lines):
            if line:
                drawing.text(x + 12, y + 46 + number * LINE_HEIGHT, line, style)
