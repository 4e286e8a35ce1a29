"""What is of another environment is neither shown under this one's name nor changed."""

import pytest

from ops.errors import ExitCode
from tests.support.fakes import FakeAccount
from tests.support.running_account import running
from tests.unit.ops.cli.conftest import Run

_COMMANDS = (
    *(
        "status",
        "status --check",
        "invalidate",
        "alarms",
        "alarms test",
        "doctor",
        "doctor ecs",
        "doctor --fix",
        "drift",
    ),
    *("leftovers", "report", "outputs", "releases", "runs", "logs", "secrets list", "snapshots list", "restore"),
)


@pytest.mark.parametrize("command", _COMMANDS)
def test_another_environment_than_the_accounts_is_refused(run: Run, account: FakeAccount, command: str) -> None:
    running(account)
    tags = {"Project": "nestjs-hannibal-3", "Environment": "prod"}
    account.stacks["ArtifactStack"]["Tags"] = [{"Key": key, "Value": value} for key, value in tags.items()]
    refused = run(*command.split())
    assert refused.exit_code == ExitCode.REFUSED
    assert "ArtifactStack in this account is not of nestjs-hannibal-3 dev" in " ".join(refused.output.split())
    assert "is running" not in refused.output
    assert account.changed == []
