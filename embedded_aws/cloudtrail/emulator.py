"""The used parts of the emulator's CloudTrail, under plain names (see ``EmulatorFunction``)."""

from typing import Any

from ministack.services import cloudtrail

from embedded_aws.core.patching import EmulatorFunction

actions = cloudtrail._DISPATCH
event_selectors = cloudtrail._event_selectors
trail_tags = cloudtrail._trail_tags
trails = cloudtrail._trails

recorded_events = EmulatorFunction[Any](cloudtrail, "_get_event_queue")
trail_arn = EmulatorFunction[str](cloudtrail, "_trail_arn")


def is_recording() -> bool:
    """Whether calls are recorded; this may change while the server runs."""
    return bool(cloudtrail._recording_enabled)
