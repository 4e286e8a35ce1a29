"""What SNS refuses about topics, messages and subscriptions, each in words that its users reported (moto #1276)."""

import re
from typing import Any, Final

from embedded_aws.core.event_patterns import broken_pattern
from embedded_aws.core.json_value import json_object
from embedded_aws.core.refusal import Refusal
from embedded_aws.iam import resource_policies

Request = dict[str, Any]

_TOPIC: Final = re.compile(r"[A-Za-z0-9_-]{1,256}|[A-Za-z0-9_-]{1,251}\.fifo")
_ADDRESS: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
# "UTF-8 text with no line breaks or control characters, and less than 100 characters long".
_SUBJECT: Final = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,100}")
_PROTOCOLS: Final = ("http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose")


def check_topic(request: Request) -> None:
    """Refuse a name that no topic has; a template may leave it to CloudFormation."""
    name = request.get("Name", request.get("TopicName"))
    if name is not None and not _TOPIC.fullmatch(str(name)):
        raise _refusal("Topic Name")


def check_message(request: Request) -> None:
    """Refuse an empty message, and a subject that is none."""
    if not request.get("Message"):
        raise _refusal("Empty message")
    subject = request.get("Subject")
    if subject is not None and not _SUBJECT.fullmatch(str(subject)):
        raise _refusal("Subject")


def check_subscription(request: Request) -> None:
    """Refuse a protocol that there is not, and an endpoint that is another one's."""
    protocol, endpoint = str(request.get("Protocol", "")), str(request.get("Endpoint", ""))
    if protocol not in _PROTOCOLS:
        raise _refusal(f"Amazon SNS does not support this protocol string: {protocol}")
    if protocol.startswith("email") and not _ADDRESS.fullmatch(endpoint):
        raise _refusal("Email address")
    if protocol in ("http", "https") and not endpoint.startswith(f"{protocol}://"):
        raise _refusal("Endpoint must match the specified protocol")
    if (given := request.get("FilterPolicy")) is not None:
        _check_filter(given, request.get("FilterPolicyScope", "MessageAttributes"))


def check_topic_policy(properties: Request) -> None:
    """Refuse the policy of a template's topics."""
    for topic in properties.get("Topics") or []:
        resource_policies.check_topic_policy(str(topic), properties.get("PolicyDocument"))


def _check_filter(given: object, scope: object) -> None:
    policy = json_object(given)
    if policy == {}:
        return
    if said := next(broken_pattern(policy), None):
        raise _refusal(f"FilterPolicy: {said}")
    if scope == "MessageAttributes" and any(isinstance(it, dict) for it in (policy or {}).values()):
        raise _refusal("Filter policy scope MessageAttributes does not support nested filter policy")


def _refusal(what: str) -> Refusal:
    return Refusal("Sns", "InvalidParameter", f"Invalid parameter: {what}")
