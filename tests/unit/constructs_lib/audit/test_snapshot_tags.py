"""Who says which snapshots may be deleted, and what keeps the pipeline from saying it."""

import json

from installation import names
from installation.permissions.execution_policies import PIPELINE_POLICIES
from installation.permissions.roles import cicd_boundary, deploy_boundary, ecs_boundary
from tests.support.audit_stack import AuditTemplates
from tests.support.policies import ACCOUNT, REGION, allowing, arns, denying

ROLE = "HannibalSnapshotRole-Dev"
FINAL = f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:{names.FINAL_SNAPSHOT_PREFIX}x"


def test_the_function_runs_once_a_day(audit: AuditTemplates) -> None:
    rule = audit.properties("AWS::Events::Rule")

    assert (rule["ScheduleExpression"], rule["State"], len(rule["Targets"])) == ("rate(1 day)", "ENABLED", 1)
    function = audit.properties("AWS::Lambda::Function", FunctionName="HannibalSnapshotTags")
    assert json.loads(function["Environment"]["Variables"]["SETTINGS"]) == {
        "Database": "nestjs-hannibal-3-db",
        "Beginnings": ["storagestack-snapshot-", "nestjs-hannibal-3-db-before-release-"],
        "Tag": "Prunable",
        "Days": 14,
        "MonthEndDays": 62,
    }


def test_a_failed_run_is_notified_to_the_security_topic(audit: AuditTemplates) -> None:
    function = audit.properties("AWS::Lambda::Function", FunctionName="HannibalSnapshotTags")
    topic = {"Ref": audit.logical_id("AWS::SNS::Topic", "SecurityAlerts")}
    own = audit.properties("AWS::IAM::Role", RoleName=ROLE)["Policies"][0]["PolicyDocument"]["Statement"]

    assert function["DeadLetterConfig"] == {"TargetArn": topic}
    assert own[-1]["Action"] == "sns:Publish"
    assert own[-1]["Resource"] == topic


def test_it_changes_one_tag_of_final_snapshots_and_nothing_else(audit: AuditTemplates) -> None:
    role = audit.properties("AWS::IAM::Role", RoleName=ROLE)
    statements = role["Policies"][0]["PolicyDocument"]["Statement"]

    assert [it["Action"] for it in statements] == [
        "rds:DescribeDBSnapshots",
        ["rds:AddTagsToResource", "rds:RemoveTagsFromResource"],
        ["logs:CreateLogStream", "logs:PutLogEvents"],
        "sns:Publish",
    ]
    assert statements[1]["Condition"] == {"ForAllValues:StringEquals": {"aws:TagKeys": ["Prunable"]}}


def test_the_pipeline_reaches_neither_the_function_nor_its_role_and_rule() -> None:
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:HannibalSnapshotTags"
    role = f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"
    rule = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/HannibalSnapshotTags"
    forbidden = [
        *(("lambda:" + it, function) for it in ("UpdateFunctionCode", "UpdateFunctionConfiguration", "InvokeFunction")),
        *(("iam:" + it, role) for it in ("PassRole", "PutRolePolicy", "UpdateAssumeRolePolicy")),
        *(("events:" + it, rule) for it in ("DisableRule", "PutTargets", "DeleteRule")),
        ("sts:AssumeRole", role),
    ]
    for boundary in (cicd_boundary, deploy_boundary, ecs_boundary):
        for action, resource in forbidden:
            assert not allowing(boundary(arns()), action, resource), (boundary, action)


def test_only_the_functions_role_gets_the_tag_through_its_boundary() -> None:
    (statement,) = allowing(ecs_boundary(arns()), "rds:AddTagsToResource", FINAL)

    assert statement.conditions == {"ArnEquals": {"aws:PrincipalArn": [f"arn:aws:iam::{ACCOUNT}:role/{ROLE}"]}}
    for boundary in (deploy_boundary, cicd_boundary):
        denials = denying(boundary(arns()), "rds:AddTagsToResource", FINAL)
        (denied,) = [it for it in denials if it.sid == "NoPrunableTags"]
        assert denied.conditions == {"ForAnyValue:StringEqualsIgnoreCase": {"aws:TagKeys": ["Prunable"]}}


def test_no_policy_of_the_pipeline_names_it() -> None:
    resources = [
        it for policy in PIPELINE_POLICIES for statement in policy.statements(arns()) for it in statement.resources
    ]

    assert not [it for it in resources if "HannibalSnapshot" in it]
