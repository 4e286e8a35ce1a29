"""No finding of cdk-nag's AwsSolutions or of cfn-lint is left open, in either environment."""

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

import app
from installation.settings import Settings
from tests.conftest import ENVIRONMENTS, VARIANTS, feature_flags, new_app, own, settings_of
from tests.support.synthesis import changed
from tests.support.waiting import LIMIT_SECONDS


@pytest.mark.parametrize("environment", VARIANTS)
def test_no_finding_of_cdk_nag_is_unacknowledged(environment: str, tmp_path: Path) -> None:
    application = new_app(tmp_path, validated=True)
    app.build(application, settings_of(environment))
    # Beside the CDK's own validation, here with the rules that app.py leaves out.
    cdk.Validations.of(application).add_plugins(AwsSolutionsChecks(application))
    application.synth()  # raises on an unacknowledged finding
    report = json.loads((tmp_path / "validation-report.json").read_text())
    assert [it["pluginName"] for it in report["pluginReports"]] == ["CloudFormation Validate"]


def test_texts_of_the_settings_are_no_findings(tmp_path: Path) -> None:
    """What a shell fills in, images of the project's own repository, and a version of PostgreSQL that comes later."""
    application, settings = new_app(tmp_path, validated=True), settings_of("dev")
    image = f"123456789012.dkr.ecr.{settings.region}.amazonaws.com/{settings.project}:proxy"
    service = {
        "environment": {"FORMAT": "${level}"},
        "health_command": ("CMD-SHELL", "wget http://127.0.0.1:${PORT}/"),
        "sidecars": {"proxy": {"image": image, "command": ("sh", "-c", "exec proxy ${PORT}")}},
    }
    request = {"path": "/graphql", "body": '{"query":"${x}"}'}
    check, database = {"requests": (request,)}, {"engine_version": "18.99"}
    app.build(application, changed(settings, service=service, synthetic_check=check, database=database))
    application.synth()
    report = json.loads((tmp_path / "validation-report.json").read_text())
    assert [it for plugin in report["pluginReports"] for it in plugin["violations"]] == []


def test_the_command_line_collects_findings_of_both_tools(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A plug-in without a finding leaves no trace: this is how one sees that the rules do run."""

    def with_findings(application: cdk.App, _: Settings) -> None:
        stack = cdk.Stack(application, "Stack")
        s3.Bucket(stack, "OpenBucket")
        cdk.CfnResource(stack, "Misspelt", type="AWS::SNS::Topic", properties={"TopicNam": "alerts"})

    monkeypatch.setattr(app, "build", with_findings)
    monkeypatch.setattr(cdk, "App", partial(cdk.App, context=feature_flags(), outdir=str(tmp_path)))
    with pytest.raises(RuntimeError, match="ValidationFailed"):
        app.main()
    report = json.loads((tmp_path / "validation-report.json").read_text())
    found = {it["pluginName"]: json.dumps(it["violations"]) for it in report["pluginReports"]}
    assert "AwsSolutions-S1" in found["AwsSolutions"]
    assert "TopicNam" in found["CloudFormation Validate"]


def test_no_finding_of_cfn_lint(assembly: Callable[[str], Path]) -> None:
    # Of three variants many stacks are the same file. The others would take it as long again.
    files = {
        file.read_bytes(): str(file)
        for environment in (*VARIANTS[:3], *map(own, ENVIRONMENTS))
        for file in sorted(assembly(environment).glob("*.template.json"))
    }
    # W3005: CDK writes a DependsOn beside a reference that already says so. No garbage: a sixth of the time.
    result = subprocess.run(
        [
            *(sys.executable, "-c", "import gc; gc.disable(); from cfnlint.runner import main; main()"),
            *("--ignore-checks", "W3005", "--", *files.values()),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
    )
    assert result.returncode == 0, result.stdout + result.stderr
