import json

import aws_cdk as cdk
import pytest

from constructs_lib.acknowledge import acknowledge_wildcards


@pytest.mark.parametrize(("account", "written"), [(None, "<AWS::AccountId>"), ("123456789012", "123456789012")])
def test_findings_write_the_account_as_the_template_knows_it(account: str | None, written: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account=account, region="ap-northeast-1"))
    acknowledge_wildcards(stack, {"ecs:task/*": "reason", "*": "other"})
    metadata = json.dumps([entry.data for entry in stack.node.metadata])
    assert f"AwsSolutions-IAM5[Resource::arn:aws:ecs:ap-northeast-1:{written}:task/*]" in metadata
    assert "AwsSolutions-IAM5[Resource::*]" in metadata
