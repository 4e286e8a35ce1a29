"""A bill has the hours in which stacks existed, at the estimate's prices."""

from datetime import UTC, date, datetime

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.cost_explorer import billing
from embedded_aws.cost_explorer.api import cost_and_usage
from embedded_aws.cost_explorer.billing import Lifetime, bill, hourly_costs, lifetimes

DAY = date(2026, 11, 24)


def at(hour: int, minute: int = 0, day: int = 24) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def event(status: str, hour: int, kind: str = "AWS::CloudFormation::Stack") -> dict[str, str]:
    return {
        "StackName": "ComputeStack",
        "ResourceType": kind,
        "ResourceStatus": status,
        "Timestamp": at(hour).isoformat().replace("+00:00", "Z"),
    }


@pytest.mark.parametrize(
    ("begun", "ended", "now", "hours"),
    [
        (at(10), at(12), at(20), 2),
        (at(10, 59), at(11, 1), at(20), 2),  # two hours were begun
        (at(10, 10), at(10, 20), at(20), 1),
        (at(10, day=20), None, at(20, day=25), 24),
        (at(22), None, at(23, 30), 2),
        (at(10, day=23), at(11, day=23), at(20), 0),
        (at(10, day=25), None, at(20, day=26), 0),
        (at(10), at(10), at(20), 0),
    ],
)
def test_hours_of_a_day_that_were_begun(begun: datetime, ended: datetime | None, now: datetime, hours: int) -> None:
    assert Lifetime(stack="ComputeStack", begun=begun, ended=ended).hours_begun(DAY, now) == hours


def test_lives_are_read_from_the_events_of_the_stack_itself() -> None:
    ended = [
        event("DELETE_COMPLETE", 9),
        event("DELETE_COMPLETE", 8, "AWS::SNS::Topic"),
        event("CREATE_IN_PROGRESS", 7),
        event("CREATE_IN_PROGRESS", 6, "AWS::SNS::Topic"),
    ]
    found = lifetimes([ended, [event("CREATE_IN_PROGRESS", 12)], [event("REVIEW_IN_PROGRESS", 13)]])
    assert [(lifetime.begun.hour, lifetime.ended and lifetime.ended.hour) for lifetime in found] == [(7, 9), (12, None)]


def test_a_day_is_hours_by_price_and_service() -> None:
    costs = hourly_costs({"ComputeStack": {"Resources": {"S": {"Type": "AWS::SecretsManager::Secret"}}}})
    assert costs == {"ComputeStack": {"AWS Secrets Manager": pytest.approx(0.4 / 730)}}
    two = [
        Lifetime(stack="ComputeStack", begun=at(1), ended=at(3)),
        Lifetime(stack="ComputeStack", begun=at(5), ended=at(6)),
    ]
    assert bill(DAY, two, costs, at(20)) == {"AWS Secrets Manager": pytest.approx(3 * 0.4 / 730)}
    assert bill(DAY, [Lifetime(stack="Unknown", begun=at(1), ended=None)], costs, at(20)) == {}


@pytest.mark.parametrize(
    "change",
    [
        {"Granularity": "MONTHLY"},
        {"GroupBy": []},
        {"Filter": {}},
        {"TimePeriod": {"Start": "2026-11-02", "End": "2026-11-02"}},
    ],
)
def test_what_is_not_emulated_is_refused(change: dict[str, object]) -> None:
    request = {
        "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-02"},
        "Granularity": "DAILY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": "SERVICE"}],
    }
    with pytest.raises(Refusal):
        cost_and_usage("eu-central-1", request | change)


def test_all_is_billed_in_the_installations_region(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `hannibal leftovers --all-regions` takes for another one would be nobody's."""
    monkeypatch.setattr(billing, "read_lifetimes", tuple)
    monkeypatch.setattr(billing, "read_templates", dict)
    monkeypatch.setattr(billing, "bill", lambda *_: {"Amazon Relational Database Service": 3.0})
    request = {
        "TimePeriod": {"Start": "2026-11-01", "End": "2026-11-02"},
        "Granularity": "MONTHLY",
        "Metrics": ["UnblendedCost"],
        "GroupBy": [{"Type": "DIMENSION", "Key": key} for key in ("REGION", "SERVICE")],
    }
    (month,) = cost_and_usage("eu-central-1", request)["ResultsByTime"]
    assert [group["Keys"][0] for group in month["Groups"]] == ["eu-central-1"]
