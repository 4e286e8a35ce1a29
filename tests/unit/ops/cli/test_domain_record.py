"""What is said of a DNS record that people make, since the distribution is another one each month."""

from pathlib import Path

import pytest

from installation.names import EDGE_STACK
from installation.settings import Settings
from ops.cli.commands import start, stop
from ops.cli.console import screen
from ops.month.start import StartResult
from ops.month.stop import StopResult
from ops.stacks.state import Output
from tests.support.synthesis import changed
from tests.support.zone import DOMAIN, EDGE_CERTIFICATE, with_zone


def test_a_start_says_where_the_record_has_to_lead(capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("RecordTarget", "Other"):
        output = Output(name=name, value="d111111abcdef8.cloudfront.net", description="")
        started = StartResult(stacks=(), origin=None, addresses=(), outputs={EDGE_STACK: (output,)}, log=Path("log"))
        start._show_result(screen.out(), started)
        said = "it has to lead to d111111abcdef8.cloudfront.net" in capsys.readouterr().out
        assert said is (name == "RecordTarget")


def test_a_stop_says_that_the_record_has_to_be_deleted(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    own = changed(settings, edge={"domain": DOMAIN, "certificate_arn": EDGE_CERTIFICATE})
    for given, told in ((own, True), (with_zone(settings), False), (settings, False)):
        stopped = StopResult(stacks=(), snapshot=None, pruned=(), leftovers=(), log=None)
        stop._show_result(screen.out(), stopped, given.edge)
        assert (f"delete the DNS record of {DOMAIN}" in capsys.readouterr().out) is told
