"""``Ref`` of a secret in a template."""

import json
from typing import Any

import pytest

from tests.support.embedded.server import EmbeddedAws

pytestmark = pytest.mark.embedded


def test_a_reference_to_a_secret_is_its_arn(embedded_aws: EmbeddedAws) -> None:
    cloudformation: Any = embedded_aws.session().client("cloudformation")
    secrets: Any = embedded_aws.session().client("secretsmanager")

    def template(text: str) -> str:
        secret = {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": text}}
        return json.dumps({"Resources": {"Secret": secret}, "Outputs": {"Ref": {"Value": {"Ref": "Secret"}}}})

    def reference() -> str:
        stack = cloudformation.describe_stacks(StackName="secret-references")["Stacks"][0]
        return str(stack["Outputs"][0]["OutputValue"])

    wait = {"Delay": 1, "MaxAttempts": 900}
    cloudformation.create_stack(StackName="secret-references", TemplateBody=template("one"))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="secret-references", WaiterConfig=wait)
    arn = reference()
    assert arn.startswith("arn:aws:secretsmanager:ap-northeast-1:000000000000:secret:")
    assert secrets.get_secret_value(SecretId=arn)["SecretString"] == "one"
    cloudformation.update_stack(StackName="secret-references", TemplateBody=template("two"))
    cloudformation.get_waiter("stack_update_complete").wait(StackName="secret-references", WaiterConfig=wait)
    assert reference() == arn
    assert secrets.get_secret_value(SecretId=arn)["SecretString"] == "two"
    cloudformation.delete_stack(StackName="secret-references")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="secret-references", WaiterConfig=wait)
    assert arn not in [secret["ARN"] for secret in secrets.list_secrets()["SecretList"]]
