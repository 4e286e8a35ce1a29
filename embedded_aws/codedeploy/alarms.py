"""Alarms that end a deployment."""

from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.codedeploy.store import Record


def configured(group: Record, info: Record) -> list[str]:
    """Name the alarms that a deployment watches."""
    configuration = info.get("overrideAlarmConfiguration") or group["alarmConfiguration"]
    if not configuration.get("enabled"):
        return []
    return [alarm["name"] for alarm in configuration.get("alarms") or []]


def active(names: list[str]) -> list[str]:
    """Name those that are in ALARM."""
    stores = (cloudwatch.alarms, cloudwatch.composite_alarms)
    found = ((name, store.get(name)) for name in names for store in stores)
    return [name for name, alarm in found if alarm and alarm.get("StateValue") == "ALARM"]


def sound(name: str, reason: str) -> None:
    """Put an alarm into ALARM, as SetAlarmState does."""
    request = {"AlarmName": name, "StateValue": "ALARM", "StateReason": reason}
    cloudwatch.set_alarm_state({}, request, False, True)
