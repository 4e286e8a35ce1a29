"""The dashboard: what a person looks at first comes first, with the thresholds drawn in."""

import json
from functools import cache
from itertools import pairwise
from typing import Any

from tests.support.compute_stack import dev

Widget = dict[str, Any]
ALARM = "AWS::CloudWatch::Alarm"


@cache
def widgets() -> list[Widget]:
    """The widgets of the dashboard; what CloudFormation fills in stands as text."""
    body = dev().properties("AWS::CloudWatch::Dashboard")["DashboardBody"]
    parts = body["Fn::Join"][1]
    text = "".join(part if isinstance(part, str) else json.dumps(part).replace('"', "'") for part in parts)
    return list(json.loads(text)["widgets"])


def titled(title: str) -> Widget:
    (found,) = [widget for widget in widgets() if widget["properties"].get("title", "").startswith(title)]
    return found


def lines(title: str) -> list[float]:
    annotations = titled(title)["properties"].get("annotations", {})
    return [line["value"] for line in annotations.get("horizontal", [])]


def test_the_first_row_has_the_state_of_every_alarm_that_notifies() -> None:
    first = widgets()[0]
    assert (first["type"], first["x"], first["y"], first["width"]) == ("alarm", 0, 0, 24)
    shown = " ".join(first["properties"]["alarms"])
    alarms = dev().of_type(ALARM) | dev().of_type("AWS::CloudWatch::CompositeAlarm")
    telling = [alarm for alarm, body in alarms.items() if body["Properties"].get("AlarmActions")]
    assert len(telling) > len(dev().of_type("AWS::CloudWatch::CompositeAlarm"))
    assert all(f"'{alarm}'" in shown for alarm in telling)


def test_the_rows_are_traffic_service_releases_and_log() -> None:
    order = [
        "Alarms",
        "Requests a minute",
        "5xx answers",
        "Response time",
        "Targets",
        "CPU of the service",
        "Memory of the service",
        "Database connections",
        "Database CPU",
        "Database: free",
        "Release: requests",
        "Release: share",
        "Release: p95",
        "Newest errors",
    ]
    places = [(titled(title)["y"], titled(title)["x"]) for title in order]
    assert places == sorted(places)
    assert len(order) == len(widgets())


def test_rows_fill_the_width_and_do_not_overlap() -> None:
    rows: dict[int, list[Widget]] = {}
    for widget in widgets():
        rows.setdefault(widget["y"], []).append(widget)
    assert all(sum(widget["width"] for widget in row) == 24 for row in rows.values())
    for (y, row), (following, _) in pairwise(sorted(rows.items())):
        assert y + max(widget["height"] for widget in row) <= following


def test_each_alarms_threshold_is_a_line_in_its_graph() -> None:
    alarms = dev().settings.alarms
    assert lines("5xx answers") == [alarms.errors_5xx_per_5_minutes]
    assert lines("Response time") == [alarms.release_p95_seconds]
    assert lines("CPU of the service") == [alarms.cpu_percent]
    assert lines("Memory of the service") == [alarms.memory_percent]
    assert lines("Database connections") == [alarms.database_connections]
    assert lines("Release: share") == [alarms.release_error_percent]
    assert lines("Release: p95") == [alarms.release_p95_seconds]


def test_both_target_groups_are_shown() -> None:
    text = json.dumps(titled("Targets"))
    for name in (dev().names.blue_target_group, dev().names.green_target_group):
        group, _ = dev().one("AWS::ElasticLoadBalancingV2::TargetGroup", Name=name)
        assert text.count(group) == 2  # healthy and unhealthy


def test_newest_errors_of_the_services_log_are_at_hand() -> None:
    log = titled("Newest errors")
    assert log["type"] == "log"
    assert f"SOURCE '{dev().names.service_log_group}'" in log["properties"]["query"]
    assert "sort @timestamp desc" in log["properties"]["query"]


def test_it_has_its_name_and_opens_on_the_last_hours() -> None:
    dashboard = dev().properties("AWS::CloudWatch::Dashboard")
    assert dashboard["DashboardName"] == dev().names.dashboard
    assert '"start":"-PT3H"' in json.dumps(dashboard["DashboardBody"]).replace("\\", "")
