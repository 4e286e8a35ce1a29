"""A call as a CloudTrail event."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs
from uuid import uuid4

from botocore.exceptions import UnknownServiceError
from ministack.core import iam_evaluator

from embedded_aws.cloudtrail.operations import GLOBAL_SERVICES
from embedded_aws.core.models import input_shape
from embedded_aws.core.refusal import error_of

# https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
Event = dict[str, Any]

_VERSION: Final = "1.11"
_READ_ONLY: Final = re.compile(
    r"(Get|List|Describe|Head|Lookup|Search|BatchGet|BatchDescribe|Assume|Select|Simulate|Validate|Estimate|Detect).*"
)
_HIDDEN: Final = "HIDDEN_DUE_TO_SECURITY_REASONS"
_SECRET: Final = re.compile(
    r".*(password|secretstring|secretbinary|secretaccesskey|authtoken|sessiontoken)", re.IGNORECASE
)
_LONGEST_PARAMETER: Final = 4_096  # Long enough for a listing; AWS omits a stack's template as well
_NUMBER: Final = re.compile(r"-?\d{1,18}", re.ASCII)
# The form of a list of texts in a request; the event contains a list.
_ITEM: Final = re.compile(r"(\w+)\.member\.\d+", re.ASCII)
_BOOLEANS: Final[dict[str, object]] = {"true": True, "false": False}  # Forms have words where the event has values


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request that was answered."""

    service: str  # the service in the scope of its signature
    operation: str  # the operation's name in CloudTrail
    region: str  # the region of the request
    access_key: str  # the caller's access key id
    account: str  # the caller's account
    headers: Mapping[str, str]  # headers by their name in lower case
    body: bytes  # body of the request
    query: Mapping[str, list[str]]  # query parameters, and the fields of a form in the body
    request_id: str  # the id in the answer
    status: int  # HTTP status of the answer
    answer: bytes  # body of the answer


def make_event(call: Call) -> Event:
    """Create CloudTrail's event for a call."""
    code, message = _error(call)
    event: Event = {
        "eventVersion": _VERSION,
        "userIdentity": _identity(call),
        "eventTime": datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{call.service}.amazonaws.com",
        "eventName": call.operation,
        "awsRegion": "us-east-1" if call.service in GLOBAL_SERVICES else call.region,
        "sourceIPAddress": "127.0.0.1",
        "userAgent": call.headers.get("user-agent", ""),
        "requestParameters": _parameters(call) or None,
        "responseElements": None,
        "requestID": call.request_id,
        "eventID": str(uuid4()),
        "readOnly": _READ_ONLY.match(call.operation) is not None,
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": call.account,
        "eventCategory": "Management",
    }
    if code:
        event |= {"errorCode": code, "errorMessage": message}
    return event


def _identity(call: Call) -> dict[str, Any]:
    caller = iam_evaluator.resolve_caller_identity(call.access_key)
    if caller is None:
        # An unknown key: the emulator treats it as the account itself, unless it enforces policies.
        caller = {"userArn": f"arn:aws:iam::{call.account}:root", "userId": call.account, "session": None}
    arn, session = str(caller["userArn"]), caller["session"]
    identity = {
        "type": "Root",
        "principalId": caller["userId"],
        "arn": arn,
        "accountId": call.account,
        "accessKeyId": call.access_key,
    }
    if ":assumed-role/" in arn:
        return identity | {"type": "AssumedRole", "sessionContext": _session_context(arn, identity, session or {})}
    if ":user/" in arn:
        return identity | {"type": "IAMUser", "userName": arn.rpartition("/")[2]}
    return identity


def _session_context(arn: str, identity: Mapping[str, Any], session: Mapping[str, Any]) -> dict[str, Any]:
    role = arn.split("/")[1]
    role_arn = session.get("RoleArn") or f"arn:aws:iam::{identity['accountId']}:role/{role}"
    issued = datetime.fromtimestamp(float(session.get("IssuedAt") or 0), tz=UTC)
    return {
        "sessionIssuer": {
            "type": "Role",
            "principalId": str(identity["principalId"]).partition(":")[0],
            "arn": role_arn,
            "accountId": identity["accountId"],
            "userName": role,
        },
        "attributes": {"creationDate": issued.strftime("%Y-%m-%dT%H:%M:%SZ"), "mfaAuthenticated": "false"},
    }


def _parameters(call: Call) -> dict[str, Any]:
    if "json" in call.headers.get("content-type", "") or "x-amz-target" in call.headers:
        try:
            request = json.loads(call.body or b"{}")
        except ValueError:
            request = {}
    else:
        request = _form(call)
    if not isinstance(request, dict):
        return {}
    shown = {_lower_first(name): _visible_value(name, value) for name, value in request.items()}
    if (call.service, call.operation) == ("ssm", "PutParameter") and "value" in shown:
        shown["value"] = _HIDDEN
    return shown


def _form(call: Call) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, text in call.query.items():
        if item := _ITEM.fullmatch(name):
            values.setdefault(item[1], []).append(text[0])
        elif name not in {"Action", "Version"}:
            values[name] = _value(call, name, text[0])
    return values


def _value(call: Call, name: str, text: str) -> object:
    """A form's value with the type that the event has: an alarm's filter compares numbers."""
    try:
        shape = input_shape(call.service, call.operation)
    except UnknownServiceError:  # the name in its signature is unknown to botocore
        shape = None
    is_number = shape is not None and name in shape.members and shape.members[name].type_name in ("integer", "long")
    return int(text) if is_number and _NUMBER.fullmatch(text) else _BOOLEANS.get(text, text)


def _lower_first(name: str) -> str:
    return name[:1].lower() + name[1:]


def _visible_value(name: str, value: object) -> object:
    if _SECRET.match(name):
        return _HIDDEN
    if isinstance(value, dict):
        return {_lower_first(str(key)): _visible_value(str(key), item) for key, item in value.items()}
    if isinstance(value, list):
        return [_visible_value(name, item) for item in value]
    return value[:_LONGEST_PARAMETER] if isinstance(value, str) else value


def _error(call: Call) -> tuple[str, str]:
    if call.status < 400:
        return "", ""
    code, message = error_of(call.answer) or (str(call.status), "")
    code = code or "Unknown"
    # Only EC2's codes say whether the client or the server caused the error.
    return (f"Client.{code}" if call.service == "ec2" else code), message


def form_parameters(headers: Mapping[str, str], body: bytes) -> dict[str, list[str]]:
    """Read the form in a request's body."""
    if "x-www-form-urlencoded" not in headers.get("content-type", ""):
        return {}
    return parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
