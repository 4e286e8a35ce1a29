"""The grammar of IAM's policies, as far as a template or a call can violate it.

The messages are those of MalformedPolicyDocument in reports of users (terraform-aws-s3-anti-virus #21, kappa #111,
terraform-provider-aws #15623); the elements and their places are from the IAM user guide, "Grammar of the IAM JSON
policy language".
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any, Final

from embedded_aws.core.json_value import as_list, json_object
from embedded_aws.iam import emulator
from embedded_aws.requests import property_rules

Policy = str | dict[str, Any]
Statement = dict[str, Any]

_malformed = partial(emulator.refusal, "MalformedPolicyDocument")
VERSIONS: Final = ("2008-10-17", "2012-10-17")
OPERATOR: Final = re.compile(
    r"(For(All|Any)\w*:)?("
    r"String(Not)?(Equals(IgnoreCase)?|Like)|Arn(Not)?(Equals|Like)|Date(Not)?Equals|(Date|Numeric)(Less|Greater)Than"
    r"(Equals)?|Numeric(Not)?Equals|Bool|BinaryEquals|(Not)?IpAddress|Null)(IfExists)?",
    re.IGNORECASE,
)
_SERVICE: Final = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|aws\.internal)")
_AWS: Final = re.compile(
    r"\*|\d{12}|A[A-Z0-9]{15,}|arn:aws[\w-]*:(iam::(\d{12}|cloudfront):(root|(role|user)/[^*?]+)"
    r"|sts::\d{12}:(assumed-role|federated-user)/.+)"
)
_VENDOR: Final = re.compile(r"[a-z0-9-]+", re.IGNORECASE)
ELEMENTS: Final = frozenset(
    {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
)
_SHAPES: Final = {
    "AWS": _AWS,
    "CanonicalUser": re.compile("[0-9a-f]{64,}"),
    "Federated": re.compile(r"arn:aws[\w-]*:iam::\d{12}:(saml-provider|oidc-provider)/.+|[\w-]+(\.[\w-]+)+"),
}
_ROLE_OR_USER: Final = re.compile(r"arn:aws:iam::(\d{12}):(role|user)/(.+)")


def check_identity_policy(policy: Policy) -> None:
    """Refuse what is invalid in a policy of a role, user or group."""
    _checked_statements(policy, "IAM identity policy")


def check_trust_policy(policy: Policy, account: str) -> None:
    """Refuse what is invalid in a trust policy."""
    for statement in _checked_statements(policy, "IAM trust policy"):
        for kind, name in _principals(statement):
            if not _exists(kind, name, account):
                raise _malformed(f'Invalid principal in policy: "{kind.upper()}":"{name}"')


def _checked_statements(policy: Policy, kind: str) -> list[Statement]:
    """The statements, checked by the rules of all policies and by those of this kind in `property_rules.yaml`."""
    document = json_object(policy) or {}
    statements: list[Statement] = as_list(document.get("Statement") or [])
    for rules in ("IAM policy", kind):
        property_rules.check(rules, document | {"Statement": statements})
    for statement in statements:
        for action in (str(it) for name in ("Action", "NotAction") for it in as_list(statement.get(name, []))):
            vendor = action.partition(":")[0]
            if action != "*" and not _VENDOR.fullmatch(vendor):
                raise _malformed(f"Vendor {vendor} is not valid")
        for operator, keys in (statement.get("Condition") or {}).items():
            if not OPERATOR.fullmatch(operator):
                raise _malformed(f"Invalid Condition type : {operator}.")
            if not all(":" in key for key in keys):
                raise _malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
    return statements


def is_principal(principal: Any, account: str) -> bool:
    """Whether a resource policy may name it: everyone, a valid account or service, an existing role or user."""
    if not isinstance(principal, dict):
        return principal in ("*", None)
    named = list(_principals({"Principal": principal}))
    known = all(kind in ("AWS", "CanonicalUser", "Federated", "Service") for kind, _ in named)
    shaped = all(_SHAPES[kind].fullmatch(name) for kind, name in named if kind in _SHAPES)
    return bool(named) and known and shaped and all(_exists(kind, name, account) for kind, name in named)


def _principals(statement: Statement) -> Iterator[tuple[str, str]]:
    principal = statement.get("Principal")
    for kind, names in (principal if isinstance(principal, dict) else {}).items():
        yield from ((kind, str(name)) for name in as_list(names))


def _exists(kind: str, name: str, account: str) -> bool:
    """Principals of other accounts count as existing, because they cannot be looked up here."""
    if kind == "Service":
        return _SERVICE.fullmatch(name) is not None
    found = _ROLE_OR_USER.fullmatch(name) if kind == "AWS" else None
    if found is None or found[1] != account:
        return True
    return found[3].rpartition("/")[2] in (emulator.users if found[2] == "user" else emulator.roles)
