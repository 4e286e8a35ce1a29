"""The course of a start: what CloudFormation creates when, by the model's typical durations."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from installation import names
from ops.month.start_time import StartTime, TimedResource, start_time
from ops.templates.assembly import read_assembly
from tools.pictures.drawing import Drawing

_WIDTH: Final = 1000
_LEFT: Final = 200
_RIGHT: Final = 975
_TOP: Final = 74
_ROW: Final = 30
_BAR: Final = 22
_AXIS: Final = 40
_WORDS: Final = {
    "AWS::RDS::DBInstance": "database",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "load balancer",
    "AWS::ECS::Service": "service",
    "AWS::CloudFront::Distribution": "CloudFront",
}


def draw(variants: Mapping[str, Path]) -> str:
    """The picture as SVG, from folders of synthesized applications by the variant's name."""
    times = {words: _time(folder) for words, folder in variants.items()}
    heights = {words: _AXIS + _ROW * len(_rows(time)) + 34 for words, time in times.items()}
    drawing = Drawing(
        _WIDTH,
        _TOP + sum(heights.values()) + 30,
        title="The course of a start",
        description="What a start of the month makes when, without and with a hosted zone; what decides is blue.",
    )
    drawing.text(20, 34, "The course of a start", "title")
    longest = max(time.seconds for time in times.values())
    scale = (_RIGHT - _LEFT) / longest
    top: float = _TOP
    for words, time in times.items():
        _panel(drawing, words, time, top=top, scale=scale)
        top += heights[words]
    note = "By typical times of each resource: installation/aws_facts/durations.yaml. Blue: what the start waits for."
    drawing.text(20, top + 10, note, "note")
    return drawing.svg()


def _time(folder: Path) -> StartTime:
    """Compute a start from a snapshot; the persistent stacks exist already."""
    assembly = read_assembly(folder)
    made = [name for name, stack in assembly.stacks.items() if stack.lifecycle == "ephemeral"]
    return start_time(assembly, created=made, restored=True)


def _rows(time: StartTime) -> list[TimedResource]:
    """The resources that take long enough to be visible, in the order of their start."""
    return sorted((each for each in time.slow if each.resource_type in _WORDS), key=lambda each: each.begins)


def _panel(drawing: Drawing, words: str, time: StartTime, *, top: float, scale: float) -> None:
    def place(seconds: float) -> float:
        return _LEFT + seconds * scale

    rows = _rows(time)
    drawing.text(20, top, f"{words}: {time.seconds / 60:.1f} minutes", "head")
    bottom = top + _AXIS + _ROW * len(rows) - 8
    for minute in range(0, time.seconds // 60 + 1, 3):
        x = place(minute * 60)
        drawing.text(x, top + 24, f"{minute} min", "note", "middle")
        drawing.path([(x, top + 30), (x, bottom)], kind="dashed", tip=False)
    waited = set(time.longest_way)
    for number, each in enumerate(rows):
        y = top + _AXIS + _ROW * number - 4
        drawing.text(20, y + 16, f"{_WORDS[each.resource_type]}, {each.stack.removesuffix('Stack')}")
        begin, end = place(each.begins), place(each.begins + each.seconds)
        drawing.rectangle(begin, y, end - begin, _BAR, "blue" if each in waited else "ephemeral")
        drawing.text(begin + 8, y + 16, f"{each.seconds // 60}:{each.seconds % 60:02d}", "note")


PLAIN: Final = "Without a hosted zone"
STABLE: Final = f"With a hosted zone, {names.EDGE_STACK} stays"
