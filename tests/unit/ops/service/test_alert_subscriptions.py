"""Who receives the alarms, and what is said when nobody does."""

from typing import Any, cast

import pytest

from installation.settings import Settings
from ops.service.alert_subscriptions import read_audience, read_audiences, send_test_alert
from tests.support.aws import aws_of
from tests.support.boto_model import ModelledClient
from tests.support.fake_clients import FakeClient, client_error
from tests.support.fakes import ACCOUNT, FakeAccount
from tests.support.synthesis import changed

TOPIC = f"arn:aws:sns:ap-northeast-1:{ACCOUNT}:nestjs-hannibal-3-alerts"
PERSON = "person@example.com"


class FakeSns(FakeClient):
    def __init__(self, *subscriptions: tuple[str, str]) -> None:
        super().__init__(FakeAccount())
        self.subscriptions = subscriptions
        self.published: list[dict[str, str]] = []

    def list_subscriptions_by_topic(self, TopicArn: str) -> Any:  # noqa: N803 - boto3's name
        if TopicArn != TOPIC:
            raise client_error("NotFound")
        return {
            "Subscriptions": [
                {"Endpoint": endpoint, "Protocol": "email", "SubscriptionArn": arn, "TopicArn": TOPIC, "Owner": ACCOUNT}
                for endpoint, arn in self.subscriptions
            ]
        }

    def publish(self, **arguments: str) -> Any:
        self.published.append(arguments)
        return {"MessageId": "m-1"}


def with_address(settings: Settings, address: str | None) -> Settings:
    return settings.model_copy(update={"guardrail": settings.guardrail.model_copy(update={"alert_email": address})})


@pytest.mark.parametrize(
    ("address", "subscriptions", "trouble", "wanted"),
    [
        (PERSON, [(PERSON, f"{TOPIC}:1")], "", True),
        (PERSON, [(PERSON, "PendingConfirmation")], "did not confirm", True),
        # Dropped after days without a confirmation, or ended by a click below an alert.
        (PERSON, [], "is not subscribed", True),
        (PERSON, [(PERSON, "Deleted")], "is not subscribed", True),
        # One who hears it does not stand in for the one that the settings name.
        (PERSON, [("other@example.com", f"{TOPIC}:1")], "is not subscribed", True),
        (PERSON, [("other@example.com", f"{TOPIC}:1"), (PERSON, "PendingConfirmation")], "did not confirm", True),
        (None, [], "nobody is subscribed", False),
        (None, [(PERSON, f"{TOPIC}:1")], "", False),
        (None, [(PERSON, "PendingConfirmation")], "did not confirm", True),
    ],
)
def test_reasons_why_an_alarm_reaches_nobody(
    settings: Settings, address: str | None, subscriptions: list[tuple[str, str]], trouble: str, wanted: bool
) -> None:
    sns = cast("Any", ModelledClient("sns", FakeSns(*subscriptions)))
    audience = read_audience(aws_of(sns=sns, settings=with_address(settings, address)), TOPIC)
    assert audience is not None
    assert (bool(audience.trouble), trouble in audience.trouble) == (bool(trouble), True)
    assert audience.wanted == wanted


def test_a_topic_that_is_not_there_has_no_audience(settings: Settings, account: FakeAccount) -> None:
    sns = cast("Any", ModelledClient("sns", FakeSns()))
    aws = aws_of(sns=sns, settings=settings, cloudformation=account.aws(settings).cloudformation)
    assert read_audience(aws, TOPIC + "-none") is None
    assert [audience.name for audience in read_audiences(aws, ACCOUNT)] == ["nestjs-hannibal-3-alerts"]


def test_a_topic_that_was_deleted_by_hand_is_trouble(settings: Settings, account: FakeAccount) -> None:
    """Every alarm goes on as before, and tells nobody."""
    account.add_stack("AuditStack")
    sns = cast("Any", ModelledClient("sns", FakeSns((PERSON, f"{TOPIC}:1"))))
    aws = aws_of(sns=sns, settings=settings, cloudformation=account.aws(settings).cloudformation)
    heard, gone = read_audiences(aws, ACCOUNT)
    assert (heard.exists, heard.trouble) == (True, "")
    assert (gone.exists, gone.wanted) == (False, True)
    assert gone.trouble == "the topic nestjs-hannibal-3-security was deleted, so nobody receives an alarm"


def test_without_a_trail_of_its_own_there_is_no_topic_of_security_alarms(
    settings: Settings, account: FakeAccount
) -> None:
    account.add_stack("AuditStack")
    other = {"create_trail": False, "existing_trail_location": "s3://trail/AWSLogs/CloudTrail/"}
    aws = aws_of(
        sns=cast("Any", ModelledClient("sns", FakeSns((PERSON, f"{TOPIC}:1")))),
        settings=changed(settings, audit=other),
        cloudformation=account.aws(settings).cloudformation,
    )
    assert [audience.name for audience in read_audiences(aws, ACCOUNT)] == ["nestjs-hannibal-3-alerts"]


def test_a_test_alert_says_that_it_is_one_and_who_ordered_it(settings: Settings) -> None:
    fake = FakeSns((PERSON, f"{TOPIC}:1"))
    sns = cast("Any", ModelledClient("sns", fake))
    audience = read_audience(aws_of(sns=sns, settings=settings), TOPIC)
    assert audience is not None
    assert (
        send_test_alert(aws_of(sns=sns, settings=settings), audience, "arn:aws:iam::123456789012:user/somebody")
        == "m-1"
    )
    (sent,) = fake.published
    assert sent["TopicArn"] == TOPIC
    assert sent["Subject"] == "Test alert of nestjs-hannibal-3 dev"
    assert "user/somebody" in sent["Message"]
    assert "Nothing is wrong" in sent["Message"]
    assert settings.alarm_pages in sent["Message"]
