"""A call, as the trail writes it down."""

from typing import Any

import pytest

from embedded_aws.cloudtrail.events import Call, _parameters


@pytest.mark.parametrize(
    ("service", "operation", "sent", "written"),
    [
        ("rds", "ModifyDBInstance", {"BackupRetentionPeriod": "0"}, {"backupRetentionPeriod": 0}),
        ("rds", "ModifyDBInstance", {"DBInstanceIdentifier": "7"}, {"dBInstanceIdentifier": "7"}),
        ("rds", "ModifyDBInstance", {"BackupRetentionPeriod": "x"}, {"backupRetentionPeriod": "x"}),
        ("rds", "DeleteDBInstance", {"SkipFinalSnapshot": "true"}, {"skipFinalSnapshot": True}),
        ("monitoring", "PutMetricAlarm", {"Period": "60"}, {"period": "60"}),
        (
            "cloudformation",
            "CreateChangeSet",
            {"NotificationARNs.member.1": "a", "NotificationARNs.member.2": "b", "Tags.member.1.Key": "x"},
            {"notificationARNs": ["a", "b"], "tags.member.1.Key": "x"},
        ),
    ],
)
def test_a_form_is_written_down_by_values(
    service: str, operation: str, sent: dict[str, str], written: dict[str, Any]
) -> None:
    call = Call(
        service=service,
        operation=operation,
        region="ap-northeast-1",
        access_key="test",
        account="000000000000",
        headers={},
        body=b"",
        query={name: [text] for name, text in sent.items()},
        request_id="1",
        status=200,
        answer=b"",
    )
    assert _parameters(call) == written
