"""How a release moves traffic in both modes, what is monitored meanwhile, and the rollback."""

import re
from typing import Final

from ops.release.timing import Mode
from ops.templates.values import at, items
from tools.pictures.drawing import Drawing
from tools.pictures.system import System, text

_WIDTH: Final = 1000
_HEIGHT: Final = 540
_LEFT: Final = 170
_RIGHT: Final = 980
_LANE: Final = 96
_MINUTES: Final = 7.8
_START_MINUTES: Final = 1.5


def draw(system: System) -> str:
    """The picture as SVG."""
    drawing = Drawing(
        _WIDTH,
        _HEIGHT,
        title="How a release moves traffic",
        description="Shares of traffic over time in the modes bluegreen and canary, what is watched, and the way back.",
    )
    group = system.only("AWS::CodeDeploy::DeploymentGroup")
    ended = at(group, "BlueGreenDeploymentConfiguration", "TerminateBlueInstancesOnDeploymentSuccess")
    bake = at(ended, "TerminationWaitTimeInMinutes")
    minutes = float(bake) if isinstance(bake, int | float) else 0.0
    drawing.text(20, 34, "How a release moves traffic", "title")
    what = "width: minutes; height: share of traffic; blue: the tasks that served before; green: the new ones"
    drawing.text(20, 56, what, "note")
    drawing.text(20, 75, "red: while blue is there, whatever goes wrong sends all traffic back to it at once", "note")
    for place, mode in enumerate(Mode):
        _lane(drawing, mode, top=100 + place * (_LANE + 70), bake=minutes)
    _watch(drawing, system, top=100 + len(Mode) * (_LANE + 70) - 10)
    return drawing.svg()


def _shift(mode: Mode) -> tuple[int, float]:
    """The first share of traffic in percent, and the minutes until the rest follows, from the configuration's name."""
    found = re.search(r"(\d+)Percent(\d+)Minutes$", mode.configuration)
    return (int(found[1]), float(found[2])) if found else (100, 0.0)


def _x(minutes: float) -> float:
    return _LEFT + (_RIGHT - _LEFT) * minutes / _MINUTES


def _lane(drawing: Drawing, mode: Mode, *, top: float, bake: float) -> None:
    percent, shift = _shift(mode)
    begin, moved = _START_MINUTES, _START_MINUTES + shift
    end = moved + bake
    bottom = top + _LANE
    initial = bottom - _LANE * (percent if shift else 0) / 100
    drawing.text(20, top + 24, mode.value, "head")
    drawing.paragraph(20, top + 45, f"{end:g} minutes if green starts in {begin:g}", width=150)
    drawing.area([(_x(0), top), (_x(moved), top), (_x(moved), bottom), (_x(0), bottom)], "blue")
    green = ((begin, initial), (moved, initial), (moved, top), (end, top), (end, bottom), (begin, bottom))
    drawing.area([(_x(minute), y) for minute, y in green], "green")
    drawing.text(_x(0) + 8, top + 20, "100 % blue")
    drawing.text(_x(0) + 8, top + 40, "green starts,", "note")
    drawing.text(_x(0) + 8, top + 57, "is probed", "note")
    if shift:
        drawing.text(_x(begin) + 10, bottom - _LANE * percent / 100 - 8, f"{percent} % green for {shift:g} minutes")
    drawing.text(_x(moved) + 8, top + 20, "100 %")
    drawing.text(_x(moved) + 8, top + 40, "green")
    for minute in dict.fromkeys((0.0, begin, moved, end)):
        drawing.path([(_x(minute), bottom), (_x(minute), bottom + 8)], tip=False)
        drawing.text(_x(minute), bottom + 24, f"{minute:g}", "note", "middle")
    drawing.path([(_x(end) - 6, bottom + 36), (_x(begin), bottom + 36)], kind="warn")


def _watch(drawing: Drawing, system: System, *, top: float) -> None:
    group = system.only("AWS::CodeDeploy::DeploymentGroup")
    alarms = system.of_type("AWS::CloudWatch::Alarm")
    watched = [
        text(alarms[name], "AlarmName")
        for alarm in items(at(group, "AlarmConfiguration", "Alarms"))
        if (name := text(alarm, "Name", "Ref")) in alarms
    ]
    events = [str(event).lower().replace("_", " ") for event in items(at(group, "AutoRollbackConfiguration", "Events"))]
    drawing.rectangle(20, top, _WIDTH - 40, _HEIGHT - top - 20, "band")
    drawing.text(36, top + 28, f"{len(watched)} alarms are watched, each can end it", "head")
    drawing.paragraph(36, top + 50, " · ".join(watched), width=_WIDTH - 80)
    drawing.text(36, top + 90, "goes back by itself on: " + ", ".join(events))
