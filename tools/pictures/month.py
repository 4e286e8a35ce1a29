"""The months: what is deleted, what is kept, and what a month passes to the next."""

from typing import Final

from installation import names
from ops.cost.estimation import Estimate
from tools.pictures.drawing import Drawing
from tools.pictures.system import System

_WIDTH: Final = 1000
_HEIGHT: Final = 470
_LEFT: Final = 170
_TOP: Final = 118
_ROW: Final = 46
_MONTHS: Final = ((_LEFT, 500.0), (640.0, 980.0))


def draw(system: System, estimate: Estimate) -> str:
    """The picture as SVG."""
    drawing = Drawing(
        _WIDTH,
        _HEIGHT,
        title="From month to month",
        description="Ephemeral stacks exist for a month; persistent ones, a snapshot and the release record go on.",
    )
    drawing.text(20, 34, "From month to month", "title")
    total = estimate.total
    for (begin, end), words in zip(_MONTHS, ("November", "December"), strict=True):
        drawing.text((begin + end) / 2, 66, words, "head", "middle")
        drawing.text(begin, 90, "cdk deploy --all", "mono")
        drawing.path([(begin, 96), (begin, _TOP + 8)])
    drawing.text(_MONTHS[0][1] - 8, 106, f"cdk destroy {names.STORAGE_STACK}", "mono", "end")
    drawing.path([(_MONTHS[0][1], 96), (_MONTHS[0][1], _TOP + 8)])
    month = system.lifecycle("ephemeral")
    for place, stack in enumerate(month):
        y = _TOP + 12 + place * _ROW
        drawing.text(20, y + 22, stack.name, "head")
        for begin, end in _MONTHS:
            drawing.rectangle(begin, y, end - begin, 32, "ephemeral")
    _handover(drawing, system, top=_TOP + 12, bottom=_TOP + 12 + len(month) * _ROW)
    top = _TOP + 104 + len(month) * _ROW
    drawing.text(20, top + 22, "persistent", "head")
    drawing.rectangle(_LEFT, top, _MONTHS[-1][1] - _LEFT, 32, "persistent")
    kept = " · ".join(stack.name.removesuffix("Stack") for stack in system.lifecycle("persistent"))
    drawing.text(_LEFT + 12, top + 21, kept)
    bottom = top + 62
    drawing.text(20, bottom, "a month costs", "head")
    for (begin, end), words in zip(
        ((_MONTHS[0][0], _MONTHS[0][1]), (_MONTHS[0][1], _MONTHS[1][0]), _MONTHS[1]),
        (f"{total.running:.0f} USD running", f"{total.stopped:.2f} USD stopped", f"{total.running:.0f} USD running"),
        strict=True,
    ):
        drawing.text((begin + end) / 2, bottom, words, "head", "middle")
    drawing.text(
        20, _HEIGHT - 18, f"Costs are computed for {estimate.environment} from the templates: docs/cost.md.", "note"
    )
    return drawing.svg()


def _handover(drawing: Drawing, system: System, *, top: float, bottom: float) -> None:
    """Draw what the end of a month leaves for the start of the next."""
    end, begin = _MONTHS[0][1], _MONTHS[1][0]
    if not system.of_type(names.RESTORE_POINT_TYPE):
        return
    middle = (end + begin) / 2
    drawing.path([(end, top + 16), (begin - 2, top + 16)])
    drawing.text(middle, top + 10, "final snapshot", "text", "middle")
    drawing.text(middle, top + 34, "restored", "note", "middle")
    y = bottom + 34
    drawing.text(20, y + 4, "release record", "head")
    drawing.path([(_LEFT + 120, top + _ROW + 32), (_LEFT + 120, y), (begin + 60, y), (begin + 60, top + _ROW + 36)])
    drawing.text(middle - 60, y - 8, "the image released last", "text", "middle")
