"""An attacker's attempts by calls that CloudFormation needs, with contents that it does not need."""

import json
from collections.abc import Mapping
from typing import Any

from tests.support.embedded.attacker import ACCOUNT, EMPTY, PROJECT, REGION, TOPIC, Way

_OUTSIDE = "111122223333"
_VERIFY, _CHECK = f"{PROJECT}-verify-release", f"{PROJECT}-synthetic-check"
_ALARM: dict[str, Any] = {
    "AlarmName": f"{PROJECT}-attacker",
    "Namespace": "AWS/EC2",
    "MetricName": "CPUUtilization",
    "Dimensions": [{"Name": "InstanceId", "Value": "i-0123456789abcdef0"}],
    "EvaluationPeriods": 1,
    "Threshold": 0,
    "Statistic": "Sum",
    "Period": 60,
    "ComparisonOperator": "GreaterThanOrEqualToThreshold",
}
_TERMINATE = f"arn:aws:automate:{REGION}:ec2:terminate"
_RUNBOOK = f"arn:aws:ssm:{REGION}:{ACCOUNT}:opsitem:1"
_INVOKE = {"StatementId": "x", "Action": "lambda:InvokeFunction"}

# -- have an alarm stop or terminate any instance of the account, or call what he likes, by ...
_ALARMS: list[Way] = [
    ("execution", "cloudwatch", "put_metric_alarm", {**_ALARM, "AlarmActions": [_TERMINATE]}),
    ("execution", "cloudwatch", "put_metric_alarm", {**_ALARM, "OKActions": [_TERMINATE]}),
    ("execution", "cloudwatch", "put_metric_alarm", {**_ALARM, "InsufficientDataActions": [_RUNBOOK]}),
    # Second in a list, after an allowed value.
    (
        "execution",
        "cloudwatch",
        "put_metric_alarm",
        {**_ALARM, "AlarmActions": [f"arn:aws:sns:{REGION}:{ACCOUNT}:{PROJECT}-alerts", _TERMINATE]},
    ),
    (
        "execution",
        "cloudwatch",
        "put_composite_alarm",
        {
            "AlarmName": f"{PROJECT}-attacker",
            "AlarmRule": "TRUE",
            "AlarmActions": [f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:HannibalSnapshotTags"],
        },
    ),
]
# -- let an outsider call functions, also when the month is over, by ...
_CALLS: list[Way] = [
    ("execution", "lambda", "add_permission", {"FunctionName": name, "Principal": principal, **_INVOKE})
    for name, principal in (
        (_VERIFY, _OUTSIDE),
        (_CHECK, "*"),
        ("ComputeStack-x", f"arn:aws:iam::{_OUTSIDE}:root"),
        # Services through which an outsider can call it: his interface, his bucket.
        (_CHECK, "apigateway.amazonaws.com"),
        ("ComputeStack-x", "s3.amazonaws.com"),
    )
]
# -- receive all events of the account, also when the month is over, by ...
_BUS = f"arn:aws:events:{REGION}:{_OUTSIDE}:event-bus/default"
_FUNCTION = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{_CHECK}"
_HEARING: list[Way] = [
    (
        "execution",
        "events",
        "put_targets",
        {"Rule": f"{PROJECT}-task-failures", "Targets": [{"Id": str(n), "Arn": it} for n, it in enumerate(targets)]},
    )
    # Also second in a list, after an allowed value.
    for targets in ((_BUS,), (_FUNCTION, _BUS), (f"arn:aws:sqs:{REGION}:{_OUTSIDE}:attacker",))
]
# -- receive all events of a stack, or have CloudFormation write to the recipients of the security alarms, by ...
_EVENTS: list[Way] = [
    (
        "deploy",
        "cloudformation",
        operation,
        {"StackName": "EdgeStack", "NotificationARNs": [topic], **more, **EMPTY},
    )
    for operation, more in (
        ("create_change_set", {"ChangeSetName": "attacker", "ChangeSetType": "CREATE"}),
        ("create_stack", {}),
        ("update_stack", {}),
    )
    for topic in (f"arn:aws:sns:{REGION}:{_OUTSIDE}:attacker", TOPIC)
]
# -- have the record of the release deleted weeks later, by an expiration policy, ...
_EXPIRY = json.dumps(
    [{"Type": "Expiration", "Version": "1.0", "Attributes": {"Timestamp": "2099-01-01T00:00:00.000Z"}}]
)
EXPIRING: Mapping[str, Any] = {"Value": "x", "Type": "String", "Tier": "Advanced", "Policies": _EXPIRY}
_LATER: list[Way] = [
    (who, "ssm", "put_parameter", {"Name": "/hannibal/release/current", "Overwrite": True, **EXPIRING})
    for who in ("cicd", "running")
]
# -- spend money on certificates of his own domain, which cost money if they are exportable, ...
_CERTIFICATES: list[Way] = [
    ("execution", "acm", "request_certificate", {"DomainName": "*.attacker.example", "Options": {"Export": "ENABLED"}}),
]
BY_CONTENTS = [*_ALARMS, *_CALLS, *_HEARING, *_EVENTS, *_LATER, *_CERTIFICATES]
