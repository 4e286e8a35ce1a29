"""The status fits on a screen of 80 columns also when the month has budgets and nobody hears its alarms."""

from types import SimpleNamespace
from typing import Any

from ops.cli.commands.status import _alarm_summary

_LABEL = 10  # columns before the text


def test_alarms_and_budgets_fit_on_one_line() -> None:
    alarm = SimpleNamespace(state="OK", tells=True, in_alarm=False)
    deaf = SimpleNamespace(trouble="nobody is subscribed", wanted=False)
    budgets = [SimpleNamespace(kind=kind, left_percent=100.0) for kind in ("availability", "latency")]
    status: Any = SimpleNamespace(alarms=[alarm] * 22, audiences=[deaf], budgets=budgets)

    line = _alarm_summary(status)

    assert line.plain == "22 OK, received by nobody · budget: availability 100 %, latency 100 %"
    assert _LABEL + line.cell_len <= 80
