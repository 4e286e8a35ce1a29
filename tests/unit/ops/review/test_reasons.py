"""The reason that a finding gives is what happens, not only a word that something does."""

import pytest

from ops.review.cdk_diff import CdkDiff
from ops.review.comparing import compare
from ops.review.review import template_findings
from ops.templates.assembly import Assembly
from tests.support.review.application import Application
from tests.support.review.operations import drawn_cases

REASONS = {
    "d001": ("policy-moved", "loses its policy"),
    "d019": ("function-zones", "runs in one subnet less"),
    "d027": ("policy-renamed", "CDK's bootstrap attaches `HannibalExecutionCompute` by its name"),
    "d032": ("function-network", "reaches what this opens to it as well"),
    "d037": ("policy-moved", "loses its policy"),
    "d061": ("policy-renamed", "4 resources still name `HannibalCICDBoundary`"),
    "d067": ("policy-moved", "who published by it is refused"),
    "d074": ("data-replaced", "by one restored from the snapshot that `DBSnapshotIdentifier` names"),
    "e17": ("data-replacement-refused", "by one restored from the snapshot that `DBSnapshotIdentifier` names"),
    "e28": ("listener-changed", "to the target group that the template names, also when the other one is live"),
    "e46": ("waits-for-more", "one more resource is waited for"),
}


@pytest.mark.parametrize("case_id", REASONS)
def test_the_reason_is_what_happens(dev: Assembly, cdk_diff: CdkDiff, case_id: str) -> None:
    rule, words = REASONS[case_id]
    case = next(it for it in drawn_cases() if it.id == case_id)
    application = Application(dev)
    case.apply(application)
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    assert any(it.rule == rule and words in it.message for it in found), [(it.rule, it.message) for it in found]


def test_what_is_refused_is_not_said_to_be_the_same(dev: Assembly, cdk_diff: CdkDiff) -> None:
    application = Application(dev)
    next(it for it in drawn_cases() if it.id == "d094").apply(application)
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    assert [it.rule for it in found] == ["policy-refused"]


@pytest.mark.parametrize(("cpu", "memory", "is_told"), [("8192", "15360", True), ("8192", "16384", False)])
def test_the_largest_sizes_of_fargate_have_fixed_pairs_too(
    dev: Assembly, cdk_diff: CdkDiff, cpu: str, memory: str, is_told: bool
) -> None:
    application = Application(dev)
    application.properties("ComputeStack", "Task/Definition").update(Cpu=cpu, Memory=memory)
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    assert any("is not a size of Fargate" in it.message for it in found) is is_told


def test_a_data_protection_policy_lets_nobody_in(dev: Assembly, cdk_diff: CdkDiff) -> None:
    application = Application(dev)
    statement = {"DataDirection": "Inbound", "DataIdentifier": ["x"], "Operation": {"Deny": {}}, "Principal": ["*"]}
    application.properties("AuditStack", "SecurityAlerts/Topic")["DataProtectionPolicy"] = {"Statement": [statement]}
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    assert [it.rule for it in found] == ["topic-changed"]


def test_what_a_rule_tells_its_target_is_no_event(dev: Assembly, cdk_diff: CdkDiff) -> None:
    before, after = Application(dev), Application(dev)
    for application, told in ((before, '{"Days": 14}'), (after, '{"Days": 0}')):
        application.properties("AuditStack", "SnapshotTags/Daily")["Targets"][0]["Input"] = told
    (found,) = template_findings(compare(before.assembly(), after.assembly(), cdk_diff, dev.region), None)
    assert (found.severity.name, "what it calls gets another input" in found.message) == ("RISK", True)


def test_a_policy_that_the_deployment_decides_is_not_called_refused(dev: Assembly, cdk_diff: CdkDiff) -> None:
    application = Application(dev)
    application.templates["StorageStack"]["Conditions"] = {"Keep": {"Fn::Equals": [{"Ref": "AWS::StackName"}, "x"]}}
    application.resource("StorageStack", "Database/Instance")["DeletionPolicy"] = {
        "Fn::If": ["Keep", "Snapshot", "Delete"]
    }
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    assert "at deployment" in next(it.message for it in found if it.rule == "policy-unknown")


def test_a_name_that_another_one_has_is_told(dev: Assembly, cdk_diff: CdkDiff) -> None:
    application = Application(dev)
    taken = application.properties("GuardrailStack", "Alerts/Topic")["TopicName"]
    application.properties("AuditStack", "SecurityAlerts/Topic")["TopicName"] = taken
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    assert "`GuardrailStack/Alerts/Topic`" in next(it.message for it in found if it.rule == "made-twice")


def test_two_values_that_read_alike_are_told_apart(dev: Assembly, cdk_diff: CdkDiff) -> None:
    application = Application(dev)
    (group,) = application.properties("ComputeStack", "Front/LoadBalancer")["SecurityGroups"]
    group["Fn::GetStackOutput"]["Region"] = "us-east-1"
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    assert '"us-east-1"' in next(it.message for it in found if it.rule == "other-groups")


def test_a_policy_longer_than_iam_takes_is_refused(dev: Assembly, cdk_diff: CdkDiff) -> None:
    application = Application(dev)
    statements = application.properties("IdentityStack", "Shared/Publishing/Policy")["PolicyDocument"]["Statement"]
    statements[0]["Resource"] += [
        f"arn:aws:s3:::nestjs-hannibal-3-pages-of-the-month-{number:04d}/*" for number in range(120)
    ]
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    assert any(it.rule == "policy-refused" and "IAM takes 6,144" in it.message for it in found)
