"""Lifecycle events of an ECS deployment."""

from embedded_aws.codedeploy.store import Record, now

# CodeDeploy user guide, "List of lifecycle event hooks for an Amazon ECS deployment".
EVENTS = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)


def new_events() -> list[Record]:
    """List all events, as pending."""
    return [{"lifecycleEventName": name, "status": "Pending"} for name in EVENTS]


def begin(event: Record) -> None:
    """Mark an event as begun; an event that a restart interrupted keeps its beginning."""
    event["status"] = "InProgress"
    event.setdefault("startTime", now())


def end(event: Record, status: str, diagnostics: Record | None = None) -> None:
    """Mark an event as ended."""
    event["status"], event["endTime"] = status, now()
    event.setdefault("startTime", event["endTime"])
    if diagnostics:
        event["diagnostics"] = diagnostics


def break_off(events: list[Record], diagnostics: Record | None = None) -> None:
    """Mark the events of a deployment that ended early: running ones failed, pending ones are skipped."""
    for event in events:
        if event["status"] == "InProgress":
            end(event, "Failed", diagnostics)
        elif event["status"] == "Pending":
            event["status"] = "Skipped"


def skip(events: list[Record], names: tuple[str, ...]) -> None:
    """Mark events as skipped."""
    for event in events:
        if event["lifecycleEventName"] in names:
            event["status"] = "Skipped"
