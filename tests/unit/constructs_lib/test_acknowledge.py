import aws_cdk as cdk
import pytest

from constructs_lib.acknowledge import account_in_findings


@pytest.mark.parametrize(("account", "written"), [(None, "<AWS::AccountId>"), ("123456789012", "123456789012")])
def test_findings_write_the_account_as_the_template_knows_it(account: str | None, written: str) -> None:
    stack = cdk.Stack(cdk.App(), "Stack", env=cdk.Environment(account=account, region="ap-northeast-1"))
    assert account_in_findings(stack) == written
