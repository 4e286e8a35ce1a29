"""No finding of cdk-nag's AwsSolutions or of cfn-lint is left open, in either environment."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import aws_cdk as cdk
import pytest
from aws_cdk import aws_s3 as s3
from cdk_nag import AwsSolutionsChecks

from app import build
from constructs_lib.settings_file import load_settings
from tests.conftest import ENVIRONMENTS, new_app


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_no_finding_of_cdk_nag_is_unacknowledged(environment: str, tmp_path: Path) -> None:
    app = new_app(tmp_path, validated=True)
    build(app, load_settings(environment))
    # Beside the CDK's own validation, here with the rules that app.py leaves out.
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    app.synth()  # raises on an unacknowledged finding
    report = json.loads((tmp_path / "validation-report.json").read_text())
    assert [it["pluginName"] for it in report["pluginReports"]] == ["CloudFormation Validate"]


def test_a_finding_of_cdk_nag_ends_the_synthesis() -> None:
    """A plug-in without a finding leaves no trace: this is how one sees that the rules do run."""
    app = new_app()
    s3.Bucket(cdk.Stack(app, "Stack"), "OpenBucket")
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    with pytest.raises(RuntimeError, match="AwsSolutions-S1"):
        app.synth()


def test_no_finding_of_cfn_lint(assembly: Callable[[str], Path]) -> None:
    files = [
        str(file) for environment in ENVIRONMENTS for file in sorted(assembly(environment).glob("*.template.json"))
    ]
    # W3005: CDK writes a DependsOn beside a reference that already says so.
    result = subprocess.run(
        [Path(sys.executable).with_name("cfn-lint"), "--ignore-checks", "W3005", "--", *files],
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 0, result.stdout + result.stderr
