"""Drift is what was changed by hand, not what releases move by design."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import cmarkgfm  # type: ignore[import-untyped]
import pytest

from installation.settings.expected_drift import ExpectedDrift
from ops.errors import FailedError, UnusableInputError
from ops.report.drift_page import markdown
from ops.stacks.drift import Drift, read_drift
from tests.support.aws import aws_of
from tests.support.clock import Clock
from tests.support.fake_clients import client_error
from tests.support.fakes import FakeAccount, FakeCloudFormation

GROUP = {
    "LogicalResourceId": "ServiceGroup",
    "PhysicalResourceId": "sg-1",
    "ResourceType": "AWS::EC2::SecurityGroup",
    "StackResourceDriftStatus": "MODIFIED",
    "PropertyDifferences": [
        {"PropertyPath": "/SecurityGroupIngress/0/CidrIp", "ExpectedValue": "10.0.0.0/8", "ActualValue": "0.0.0.0/0"}
    ],
}


def moved(kind: str, *paths: str) -> dict[str, Any]:
    differences = [{"PropertyPath": path, "ExpectedValue": "blue", "ActualValue": "green"} for path in paths]
    return GROUP | {"ResourceType": kind, "PropertyDifferences": differences}


class DriftingCloudFormation(FakeCloudFormation):
    """Compares what a test says differs, and takes two looks to do it."""

    def __init__(self, account: FakeAccount, *pages: list[dict[str, Any]]) -> None:
        super().__init__(account)
        self.pages = pages or ([],)
        self.looks: dict[str, int] = {}
        self.outcome = "DETECTION_COMPLETE"
        self.others = 0  # how often a comparison that another began is still under way

    def detect_stack_drift(self, StackName: str) -> Any:  # noqa: N803 - boto3's name
        assert not self.looks, "all are begun before the first is waited for"
        if self.others:
            self.others -= 1
            raise client_error("ValidationError", f"Drift detection is already in progress for stack {StackName}")
        if self.account.stacks[StackName]["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise client_error("ValidationError", "Drift detection cannot be performed on this stack")
        return {"StackDriftDetectionId": f"id-{StackName}"}

    def describe_stack_drift_detection_status(self, StackDriftDetectionId: str) -> Any:  # noqa: N803
        looks = self.looks[StackDriftDetectionId] = self.looks.get(StackDriftDetectionId, 0) + 1
        if looks == 1:
            return {"DetectionStatus": "DETECTION_IN_PROGRESS"}
        failed = self.outcome == "DETECTION_FAILED"
        reason = {"DetectionStatusReason": "Failed to detect drift on resource [Topic]"} if failed else {}
        return {"DetectionStatus": self.outcome, **reason}

    def describe_stack_resource_drifts(self, StackName: str, NextToken: str = "0", **_: Any) -> Any:  # noqa: N803
        if StackName != "NetworkStack":
            return {"StackResourceDrifts": []}
        number = int(NextToken)
        more = {"NextToken": str(number + 1)} if number + 1 < len(self.pages) else {}
        return {"StackResourceDrifts": self.pages[number], **more}


@pytest.fixture
def stacks(account: FakeAccount) -> FakeAccount:
    for name in ("NetworkStack", "ComputeStack", "SomebodyElses"):
        account.add_stack(name)
    return account


TODAY = date(2026, 11, 25)


def drift_of(
    account: FakeAccount, *pages: list[dict[str, Any]], expected: Sequence[ExpectedDrift] = (), today: date = TODAY
) -> Drift:
    client: Any = DriftingCloudFormation(account, *pages)
    return read_drift(aws_of(cloudformation=client, polling=Clock().polling()), expected=expected, today=today)


@pytest.mark.parametrize("status", ["REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "UPDATE_IN_PROGRESS"])
def test_a_stack_that_cloudformation_does_not_compare_hides_no_others(stacks: FakeAccount, status: str) -> None:
    """It refuses all but stacks at rest (CloudFormation user guide, "Stack states for drift detection")."""
    stacks.add_stack("ComputeStack", status)
    found = drift_of(stacks, [GROUP])
    assert (found.stacks, len(found.unexpected)) == (("NetworkStack",), 1)
    assert found.unread == (f"ComputeStack is {status}",)


def test_all_our_stacks_are_compared_and_no_others(stacks: FakeAccount) -> None:
    found = drift_of(stacks)
    assert found.stacks == ("NetworkStack", "ComputeStack")
    assert found.resources == ()
    assert markdown(found, "dev") == "No drift in the 2 stacks of dev.\n"


def test_a_change_by_hand_is_shown_with_both_values(stacks: FakeAccount) -> None:
    found = drift_of(stacks, [GROUP])
    assert found.unexpected == found.resources
    text = markdown(found, "dev")
    assert "1 resources" not in text
    assert "`10.0.0.0/8` became `0.0.0.0/0`" in text


def test_what_was_written_by_hand_formats_nothing_in_the_issue(stacks: FakeAccount) -> None:
    value = "`@team` <details> [x](https://attacker.example)\n# heading"
    difference = {"PropertyPath": value, "ExpectedValue": value, "ActualValue": value}
    hostile = {"PhysicalResourceId": value, "LogicalResourceId": value, "PropertyDifferences": [difference]}
    text = markdown(drift_of(stacks, [GROUP | hostile]), "dev")

    page = cmarkgfm.github_flavored_markdown_to_html(text, cmarkgfm.cmark.Options.CMARK_OPT_UNSAFE)
    assert set(re.findall(r"<(?!/)([^\s>]+)", page)) <= {"p", "ul", "li", "strong", "code"}
    assert "@t" not in re.sub(r"<code>.*?</code>", "", page)


def test_all_pages_of_a_result_are_read(stacks: FakeAccount) -> None:
    assert len(drift_of(stacks, [GROUP], [GROUP, GROUP]).resources) == 3


@pytest.mark.parametrize(("actual", "by_pause"), [("0", True), ("3", False)])
def test_a_pause_is_no_drift(stacks: FakeAccount, actual: str, by_pause: bool) -> None:
    difference = {"PropertyPath": "/DesiredCount", "ExpectedValue": "1", "ActualValue": actual}
    service = GROUP | {"ResourceType": "AWS::ECS::Service", "PropertyDifferences": [difference]}
    assert (drift_of(stacks, [service]).unexpected == ()) is by_pause


@pytest.mark.parametrize(("call", "by_budget"), [("ResumeTasks", True), ("PauseTasks", False)])
def test_a_morning_that_a_spent_budget_disabled_is_no_drift(stacks: FakeAccount, call: str, by_budget: bool) -> None:
    """Of an evening that an operator disabled, the bill would tell."""
    difference = {"PropertyPath": "/State", "ExpectedValue": "ENABLED", "ActualValue": "DISABLED"}
    schedule = GROUP | {
        "ResourceType": "AWS::Scheduler::Schedule",
        "PhysicalResourceId": f"nestjs-hannibal-3-{call}",
        "PropertyDifferences": [difference],
    }
    assert (drift_of(stacks, [schedule]).unexpected == ()) is by_budget


@pytest.mark.parametrize(
    ("resource", "by_release"),
    [
        (moved("AWS::ElasticLoadBalancingV2::Listener", "/DefaultActions/0/TargetGroupArn"), True),
        (moved("AWS::ElasticLoadBalancingV2::Listener", "/DefaultActions/0/ForwardConfig/TargetGroups/1/Weight"), True),
        (moved("AWS::ElasticLoadBalancingV2::ListenerRule", "/Actions/0/ForwardConfig/TargetGroups/0/Weight"), True),
        (moved("AWS::ElasticLoadBalancingV2::ListenerRule", "/Actions/0/Type", "/Actions/0/ForwardConfig"), False),
        (moved("AWS::ElasticLoadBalancingV2::ListenerRule", "/Conditions/0/HttpHeaderConfig/Values/0"), False),
        (moved("AWS::ECS::Service", "/TaskDefinition", "/LoadBalancers/0/TargetGroupArn"), True),
        (moved("AWS::ElasticLoadBalancingV2::Listener", "/DefaultActions/0/TargetGroupArn", "/Port"), False),
        (moved("AWS::ECS::Service", "/DesiredCount"), False),
        (moved("AWS::EC2::SecurityGroup", "/TaskDefinition"), False),
        (moved("AWS::ECS::Service") | {"StackResourceDriftStatus": "DELETED"}, False),
    ],
)
def test_what_releases_move_is_no_drift(stacks: FakeAccount, resource: dict[str, Any], by_release: bool) -> None:
    found = drift_of(stacks, [resource])
    assert found.resources[0].by_release is by_release
    assert len(found.unexpected) == (0 if by_release else 1)


def test_what_differs_is_told_where_cloudformation_could_not_compare_a_resource(stacks: FakeAccount) -> None:
    """It fails for the whole stack then, and has results for the others (API reference, DetectionStatus)."""
    client: Any = DriftingCloudFormation(stacks, [GROUP])
    client.outcome = "DETECTION_FAILED"
    found = read_drift(aws_of(cloudformation=client, polling=Clock().polling()))
    assert [one.logical_id for one in found.unexpected] == ["ServiceGroup"]
    assert found.unread == tuple(f"{one}: Failed to detect drift on resource [Topic]" for one in found.stacks)
    text = markdown(replace(found, resources=()), "dev")
    assert text.startswith("No drift as far as CloudFormation could compare in the 2 stacks of dev.")
    assert "NetworkStack: Failed to detect drift on resource" in text


def test_what_could_not_be_read_of_a_resource_is_told_where_the_comparison_is_complete(stacks: FakeAccount) -> None:
    """Such a resource is UNKNOWN (API reference, StackResourceDrift), which is not "no drift"."""
    unknown = {"StackResourceDriftStatus": "UNKNOWN", "DriftStatusReason": "AccessDenied", "PropertyDifferences": []}
    found = drift_of(stacks, [GROUP | unknown, GROUP])
    assert found.unread == ("NetworkStack: ServiceGroup: AccessDenied",)
    assert [one.status for one in found.resources] == ["MODIFIED"]


@pytest.mark.parametrize(("others", "begun"), [(2, True), (1000, False)])
def test_a_comparison_that_another_began_is_waited_for(stacks: FakeAccount, others: int, *, begun: bool) -> None:
    client: Any = DriftingCloudFormation(stacks, [GROUP])
    client.others = others
    aws = aws_of(cloudformation=client, polling=Clock().polling())
    if begun:
        assert len(read_drift(aws).resources) == 1
    else:
        with pytest.raises(FailedError, match="still compares NetworkStack after 15 minutes"):
            read_drift(aws)


def test_a_comparison_that_never_ends_is_said_so(stacks: FakeAccount) -> None:
    client: Any = DriftingCloudFormation(stacks)
    client.outcome = "DETECTION_IN_PROGRESS"
    with pytest.raises(FailedError, match="15 minutes"):
        read_drift(aws_of(cloudformation=client, polling=Clock().polling()))


# -- what the configuration expects -----------------------------------------------------------------------------------
def entry(**changes: Any) -> ExpectedDrift:
    written = {
        "stack": "NetworkStack",
        "resource": "ServiceGroup",
        "path": "/SecurityGroupIngress",
        "reason": "CloudFormation compares the order (coverage roadmap #1106)",
        "until": TODAY,
    }
    return ExpectedDrift.model_validate(written | changes)


def in_the_stack(account: FakeAccount, *logical_ids: str) -> None:
    account.resources["NetworkStack"] = [
        {"LogicalResourceId": name, "ResourceType": "AWS::EC2::SecurityGroup", "ResourceStatus": "CREATE_COMPLETE"}
        for name in logical_ids
    ]


def test_what_the_configuration_expects_is_no_drift_and_says_why(stacks: FakeAccount) -> None:
    in_the_stack(stacks, "ServiceGroup")
    found = drift_of(stacks, [GROUP], expected=[entry()])
    assert found.unexpected == ()
    assert found.resources[0].differences[0].reason.startswith("CloudFormation compares the order")
    assert found.notes == ()
    assert markdown(found, "dev") == "No drift in the 2 stacks of dev.\n"


@pytest.mark.parametrize(
    "changes",
    [{"path": "/SecurityGroupEgress"}, {"path": "/Security"}, {"stack": "ComputeStack"}, {"resource": "OtherGroup"}],
)
def test_what_it_does_not_expect_stays_drift_and_an_entry_without_a_difference_is_told(
    stacks: FakeAccount, changes: dict[str, str]
) -> None:
    in_the_stack(stacks, "ServiceGroup", "OtherGroup")
    stacks.resources["ComputeStack"] = stacks.resources["NetworkStack"]
    wrong = entry(**changes)
    found = drift_of(stacks, [GROUP], expected=[wrong])
    assert len(found.unexpected) == 1
    assert found.obsolete == (wrong.place,)
    assert "no longer differs" in markdown(found, "dev")


def test_a_deleted_resource_and_a_second_difference_are_never_covered(stacks: FakeAccount) -> None:
    in_the_stack(stacks, "ServiceGroup")
    more = {"PropertyPath": "/GroupDescription", "ExpectedValue": "a", "ActualValue": "b"}
    both = GROUP | {"PropertyDifferences": [*GROUP["PropertyDifferences"], more]}
    gone = GROUP | {"StackResourceDriftStatus": "DELETED", "PropertyDifferences": []}
    assert len(drift_of(stacks, [both, gone], expected=[entry()]).unexpected) == 2


def test_an_entry_that_has_ended_counts_no_longer_and_is_told(stacks: FakeAccount) -> None:
    in_the_stack(stacks, "ServiceGroup")
    found = drift_of(stacks, [GROUP], expected=[entry()], today=TODAY + timedelta(days=1))
    assert len(found.unexpected) == 1
    assert found.notes == (f"expired, so that it counts as drift again: {entry().place}",)


def test_an_entry_about_a_resource_that_is_not_there_is_refused(stacks: FakeAccount) -> None:
    in_the_stack(stacks, "OtherGroup")
    with pytest.raises(UnusableInputError, match="NetworkStack has no resource ServiceGroup"):
        drift_of(stacks, [GROUP], expected=[entry()])


def test_an_entry_about_a_stack_that_does_not_exist_waits_for_it(stacks: FakeAccount) -> None:
    stopped = entry(stack="EdgeStack")
    assert drift_of(stacks, expected=[stopped]).notes == ()
