"""Security alarms: what they count, when they sound, whom they tell."""

import json
import re
from typing import Any

import pytest

from constructs_lib.audit.alarms import security_events
from embedded_aws.cloudwatch.filter_pattern import compile_pattern
from installation.names import Names
from installation.settings import Settings
from tests.support.audit_stack import AuditTemplates

ALARMS = {
    "nestjs-hannibal-3-security-root-use",
    "nestjs-hannibal-3-security-iam-change",
    "nestjs-hannibal-3-security-trail-change",
    "nestjs-hannibal-3-security-sign-in-without-mfa",
    "nestjs-hannibal-3-security-evidence-change",
    "nestjs-hannibal-3-security-new-identity",
    "nestjs-hannibal-3-security-exposure",
}


def pattern(audit: AuditTemplates, name: str) -> str:
    text = audit.properties("AWS::Logs::MetricFilter", FilterName=f"nestjs-hannibal-3-security-{name}")["FilterPattern"]
    return str(text)


def counts(audit: AuditTemplates, name: str, event: dict[str, Any]) -> bool:
    """Whether one of an alarm's filters counts an event."""
    filters = audit.template.find_resources("AWS::Logs::MetricFilter").values()
    patterns = [
        str(one["Properties"]["FilterPattern"])
        for one in filters
        if one["Properties"]["FilterName"].startswith(f"nestjs-hannibal-3-security-{name}")
    ]
    return any(compile_pattern(one)(json.dumps(event)) for one in patterns)


def event_names(text: str) -> set[str]:
    return set(re.findall(r"\$\.eventName = (\w+)", text))


def alarms(audit: AuditTemplates) -> dict[str, dict[str, Any]]:
    found = audit.template.find_resources("AWS::CloudWatch::Alarm").values()
    return {resource["Properties"]["AlarmName"]: resource["Properties"] for resource in found}


def test_there_are_seven_security_alarms(audit: AuditTemplates) -> None:
    assert set(alarms(audit)) == ALARMS


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_the_first_occurrence_alarms_and_both_state_changes_are_notified(audit: AuditTemplates, name: str) -> None:
    alarm = alarms(audit)[name]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (1, "GreaterThanOrEqualToThreshold")
    assert (alarm["EvaluationPeriods"], alarm["Period"]) == (1, 300)
    assert alarm["TreatMissingData"] == "notBreaching"
    for actions in (alarm["AlarmActions"], alarm["OKActions"]):
        (action,) = actions
        assert action["Ref"].startswith("SecurityAlerts")  # the administrator's own topic


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_the_alarm_watches_the_metric_of_its_filter(audit: AuditTemplates, name: str) -> None:
    metric_filter = audit.properties("AWS::Logs::MetricFilter", FilterName=name)
    (metric,) = metric_filter["MetricTransformations"]
    alarm = alarms(audit)[name]
    assert (alarm["Namespace"], alarm["MetricName"]) == (metric["MetricNamespace"], metric["MetricName"])
    assert metric["MetricValue"] == "1"
    # By the embedded metric format a line of any log may say a value of it, below zero and in any unit.
    assert (alarm["Statistic"], alarm["Unit"]) == ("Maximum", metric["Unit"])
    # A default value would publish four metrics all month long, and cost money.
    assert "DefaultValue" not in metric
    assert metric_filter["LogGroupName"] == {"Ref": audit.logical_id("AWS::Logs::LogGroup", "Trail")}


def test_patterns_fit_into_what_cloudwatch_logs_accepts() -> None:
    longest = Names(project=26 * "p", environment="dev")  # the longest name that settings take
    for pattern in (it for event in security_events() for it in event.filters(longest).values()):
        assert len(pattern) <= 1024
        assert pattern.count("(") == pattern.count(")")
        # CloudWatch Logs user guide, "Filter pattern syntax": at most two regular expressions a pattern.
        assert len(re.findall("%[^%]*%", pattern)) <= 2


def test_all_filters_count_into_the_metric_that_their_alarm_watches(audit: AuditTemplates, settings: Settings) -> None:
    filters = [one["Properties"] for one in audit.template.find_resources("AWS::Logs::MetricFilter").values()]
    counted = [one for one in filters if "evidence-change" in one["FilterName"]]
    assert sorted(one["FilterName"] for one in filters) == sorted(settings.names.all_security_filters)
    alarm = alarms(audit)["nestjs-hannibal-3-security-evidence-change"]
    metrics = [one["MetricTransformations"][0] for one in counted]
    assert {(one["MetricNamespace"], one["MetricName"]) for one in metrics} == {
        (alarm["Namespace"], alarm["MetricName"])
    }


def test_root_use_leaves_out_what_aws_does_by_itself(audit: AuditTemplates) -> None:
    text = pattern(audit, "root-use")
    assert '$.userIdentity.type = "Root"' in text
    assert "$.userIdentity.invokedBy NOT EXISTS" in text
    assert '$.eventType != "AwsServiceEvent"' in text


def test_iam_changes_are_the_benchmarks_and_those_that_loosen_a_boundary(audit: AuditTemplates) -> None:
    benchmark = {
        "DeleteGroupPolicy", "DeleteRolePolicy", "DeleteUserPolicy", "PutGroupPolicy", "PutRolePolicy",
        "PutUserPolicy", "CreatePolicy", "DeletePolicy", "CreatePolicyVersion", "DeletePolicyVersion",
        "AttachRolePolicy", "DetachRolePolicy", "AttachUserPolicy", "DetachUserPolicy", "AttachGroupPolicy",
        "DetachGroupPolicy",
    }  # fmt: skip
    ours = {
        "DeleteRolePermissionsBoundary", "DeleteUserPermissionsBoundary", "PutRolePermissionsBoundary",
        "PutUserPermissionsBoundary", "SetDefaultPolicyVersion", "UpdateAssumeRolePolicy",
    }  # fmt: skip
    assert event_names(pattern(audit, "iam-change")) == benchmark | ours


def test_trail_changes_are_the_benchmarks_and_the_quiet_way_to_stop_recording(audit: AuditTemplates) -> None:
    benchmark = {"CreateTrail", "UpdateTrail", "DeleteTrail", "StartLogging", "StopLogging"}
    assert event_names(pattern(audit, "trail-change")) == benchmark | {
        "PutEventSelectors", "PutInsightSelectors", "PutEventConfiguration",
    }  # fmt: skip


def test_sign_ins_count_only_where_they_succeed_and_the_second_factor_is_ours_to_ask(audit: AuditTemplates) -> None:
    text = pattern(audit, "sign-in-without-mfa")
    assert '$.eventName = "ConsoleLogin"' in text
    assert '$.additionalEventData.MFAUsed != "Yes"' in text
    assert '$.userIdentity.type = "IAMUser"' in text
    assert '$.responseElements.ConsoleLogin = "Success"' in text


def caller(arn: str) -> dict[str, Any]:
    return {"arn": f"arn:aws:{arn}", "type": "AssumedRole" if arn.startswith("sts") else "IAMUser"}


ANYBODY = caller("iam::111122223333:user/anybody")
NIGHT = caller("sts::111122223333:assumed-role/nestjs-hannibal-3-pause/scheduler")
# A person's path may be so.
LIKE_NIGHT = caller("iam::111122223333:user/x:assumed-role/nestjs-hannibal-3-pause/night")
BUDGETS, COSTS = "budgets.amazonaws.com", "ce.amazonaws.com"
DATABASE = "nestjs-hannibal-3-db"


@pytest.mark.parametrize(
    ("event", "sounds"),
    [
        *(({"eventName": name}, True) for name in ("DeleteLogGroup", "DeleteLogStream", "DeleteMetricFilter")),
        *(({"eventName": name}, True) for name in ("PutRetentionPolicy", "DeleteRetentionPolicy", "DeleteFlowLogs")),
        *(({"eventName": name}, True) for name in ("DeleteAlarms", "PutAlarmMuteRule", "Subscribe", "Unsubscribe")),
        # A console password is no log.
        ({"eventName": "DeleteLoginProfile"}, False),
        # By EventBridge Scheduler's role each evening and each morning.
        *(
            ({"eventName": name, "userIdentity": who}, sounds)
            for name in ("DisableAlarmActions", "SetAlarmState")
            for who, sounds in ((ANYBODY, True), (LIKE_NIGHT, True), (NIGHT, False))
        ),
        ({"eventName": "DeleteAlarms", "userIdentity": NIGHT}, True),
        # A filter that nothing passes: people are subscribed, and hear nothing.
        *(({"eventName": name}, True) for name in ("SetSubscriptionAttributes", "UpdateTerminationProtection")),
        *(({"eventName": f"PutBucket{name}"}, True) for name in ("Policy", "Acl", "OwnershipControls", "Lifecycle")),
        # Another account's key, no more access logs.
        *(({"eventName": f"PutBucket{name}"}, True) for name in ("Encryption", "Logging")),
        *(({"eventName": f"DeleteBucket{name}"}, True) for name in ("", "Policy", "Lifecycle")),
        # Of images and of the database.
        *(({"eventName": name}, True) for name in ("PutLifecyclePolicy", "PutImageTagMutability", "DeleteRepository")),
        *(
            (
                {
                    "eventName": event,
                    "requestParameters": {"backupRetentionPeriod": days, "dBInstanceIdentifier": database},
                },
                sounds,
            )
            for event, database, days, sounds in (
                ("ModifyDBInstance", DATABASE, 0, True),
                ("ModifyDBInstance", DATABASE, 1, True),  # all older ones are gone
                ("ModifyDBInstance", DATABASE, 7, False),
                ("ModifyDBInstance", f"{DATABASE}-former", 0, True),
                # The trial of a restore has no backups.
                ("RestoreDBInstanceFromDBSnapshot", f"{DATABASE}-trial", 0, False),
            )
        ),
        *(
            (
                {
                    "eventName": "DeleteDBInstance",
                    "requestParameters": {"skipFinalSnapshot": skipped, "dBInstanceIdentifier": database},
                },
                sounds,
            )
            for database, skipped, sounds in (
                (DATABASE, True, True),
                (DATABASE, False, False),
                # RDS takes any spelling of a name (API reference, DeleteDBInstance), and the trail has the caller's.
                (DATABASE.upper(), True, True),
                # What a restore has put aside may hold the only copy of some rows; its trial is a copy.
                (f"{DATABASE}-before-20261126-090000", True, True),
                (f"{DATABASE}-trial", True, False),
            )
        ),
        # Under the first whoever may rename it may delete it; under the last nobody may, so a final snapshot is missed.
        *(
            (
                {
                    "eventName": "ModifyDBInstance",
                    "requestParameters": {"dBInstanceIdentifier": DATABASE, **asked},
                },
                sounds,
            )
            for asked, sounds in (
                ({"newDBInstanceIdentifier": f"{DATABASE}-before-1"}, True),
                *(({"newDBInstanceIdentifier": it}, True) for it in (f"{DATABASE}-TRIAL", "another")),
                ({"masterUserPassword": "****"}, False),
            )
        ),
        # Who would tell of the bill.
        ({"eventSource": BUDGETS, "eventName": "DeleteNotification", "readOnly": False}, True),
        ({"eventSource": BUDGETS, "eventName": "DescribeBudgets", "readOnly": True}, False),
        ({"eventSource": COSTS, "eventName": "DeleteAnomalyMonitor", "readOnly": False}, True),
        ({"eventSource": COSTS, "eventName": "GetCostAndUsage", "readOnly": True}, False),
        ({"eventSource": "ecs.amazonaws.com", "eventName": "UpdateService", "readOnly": False}, False),
        *(({"eventName": name}, False) for name in ("GetBucketPolicy", "GetLifecyclePolicy", "DescribeFlowLogs")),
    ],
)
def test_evidence_changes_are_what_hides_a_call_or_its_notification(
    audit: AuditTemplates, event: dict[str, Any], sounds: bool
) -> None:
    assert counts(audit, "evidence-change", event) is sounds


def test_other_ages_of_snapshots_are_seen_and_other_targets_are_not(audit: AuditTemplates) -> None:
    """Each month's deployment sets targets."""
    for rule, seen in (("HannibalSnapshotTags", True), ("nestjs-hannibal-3-task-failures", False)):
        event = {"eventName": "PutTargets", "requestParameters": {"rule": rule}}
        assert counts(audit, "evidence-change", event) is seen


def test_new_identities_are_roles_users_keys_and_providers(audit: AuditTemplates) -> None:
    events = event_names(pattern(audit, "new-identity"))
    assert {
        "CreateRole",
        "CreateUser",
        "CreateAccessKey",
        "CreateOpenIDConnectProvider",
        "CreateSAMLProvider",
    } <= events


def trust(principal: object) -> str:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def opened(cidr: str) -> dict[str, Any]:
    return {"ipPermissions": {"items": [{"fromPort": 22, "toPort": 22, "ipRanges": {"items": [{"cidrIp": cidr}]}}]}}


OWN = {"Service": "ecs-tasks.amazonaws.com"}


@pytest.mark.parametrize(
    ("name", "parameters", "sounds"),
    [
        ("CreateRole", {"assumeRolePolicyDocument": trust(OWN)}, False),
        ("CreateRole", {"assumeRolePolicyDocument": trust({"AWS": "111122223333"})}, True),
        ("CreateRole", {"assumeRolePolicyDocument": trust("*")}, True),
        ("CreateRole", {"assumeRolePolicyDocument": trust({"Federated": "cognito-identity.amazonaws.com"})}, True),
        ("UpdateAssumeRolePolicy", {"policyDocument": trust({"AWS": "*"})}, True),
        # The same word for IAM.
        ("CreateRole", {"assumeRolePolicyDocument": trust({"AWS": "*"}).replace("AWS", r"\u0041WS")}, True),
        ("UpdateAssumeRolePolicy", {"policyDocument": trust(OWN)}, True),
        ("PutRolePolicy", {"policyDocument": trust({"AWS": "*"})}, False),
        ("AuthorizeSecurityGroupIngress", opened("0.0.0.0/0"), True),
        ("AuthorizeSecurityGroupIngress", opened("128.0.0.0/1"), True),
        ("AuthorizeSecurityGroupIngress", opened("10.0.0.0/16"), False),
        ("AuthorizeSecurityGroupEgress", opened("0.0.0.0/0"), False),
        ("ModifyDBInstance", {"publiclyAccessible": True}, True),
        ("CreateDBInstance", {"publiclyAccessible": False}, False),
        ("CreateDBInstance", {"answer": {"publiclyAccessible": True}}, True),  # public because nobody said otherwise
        *((name, {}, True) for name in ("AddPermission20150331v2", "CreateFunctionUrlConfig", "SetRepositoryPolicy")),
        *((name, {}, True) for name in ("PutResourcePolicy", "ModifyDBSnapshotAttribute", "PutSubscriptionFilter")),
        *((name, {}, False) for name in ("ModifySubnetAttribute", "GetFunctionUrlConfig", "PutBucketTagging")),
    ],
)
def test_an_exposure_is_what_lets_an_outsider_in(
    audit: AuditTemplates, name: str, parameters: dict[str, Any], sounds: bool
) -> None:
    matches = compile_pattern(pattern(audit, "exposure"))

    event = {"eventName": name, "requestParameters": parameters, "responseElements": parameters.get("answer")}
    assert matches(json.dumps(event)) is sounds


def test_the_doctor_looks_at_every_security_alarm(settings: Settings) -> None:
    assert settings.names.all_security_alarms == tuple(it.alarm_name(settings.names) for it in security_events())
