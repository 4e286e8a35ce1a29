"""Steps of the workflows that look at an account, as the workflows call them, against the embedded AWS."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from installation import names
from ops.errors import ExitCode
from tests.conftest import ROOT
from tests.support import forked_command
from tests.support.embedded.server import EmbeddedAws

pytestmark = pytest.mark.embedded

TEMPLATE = {
    "Resources": {
        "Alerts": {"Type": "AWS::SNS::Topic", "Properties": {"DisplayName": "as in the template"}},
        "Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"SecretString": "x"}},
    }
}


class Steps:
    """The command as a workflow's step runs it."""

    def __init__(self, server: EmbeddedAws, folder: Path) -> None:
        self.summary = folder / "summary"
        self._environment = server.environment | {"GITHUB_STEP_SUMMARY": str(self.summary)}

    def __call__(self, *arguments: str, code: ExitCode = ExitCode.DONE) -> str:
        finished = forked_command.run(*arguments, folder=ROOT, environment=self._environment)
        assert finished.returncode == code, finished.stdout + finished.stderr
        return finished.stdout


def test_an_account_with_one_stack(
    fresh_embedded_aws: EmbeddedAws, assembly: Callable[[str], Path], tmp_path: Path
) -> None:
    session = fresh_embedded_aws.session()
    cloudformation = session.client("cloudformation")
    cloudformation.create_stack(StackName=names.GUARDRAIL_STACK, TemplateBody=json.dumps(TEMPLATE))
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=names.GUARDRAIL_STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 900}
    )
    hannibal = Steps(fresh_embedded_aws, tmp_path)

    assert "fits" in hannibal("github", "check", "--mode", "provisioning")
    hannibal("github", "check", "--mode", "canary", code=ExitCode.REFUSED)
    assert json.loads(hannibal("leftovers", "--json"))[0]["kind"] == "secret"

    report = tmp_path / "drift.md"
    assert "No drift" in hannibal("drift", "--output", str(report))
    topic = session.client("sns").list_topics()["Topics"][0]["TopicArn"]
    session.client("sns").set_topic_attributes(
        TopicArn=topic, AttributeName="DisplayName", AttributeValue="as somebody wanted it"
    )
    found = json.loads(hannibal("drift", "--json", "--output", str(report), code=ExitCode.UNHEALTHY))
    assert found["unexpected"] == 1
    assert "as somebody wanted it" in report.read_text()

    actual = ["cost", "actual", "--json", "--assembly", str(assembly("dev")), "--svg", str(tmp_path / "bill.svg")]
    bill = json.loads(hannibal(*actual))
    assert bill["days_up"] == 0
    assert bill["total"] == pytest.approx(0.4 / 730, rel=0.01) or bill["total"] == pytest.approx(0.8 / 730, rel=0.01)
    assert "<svg" in (tmp_path / "bill.svg").read_text()

    hannibal("github", "summary", "--title", "canary", "--result", "success", "--started", "1")
    assert f"| stacks | {names.GUARDRAIL_STACK} |" in hannibal.summary.read_text()
