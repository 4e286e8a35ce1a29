"""Topics send e-mail only to subscribers who have confirmed; the emulator treats all of them as confirmed.

``GET /_hannibal/mail`` lists the messages that were sent, newest last. The first message to an address contains the
token for ConfirmSubscription (SNS developer guide, "Subscribe an email address to an Amazon SNS topic").
"""

import re
import uuid
from collections import deque
from collections.abc import Iterator
from typing import Any, Final

from embedded_aws.core.control import Control
from embedded_aws.core.event_patterns import broken_pattern
from embedded_aws.core.json_value import JsonValue, json_object
from embedded_aws.core.patching import Function, Response
from embedded_aws.core.refusal import Refusal
from embedded_aws.iam import resource_policies
from embedded_aws.sns import emulator

_PROTOCOLS: Final = ("email", "email-json")
_MOST_KEPT: Final = 200
_PENDING: Final = "PendingConfirmation"
_Request = dict[str, Any]


def install(control: Control) -> None:
    """Make e-mail subscriptions wait for their confirmation, and keep the messages that were sent."""
    mail = _Mail()
    emulator.fan_out.wrap(mail.fan_out)
    emulator.list_subscriptions_by_topic.wrap(mail.list_by_topic)
    emulator.subscribe.wrap(_subscribe)
    control.add("mail", lambda _method, _body: (200, mail.as_json()))


def _subscribe(original: Function, parameters: Any) -> Response:
    """Return the ARN on request; otherwise there is none before the confirmation (API reference, Subscribe)."""
    status, headers, body = original(parameters)
    sent = {name: values[0] if isinstance(values, list) else values for name, values in parameters.items() if values}
    if sent.get("Protocol") in _PROTOCOLS and sent.get("ReturnSubscriptionArn") != "true":
        body = re.sub(rb"(<SubscriptionArn>)arn:[^<]*", rb"\1pending confirmation", body)
    return status, headers, body


class _Mail:
    """The messages that were sent, and the subscriptions that need a confirmation."""

    def __init__(self) -> None:
        self._sent: deque[dict[str, JsonValue]] = deque(maxlen=_MOST_KEPT)

    def as_json(self) -> JsonValue:
        self._request_confirmations()
        return list(self._sent)

    def fan_out(
        self, original: Function, topic: str, identifier: str, message: str, subject: str, *rest: Any, **more: Any
    ) -> None:
        """Send a message to the subscribers who have confirmed."""
        self._request_confirmations()
        for it in _subscriptions():
            if it["topic_arn"] == topic and it["confirmed"]:
                self._send(it, subject, message)
        original(topic, identifier, message, subject, *rest, **more)

    def list_by_topic(self, original: Function, parameters: dict[str, Any]) -> Response:
        """List unconfirmed subscriptions without their ARN, as SNS does."""
        self._request_confirmations()
        status, headers, body = original(parameters)
        for it in _subscriptions():
            if not it["confirmed"]:
                body = body.replace(f">{it['arn']}<".encode(), f">{_PENDING}<".encode())
        return status, headers, body

    def _request_confirmations(self) -> None:
        """Ask for a confirmation of each subscription that was created since the last call."""
        for it in _subscriptions():
            if "asked" not in it:
                it |= {"confirmed": False, "token": uuid.uuid4().hex, "asked": True}
                words = f"You have chosen to subscribe to the topic: {it['topic_arn']}. Token={it['token']}"
                self._send(it, "AWS Notification - Subscription Confirmation", words)

    def _send(self, subscription: dict[str, Any], subject: str, message: str) -> None:
        to, topic = subscription["endpoint"], subscription["topic_arn"]
        self._sent.append({"to": to, "topic": topic, "subject": subject, "message": message})


def _subscriptions() -> Iterator[dict[str, Any]]:
    topics: list[dict[str, Any]] = list(emulator.topics.values())
    return (it for topic in topics for it in topic["subscriptions"] if it["protocol"] in _PROTOCOLS)


def check_subscription(request: _Request) -> None:
    """Refuse an invalid filter."""
    policy = json_object(request.get("FilterPolicy"))
    if request.get("FilterPolicy") is None or policy == {}:
        return
    if said := next(broken_pattern(policy), None):
        raise _refusal(f"FilterPolicy: {said}")
    of_attributes = request.get("FilterPolicyScope", "MessageAttributes") == "MessageAttributes"
    if of_attributes and any(isinstance(it, dict) for it in (policy or {}).values()):
        raise _refusal("Filter policy scope MessageAttributes does not support nested filter policy")


def check_topic_policy(properties: _Request) -> None:
    """Refuse an invalid policy for a template's topics (moto #1276)."""
    for topic in properties.get("Topics") or []:
        resource_policies.check_topic_policy(str(topic), properties.get("PolicyDocument"))


def _refusal(reason: str) -> Refusal:
    return Refusal("Sns", "InvalidParameter", f"Invalid parameter: {reason}")
