"""The command with an account in memory."""

from collections.abc import Callable
from contextlib import nullcontext

import pytest
from typer.testing import CliRunner, Result

from ops.cli.app import build
from ops.month.preflight import Preflight
from ops.stacks.checkout import Checkout
from tests.support.fakes import FakeAccount

NOTHING_IN_THE_WAY = Preflight(running=False, traffic={}, changes=(), notes=(), refusals=())


Make = Callable[[str], Checkout]


Run = Callable[..., Result]


@pytest.fixture
def run(account: FakeAccount, project: Make, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command with the account in memory and with a fake CDK that records its calls."""

    def invoke(*arguments: str, text: str | None = None, configured_region: str | None = "ap-northeast-1") -> Result:
        monkeypatch.setattr(
            "ops.aws.clients.Aws", lambda settings: account.aws(settings, configured_region=configured_region)
        )
        return CliRunner().invoke(build(), list(arguments), input=text)

    made = project("touch called")
    monkeypatch.setattr("ops.stacks.checkout._ROOT", made.root)
    # A comparison with the running month would synthesize the application; other tests do that.
    monkeypatch.setattr("ops.month.preflight.preflighted", lambda *_, **__: nullcontext((NOTHING_IN_THE_WAY, None)))
    return invoke
