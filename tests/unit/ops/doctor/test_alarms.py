"""What is said about those who hear no alarm."""

import shlex

from installation.settings import Settings
from ops.doctor import alarms
from tests.support.fakes import NOW, FakeAccount
from tests.support.running_account import running
from tests.support.synthesis import changed


def test_an_address_is_one_word_of_the_command(account: FakeAccount, settings: Settings) -> None:
    running(account)
    own = changed(settings, guardrail={"alert_email": "o'hara@example.com"})
    examination = alarms.examine(account.aws(own), NOW)
    commands = [it.command for one in examination.findings for it in one.remediations if "sns subscribe" in it.command]
    assert commands
    assert {shlex.split(command)[-1] for command in commands} == {"o'hara@example.com"}
