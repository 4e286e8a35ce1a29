"""What is said about those who hear no alarm."""

import shlex

from installation.settings import Settings
from ops.doctor import alarms
from ops.doctor.examiner import Examiner
from ops.doctor.subjects import Subject
from ops.service.alert_subscriptions import Audience
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


def test_a_deleted_topic_of_an_administrators_stack_is_made_again_by_one(
    account: FakeAccount, settings: Settings
) -> None:
    examiner = Examiner(Subject.ALARMS, account.aws(settings), NOW)
    for name in (settings.names.security_topic, settings.names.alert_topic):
        alarms._audience(examiner, Audience(topic=f"arn:x:{name}", subscriptions=(), address=None, exists=False))
    first, second = (it.remediations[0] for it in examiner.examination().findings)
    assert first.what.startswith("as an administrator, ")
    assert "create-change-set --stack-name AuditStack" in first.command
    assert second.command == "npx cdk deploy GuardrailStack --exclusively -c env=dev --revert-drift"
