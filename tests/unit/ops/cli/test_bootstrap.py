"""`hannibal bootstrap` as a person and as a script meet it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from installation.settings import Settings
from ops.cli.app import build
from ops.errors import ExitCode
from ops.stacks.checkout import Checkout
from tests.conftest import ROOT
from tests.support.fakes import ACCOUNT, FakeAccount

PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
Run = Callable[..., Result]


@pytest.fixture
def run(account: FakeAccount, project: Callable[[str], Checkout], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in a new account, with a CDK that must not be called."""
    account.parameters, account.ecs_roles = {}, []
    monkeypatch.setattr("ops.aws.clients.Aws", account.aws)
    monkeypatch.setattr("ops.stacks.checkout._ROOT", project("exit 1").root)
    return lambda *arguments: CliRunner().invoke(build(), ["bootstrap", *arguments])


def test_a_dry_run_shows_the_steps(
    run: Run, account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    github = settings.github.model_copy(update={"owner": "somebody"})
    monkeypatch.setattr(
        "installation.settings.file.load_settings", lambda _: settings.model_copy(update={"github": github})
    )
    for name in ("IdentityStack", "AuditStack"):
        (tmp_path / f"{name}.template.json").write_text('{"Resources": {"Topic": {"Type": "AWS::SNS::Topic"}}}')
        (tmp_path / f"{name}.assets.json").write_text("{}")
    stack = {"type": "aws:cloudformation:stack"}
    artifacts = {
        name: stack | {"properties": {"templateFile": f"{name}.template.json", "terminationProtection": True}}
        for name in ("IdentityStack", "AuditStack")
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}))
    monkeypatch.setattr("ops.stacks.checkout._ROOT", ROOT)

    result = run("--dry-run", "--assembly", str(tmp_path))

    assert result.exit_code == 0
    assert "1. create the service-linked role of ecs.amazonaws.com" in result.stdout
    assert "4. deploy CDKToolkit-Admin: it does not exist" in result.stdout
    assert "neither GITHUB_TOKEN nor GH_TOKEN is set" in result.stdout
    assert "nothing was changed" in result.stdout
    assert account.changed == []


@pytest.mark.parametrize("option", ["--yes", "--dry-run"])
def test_what_cannot_be_done_is_refused_before_anything_is_changed(run: Run, account: FakeAccount, option: str) -> None:
    account.identity_providers = [PROVIDER]

    result = run(option)

    assert result.exit_code == ExitCode.REFUSED
    assert "existing_provider_arn" in result.stderr
    assert account.changed == []


def test_json_has_the_refusals_too(
    run: Run, account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("installation.settings.file.load_settings", lambda _: settings)
    account.identity_providers = [PROVIDER]

    plan = json.loads(run("--dry-run", "--json").stdout)

    owner, provider = plan["refusals"]
    assert "github.owner" in owner
    assert PROVIDER in provider
