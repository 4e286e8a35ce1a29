"""What a change costs: the difference of both sides, also where only one of them has a price."""

from dataclasses import replace

import pytest

from installation import names
from ops.review.cdk_diff import CdkDiff
from ops.review.comparing import compare
from ops.review.cost import cost_change, cost_findings, estimate_of
from ops.templates.assembly import Assembly
from tests.support.review.application import Application


@pytest.mark.parametrize("dearer", ["base", "head"])
def test_what_only_one_side_has_a_price_for_is_no_saving(application: Application, dearer: str) -> None:
    """A class that the price file does not know would take the database's former price out of the sum."""
    priced = estimate_of(application.assembly())
    application.properties(names.STORAGE_STACK, "Database/Instance")["DBInstanceClass"] = "db.t4g.medium"
    unknown = estimate_of(application.assembly())
    change = cost_change(priced, unknown) if dearer == "head" else cost_change(unknown, priced)
    assert change.after == change.before
    assert change.stacks == {}
    assert change.before.running < sum(it.running for it in priced.stacks(set()).values()) - 18
    assert change.not_priced == (("StorageStack/Database/Instance",) if dearer == "head" else ())


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("AWS::CloudFront::AnycastIpList", "costly"),  # 3,000 dollars a month
        ("AWS::Route53RecoveryControl::Cluster", "costly"),  # 2.50 dollars an hour
        ("AWS::StepFunctions::StateMachine", "no-price"),
    ],
)
def test_what_bills_by_the_hour_without_a_price_is_a_risk(
    application: Application, dev: Assembly, cdk_diff: CdkDiff, kind: str, rule: str
) -> None:
    application.add(names.COMPUTE_STACK, "New", kind, {})
    head = application.assembly()
    change = cost_change(estimate_of(dev), estimate_of(head))
    assert [it.rule for it in cost_findings(compare(dev, head, cdk_diff, dev.region), change)] == [rule]


@pytest.mark.parametrize(("most", "beyond"), [(2, False), (40, True)])
def test_scaling_that_can_spend_a_budget_on_top_is_a_risk(
    application: Application, dev: Assembly, cdk_diff: CdkDiff, most: int, beyond: bool
) -> None:
    scaled = {
        "ServiceNamespace": "ecs",
        "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": "service/nestjs-hannibal-3-cluster/nestjs-hannibal-3-api-service",
        "MinCapacity": 1,
        "MaxCapacity": most,
    }
    application.add(names.COMPUTE_STACK, "Scaling", "AWS::ApplicationAutoScaling::ScalableTarget", scaled)
    head = application.assembly()
    found = cost_findings(compare(dev, head, cdk_diff, dev.region), cost_change(estimate_of(dev), estimate_of(head)))
    assert ("cost-at-most" in {it.rule for it in found}) is beyond


def test_prices_of_another_region_are_said(application: Application, dev: Assembly, cdk_diff: CdkDiff) -> None:
    application.properties(names.STORAGE_STACK, "Database/Instance")["DBInstanceClass"] = "db.t4g.small"
    head = application.assembly()
    elsewhere = replace(head, stacks={name: replace(it, region="us-east-1") for name, it in head.stacks.items()})
    for side, said in ((head, False), (elsewhere, True)):
        found = cost_findings(
            compare(dev, side, cdk_diff, dev.region), cost_change(estimate_of(dev), estimate_of(side))
        )
        assert [it.message.endswith("(prices of ap-northeast-1)") for it in found if it.rule == "cost"] == [said]


def test_a_name_as_a_function_costs_what_it_did(application: Application) -> None:
    before = estimate_of(application.assembly())
    group = application.properties(names.ARTIFACT_STACK, "ServiceLogs")
    group["LogGroupName"] = {"Fn::Sub": group["LogGroupName"]}
    assert estimate_of(application.assembly()).stacks(set()) == before.stacks(set())
