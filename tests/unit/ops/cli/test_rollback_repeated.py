"""`hannibal rollback` again, after the first one was killed."""

import pytest

from ops.errors import ExitCode
from ops.service.deployments import RunningDeployment
from tests.unit.ops.cli.conftest import Run


def test_a_rollback_that_runs_is_not_stopped_by_its_repeat(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    running = RunningDeployment(deployment_id="d-1", status="InProgress", created=None, creator="user", goes_back=True)
    monkeypatch.setattr("ops.release.rollback.running_deployments", lambda _: (running,))
    refused = run("rollback", "--yes")
    assert refused.exit_code == ExitCode.REFUSED
    assert "hannibal release --wait" in refused.stderr
    assert "aws deploy stop-deployment --deployment-id d-1 --auto-rollback-enabled" in refused.stderr
