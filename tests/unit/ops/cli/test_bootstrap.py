"""`hannibal bootstrap` as a person and as a script meet it."""

import json
from collections.abc import Callable

import pytest
from typer.testing import CliRunner, Result

from ops.cli.app import build
from ops.exit_codes import ExitCode
from ops.stacks.checkout import Project
from tests.support.fakes import ACCOUNT, FakeAccount

PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
Run = Callable[..., Result]


@pytest.fixture
def run(account: FakeAccount, project: Callable[[str], Project], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command in a new account, with a CDK that must not be called."""
    account.parameters, account.ecs_roles = {}, []
    monkeypatch.setattr("ops.aws.clients.Aws", lambda region: account.aws(region=region))
    monkeypatch.setattr("ops.stacks.checkout._ROOT", project("exit 1").root)
    return lambda *arguments: CliRunner().invoke(build(), ["bootstrap", *arguments])


def test_a_dry_run_shows_the_steps(run: Run, account: FakeAccount) -> None:
    result = run("--dry-run")

    assert result.exit_code == 0
    assert "1. create ECS's service-linked role" in result.stdout
    assert "nothing was changed" in result.stdout
    assert account.changed == []


@pytest.mark.parametrize("option", ["--yes", "--dry-run"])
def test_what_cannot_be_done_is_refused_before_anything_is_changed(run: Run, account: FakeAccount, option: str) -> None:
    account.identity_providers = [PROVIDER]

    result = run(option)

    assert result.exit_code == ExitCode.REFUSED
    assert "existing_provider_arn" in result.stderr
    assert account.changed == []


def test_json_has_the_refusals_too(run: Run, account: FakeAccount) -> None:
    account.identity_providers = [PROVIDER]

    plan = json.loads(run("--dry-run", "--json").stdout)

    assert len(plan["refusals"]) == 1
    assert PROVIDER in plan["refusals"][0]
