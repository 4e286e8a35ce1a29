"""What grants allow and deny, as IAM would decide it; conditions are left to the caller."""

import json
from collections.abc import Iterable, Sequence

from installation.names import Names
from installation.permissions.grants import Arns, Grant
from installation.permissions.wildcards import like, like_action

ACCOUNT = "123456789012"
REGION = "ap-northeast-1"


def arns(project: str = "nestjs-hannibal-3", region: str = REGION) -> Arns:
    return Arns(names=Names(project=project, environment="dev"), region=region, account=ACCOUNT)


def of(service: str, names: str) -> tuple[str, ...]:
    """Actions of a service from their names, separated by blanks."""
    return tuple(f"{service}:{name}" for name in names.split())


def matches(patterns: Iterable[str], action: str) -> bool:
    """Whether one of IAM's patterns covers an action."""
    return any(like_action(action, pattern) for pattern in patterns)


def covers(patterns: Iterable[str], resource: str) -> bool:
    """Whether one of IAM's patterns covers an ARN."""
    return any(like(resource, pattern) for pattern in patterns)


def allowing(grants: Sequence[Grant], action: str, resource: str = "*") -> list[Grant]:
    """The grants that allow an action on a resource."""
    return _saying("Allow", grants, action, resource)


def denying(grants: Sequence[Grant], action: str, resource: str = "*") -> list[Grant]:
    """The grants that deny an action on a resource."""
    return _saying("Deny", grants, action, resource)


def _saying(effect: str, grants: Sequence[Grant], action: str, resource: str) -> list[Grant]:
    return [
        grant
        for grant in grants
        if grant.effect == effect and matches(grant.actions, action) and covers(grant.resources, resource)
    ]


def size(grants: Sequence[Grant], *, sids: bool = True) -> int:
    """Characters of a policy as IAM counts them, without blanks; CDK writes a list of one text as that text."""
    statements = [
        {
            **({"Sid": grant.sid} if sids else {}),
            "Effect": grant.effect,
            "Action": _one_or_all(grant.actions),
            "Resource": _one_or_all(grant.resources),
            **({"Condition": grant.conditions} if grant.conditions else {}),
        }
        for grant in grants
    ]
    return len(json.dumps({"Version": "2012-10-17", "Statement": statements}, separators=(",", ":")))


def _one_or_all(texts: Sequence[str]) -> str | Sequence[str]:
    return texts[0] if len(texts) == 1 else texts
