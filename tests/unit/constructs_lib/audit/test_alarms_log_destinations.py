"""The alarm `evidence-change` hears of logs that end or go elsewhere, and of a rule's queue."""

import json
from typing import Any

import pytest

from constructs_lib.audit.alarms import security_events
from embedded_aws.cloudwatch.filter_pattern import compile_pattern
from installation.names import Names

QUEUE = {"arn": "arn:aws:sqs:ap-northeast-1:111122223333:x"}


@pytest.mark.parametrize(
    ("event_name", "asked", "sounds"),
    [
        ("ModifyLoadBalancerAttributes", {}, True),
        ("ModifyTargetGroupAttributes", {}, False),
        ("CreateFlowLogs", {}, True),
        # CloudFront may end its names with its version.
        ("UpdateDistribution", {}, True),
        ("UpdateDistribution2020_05_31", {}, True),
        ("CreateInvalidation", {}, False),
        ("ModifyDBInstance", {"cloudwatchLogsExportConfiguration": {"disableLogTypes": ["postgresql"]}}, True),
        ("ModifyDBInstance", {"cloudwatchLogsExportConfiguration": {"enableLogTypes": ["postgresql"]}}, False),
        # With a target that may not be called, all that happens goes there.
        ("PutTargets", {"targets": [{"id": "x", "deadLetterConfig": QUEUE}]}, True),
        ("PutTargets", {"targets": [{"id": "x"}]}, False),
    ],
)
def test_changes_of_log_destinations_alarm(event_name: str, asked: dict[str, Any], sounds: bool) -> None:
    (event,) = (it for it in security_events() if "Evidence" in it.construct_id)
    patterns = list(event.filters(Names(project="x", environment="dev")).values())
    line = json.dumps({"eventName": event_name, "requestParameters": asked})

    assert compile_pattern(patterns[1])(line) is sounds
