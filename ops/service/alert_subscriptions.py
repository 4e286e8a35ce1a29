"""Who receives the alarms: the subscriptions of the alarms' topics."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from installation.names import AUDIT_STACK, GUARDRAIL_STACK
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.stacks.state import read_stack

State = Literal["confirmed", "waiting", "gone"]
# Values that replace an ARN (SNS API reference, ListSubscriptionsByTopic).
_WAITING, _GONE = "PendingConfirmation", "Deleted"


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """A subscription of a topic, confirmed or not."""

    endpoint: str  # an e-mail address, or the protocol's other kind of endpoint
    protocol: str  # ``email`` or another
    # ``waiting`` until the person has followed the link in SNS's e-mail; only ``confirmed`` receives anything.
    state: State


@dataclass(frozen=True, kw_only=True)
class Audience:
    """A topic and its subscriptions."""

    topic: str  # its ARN
    subscriptions: tuple[Subscription, ...]  # all of them
    address: str | None  # the address that the settings name; None where people subscribe themselves
    exists: bool = True  # False where the topic was deleted by hand, although its stack lists it

    @property
    def name(self) -> str:
        """The topic's name."""
        return self.topic.rpartition(":")[2]

    @property
    def confirmed(self) -> tuple[str, ...]:
        """Endpoints that receive it."""
        return tuple(one.endpoint for one in self.subscriptions if one.state == "confirmed")

    @property
    def waiting(self) -> tuple[str, ...]:
        """Endpoints that receive it only after the person has followed the link in SNS's e-mail."""
        return tuple(one.endpoint for one in self.subscriptions if one.state == "waiting")

    @property
    def trouble(self) -> str:
        """Why the settings' address, or everybody, receives nothing; empty if it is received."""
        if not self.exists:
            return f"the topic {self.name} was deleted, so nobody receives an alarm"
        if self.waiting:
            return f"{', '.join(self.waiting)} did not confirm the subscription of {self.name}, and gets nothing"
        if self.address and self.address not in self.confirmed:
            return f"{self.address} is not subscribed to {self.name}, and gets nothing"
        if not self.confirmed:
            return f"nobody is subscribed to {self.name}, so nobody receives an alarm"
        return ""

    @property
    def wanted(self) -> bool:
        """Whether alerts have a receiver: the settings name an address, or an address has subscribed."""
        return bool(self.address or self.waiting or not self.exists)


def topic_arn(settings: Settings, account: str, name: str) -> str:
    """The ARN of one of the installation's topics."""
    return f"arn:aws:sns:{settings.region}:{account}:{name}"


def read_audiences(aws: Aws, account: str) -> tuple[Audience, ...]:
    """The audiences of the alert topic and of the security alarms' topic; without those of missing stacks."""
    topics = {GUARDRAIL_STACK: aws.names.alert_topic}
    if aws.settings.audit.create_trail:  # else AuditStack has no security alarms
        topics[AUDIT_STACK] = aws.names.security_topic
    audiences = []
    for stack_name, name in topics.items():
        topic = topic_arn(aws.settings, account, name)
        if (audience := read_audience(aws, topic)) is not None:
            audiences.append(audience)
        elif (stack := read_stack(aws, stack_name)) is not None and stack.healthy:
            # Deleted by hand, which CloudFormation does not notice; the alarms now notify nobody.
            address = aws.settings.guardrail.alert_email
            audiences.append(Audience(topic=topic, subscriptions=(), address=address, exists=False))
    return tuple(audiences)


def read_audience(aws: Aws, topic: str) -> Audience | None:
    """Who is subscribed to a topic; None where there is no such topic."""
    with ignoring("NotFound", "NotFoundException"):
        subscriptions = tuple(_subscriptions(aws, topic))
        return Audience(topic=topic, subscriptions=subscriptions, address=aws.settings.guardrail.alert_email)
    return None


def _subscriptions(aws: Aws, topic: str) -> Iterator[Subscription]:
    for page in aws.sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic):
        for found in page.get("Subscriptions", []):
            arn = found.get("SubscriptionArn", "")
            state: State = "waiting" if arn == _WAITING else "gone" if arn == _GONE else "confirmed"
            yield Subscription(endpoint=found.get("Endpoint", ""), protocol=found.get("Protocol", ""), state=state)


def send_test_alert(aws: Aws, audience: Audience, caller: str) -> str:
    """Publish a message to an alarm's topic, for every confirmed subscription; returns the message's id."""
    settings = aws.settings
    subject = f"Test alert of {settings.project} {settings.environment}"
    message = (
        f"{caller} sent this message by `hannibal alarms test`. Nothing is wrong. Alarms of {settings.project} "
        f"{settings.environment} ({settings.region}) arrive in the same way. What each one means: "
        f"{settings.alarm_pages}"
    )
    # SNS accepts subjects of up to 100 ASCII characters (SNS API reference, Publish).
    return aws.sns.publish(TopicArn=audience.topic, Subject=subject[:100], Message=message)["MessageId"]
