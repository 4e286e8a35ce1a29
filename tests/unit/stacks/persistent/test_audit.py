"""AuditStack: its topic."""

import json

from tests.support.audit_stack import with_trail


def test_no_other_alarm_writes_to_the_topic_of_security_alarms() -> None:
    """The pipeline may make alarms, with any description, and name any topic as their action."""
    (policy,) = with_trail().template.find_resources("AWS::SNS::TopicPolicy").values()
    (allowed,) = (it for it in policy["Properties"]["PolicyDocument"]["Statement"] if it["Effect"] == "Allow")
    assert allowed["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    arn = json.dumps(allowed["Condition"]["ArnLike"]["aws:SourceArn"])
    assert arn.endswith(':alarm:nestjs-hannibal-3-security-*"]]}')
