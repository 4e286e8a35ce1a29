"""Refusals that many operations share: unknown tokens of pages, unknown filters, and dry runs."""

import base64
import binascii
import re
from functools import cache
from typing import Any, Final

from embedded_aws.core.models import input_shape
from embedded_aws.core.refusal import Refusal
from embedded_aws.core.sent_request import SentRequest

TRIAL: Final = "DryRunOperation"
# By the emulator's name of a service: its error for a token that it did not return (API references, errors of lists).
_TOKENS: Final = {
    "athena": ("InvalidRequestException", "Invalid NextToken"),
    "cloudtrail": ("InvalidNextTokenException", "The token is not valid."),
    "codedeploy": ("InvalidNextTokenException", "The next token is not valid."),
    "ecs": ("InvalidParameterException", "Invalid token: {token}"),
    "events": ("ValidationException", "The token is not valid: {token}"),
    "logs": ("InvalidParameterException", "The specified nextToken is invalid."),
    "monitoring": ("InvalidNextToken", "Invalid NextToken : {token}"),
    "scheduler": ("ValidationException", "Invalid NextToken"),
    "secretsmanager": ("InvalidNextTokenException", "Invalid NextToken"),
    "sns": ("InvalidParameter", "Invalid parameter: NextToken"),
    "ssm": ("InvalidNextToken", ""),
}
# Operations whose tokens contain more than the start of a page; they validate these themselves.
_OWN: Final = frozenset({"DescribeAlarms", "DescribeAlarmHistory", "FilterLogEvents", "GetLogEvents", "ListMetrics"})
# Each service's members with filters, and its message for an unknown filter.
_FILTERS: Final = {
    "ec2": (("Filters", "Filter"), "The filter '{name}' is invalid"),
    "rds": (("Filters",), "Unrecognized filter name: {name}"),
}
_URL_SAFE: Final = str.maketrans("+/", "-_")
_NAME: Final = re.compile("<code>([^<]*)</code>")


def check(handler: str, request: SentRequest) -> None:
    """Refuse a request to a service, given by the emulator's name, for its token or its filters."""
    _check_token(handler, request)
    for member in _FILTERS.get(handler, ((), ""))[0]:
        for name in (str(it.get("Name")) for it in request.content.get(member) or []):
            known = filter_names(handler, request.operation, member)
            if known and name not in known and not name.startswith("tag:"):
                raise Refusal(handler, "InvalidParameterValue", _FILTERS[handler][1].format(name=name))


def end_trial(handler: str, request: SentRequest) -> None:
    """End a dry run of EC2 that nothing has refused.

    Raises:
        Refusal: always, for such a request.
    """
    if handler == "ec2" and str(request.content.get("DryRun")).lower() == "true":
        raise Refusal("Ec2", TRIAL, "Request would have succeeded, but DryRun flag is set.")


def _check_token(handler: str, request: SentRequest) -> None:
    token = request.content.get("nextToken") or request.content.get("NextToken")
    if token is None or handler not in _TOKENS or request.operation in _OWN or is_offset(str(token)):
        return
    code, message = _TOKENS[handler]
    raise Refusal(handler, code, message.format(token=token))


def is_offset(token: str) -> bool:
    """Whether a token is an item's number, also in base 64, as in the emulator's and this project's tokens."""
    if token.isdecimal():
        return True
    try:
        return base64.urlsafe_b64decode(token.translate(_URL_SAFE) + "=" * (-len(token) % 4)).decode().isdecimal()
    except (binascii.Error, ValueError):
        return False


@cache
def filter_names(service: str, operation: str, member: str) -> frozenset[str]:
    """The names of an operation's filters in its documentation; empty if it contains none."""
    shape: Any = input_shape(service, operation)
    found = shape.members.get(member) if shape else None
    names = frozenset(_NAME.findall(found.documentation)) if found is not None else frozenset()
    return names | {"isDefault"} if "is-default" in names else names  # an older name, which CDK's lookups send
