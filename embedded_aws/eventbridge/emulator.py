"""The used parts of the emulator's EventBridge, under plain names (see ``EmulatorFunction``)."""

from typing import Any

from ministack.services import eventbridge

from embedded_aws.core.patching import EmulatorFunction, Response

buses = eventbridge._event_buses
rules = eventbridge._rules
targets = eventbridge._targets

dispatch_event = EmulatorFunction[Any](eventbridge, "_dispatch_event")
list_rules = EmulatorFunction[Response](eventbridge, "_list_rules")
matches_pattern = EmulatorFunction[bool](eventbridge, "_matches_pattern_view")
pattern_view = EmulatorFunction[Any](eventbridge, "_pattern_event_view")
parse_rate = EmulatorFunction[int | None](eventbridge, "_parse_rate_seconds")
put_events = EmulatorFunction[Response](eventbridge, "_put_events")


def set_check_interval(seconds: float) -> None:
    """Set how often the emulator checks whether a scheduled rule is due."""
    eventbridge._SCHEDULER_TICK_INTERVAL = seconds
