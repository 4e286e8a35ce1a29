"""A test alert, and what a status says of those who would not hear it."""

from datetime import UTC, datetime, timedelta

import pytest

from ops.errors import ExitCode
from tests.support.fakes import FakeAccount
from tests.support.running_account import running
from tests.unit.ops.cli.conftest import Run


def test_an_alert_without_subscribers_is_reported(run: Run, account: FakeAccount) -> None:
    running(account)
    account.subscriptions = [
        {"Endpoint": "a@example.com", "Protocol": "email", "SubscriptionArn": "PendingConfirmation"}
    ]
    tried = run("alarms", "test")
    assert tried.exit_code == ExitCode.UNHEALTHY
    assert "email a@example.com  waits for its confirmation" in tried.output
    assert account.changed == ["published Test alert of nestjs-hannibal-3 dev"]
    status = run("status", "--check")
    assert status.exit_code == ExitCode.UNHEALTHY
    assert "a@example.com did not confirm" in " ".join(status.output.split())
    account.subscriptions[0]["SubscriptionArn"] = "arn:aws:sns:ap-northeast-1:1:t:1"
    assert run("alarms", "test", "--dry-run").exit_code == ExitCode.DONE
    assert run("status", "--check").exit_code == ExitCode.DONE
    assert len(account.changed) == 1


def test_a_history_is_no_longer_than_cloudwatch_keeps_it(
    run: Run, account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    running(account)
    monkeypatch.setattr("ops.service.alarms.read_changes", lambda *_: ())
    begin = datetime.now(UTC) - timedelta(days=30)
    assert f"No alarm went into ALARM since {begin:%Y-%m-%d}" in run("alarms", "--since", "90d").output
