"""The alarm `evidence-change` hears of a topic that is given a stack's events."""

import json

import pytest

from constructs_lib.audit.alarms import security_events
from embedded_aws.cloudwatch.filter_pattern import compile_pattern
from installation.names import Names


@pytest.mark.parametrize("event_name", ["CreateStack", "CreateChangeSet", "UpdateStack"])
@pytest.mark.parametrize(
    ("asked", "sounds"),
    [
        ({"notificationARNs": ["arn:aws:sns:ap-northeast-1:111122223333:x"]}, True),
        ({"notificationARNs": []}, False),  # as clients write that there is none
        ({}, False),
    ],
)
def test_a_new_topic_of_stack_events_alarms(event_name: str, asked: dict[str, list[str]], sounds: bool) -> None:
    (event,) = (it for it in security_events() if "Evidence" in it.construct_id)
    patterns = list(event.filters(Names(project="x", environment="dev")).values())
    line = json.dumps({"eventName": event_name, "requestParameters": {"stackName": "ArtifactStack", **asked}})

    assert compile_pattern(patterns[0])(line) is sounds
