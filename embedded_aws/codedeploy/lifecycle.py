"""Lifecycle events of an ECS deployment, and the target that they happen to."""

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
    """List all events, to come."""
    return [{"lifecycleEventName": name, "status": "Pending"} for name in EVENTS]


def begin(event: Record) -> None:
    """Note that an event began; one that a restart interrupted began before."""
    event["status"] = "InProgress"
    event.setdefault("startTime", now())


def end(event: Record, status: str, diagnostics: Record | None = None) -> None:
    """Note how an event ended."""
    event["status"], event["endTime"] = status, now()
    event.setdefault("startTime", event["endTime"])
    if diagnostics:
        event["diagnostics"] = diagnostics


def break_off(events: list[Record], diagnostics: Record | None = None) -> None:
    """Note that a deployment ended in the middle: what ran has failed, what was to come is skipped."""
    for event in events:
        if event["status"] == "InProgress":
            end(event, "Failed", diagnostics)
        elif event["status"] == "Pending":
            event["status"] = "Skipped"


def skip(events: list[Record], names: tuple[str, ...]) -> None:
    """Note that events will not happen."""
    for event in events:
        if event["lifecycleEventName"] in names:
            event["status"] = "Skipped"
