"""Evaluates statements like IAM, without their conditions, which the caller evaluates."""

import json
from collections.abc import Iterable, Sequence

from installation.names import Names
from installation.permissions.statements import Arns, Statement
from installation.permissions.wildcards import matches_action, matches_pattern

ACCOUNT = "123456789012"
REGION = "ap-northeast-1"


def arns(project: str = "nestjs-hannibal-3", region: str = REGION) -> Arns:
    return Arns(names=Names(project=project, environment="dev"), region=region, account=ACCOUNT)


def of(service: str, names: str) -> tuple[str, ...]:
    """Actions of a service, from their names separated by blanks."""
    return tuple(f"{service}:{name}" for name in names.split())


def matches(patterns: Iterable[str], action: str) -> bool:
    """Whether one of IAM's patterns covers an action."""
    return any(matches_action(action, pattern) for pattern in patterns)


def covers(patterns: Iterable[str], resource: str) -> bool:
    """Whether one of IAM's patterns covers an ARN."""
    return any(matches_pattern(resource, pattern) for pattern in patterns)


def allowing(statements: Sequence[Statement], action: str, resource: str = "*") -> list[Statement]:
    """The statements that allow an action on a resource."""
    return _saying("Allow", statements, action, resource)


def denying(statements: Sequence[Statement], action: str, resource: str = "*") -> list[Statement]:
    """The statements that deny an action on a resource."""
    return _saying("Deny", statements, action, resource)


def _saying(effect: str, statements: Sequence[Statement], action: str, resource: str) -> list[Statement]:
    return [
        statement
        for statement in statements
        if statement.effect == effect and matches(statement.actions, action) and covers(statement.resources, resource)
    ]


def size(statements: Sequence[Statement], *, sids: bool = True) -> int:
    """Characters of a policy as IAM counts them, without blanks; CDK writes a list of one text as a single text."""
    content = [
        {
            **({"Sid": statement.sid} if sids else {}),
            "Effect": statement.effect,
            "Action": _one_or_all(statement.actions),
            "Resource": _one_or_all(statement.resources),
            **({"Condition": statement.conditions} if statement.conditions else {}),
        }
        for statement in statements
    ]
    return len(json.dumps({"Version": "2012-10-17", "Statement": content}, separators=(",", ":")))


def _one_or_all(texts: Sequence[str]) -> str | Sequence[str]:
    return texts[0] if len(texts) == 1 else texts
