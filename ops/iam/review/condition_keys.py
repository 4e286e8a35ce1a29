"""The values of condition keys of a recorded request, and the keys whose values a record does not have.

A value is known only where the record has it for certain; an unknown key differs from one that the request does not
have. A key of a service that the service authorization reference does not list for an action is not in its requests.

Sources: IAM user guide, "AWS global condition context keys" and "IAM and AWS STS condition context keys".
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import Final

from installation import yaml_text
from installation.permissions.conditions import Comparison, moment
from installation.permissions.variables import Values
from ops.iam import reference
from ops.iam.review import fields, recorded_keys, request_tags
from ops.iam.review.fields import NeededFields
from ops.iam.review.policies import Policies
from ops.iam.review.resources import Request

_PASSED: Final = "iam:PassRole"
# Keys that requests of roles never have.
_ABSENT: Final = (
    "aws:principalservicename", "aws:principalservicenameslist", "aws:sourceaccount", "aws:sourcearn",
    "aws:sourceorgid", "aws:username",
)  # fmt: skip
_TIMES: Final = ("aws:currenttime", "aws:epochtime")
_EARLIEST: Final = datetime(1971, 1, 1, tzinfo=UTC).timestamp()
_LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC).timestamp()


class Parameter(yaml_text.Data):
    """A key whose value is a parameter of a request."""

    key: str  # the key, as AWS writes it
    events: tuple[str, ...]  # the calls that have the key
    parameter: str  # the parameter, as CloudTrail writes it
    complete: bool = True  # whether a record without the parameter means a request without the key
    arn: str = ""  # the beginning of the ARN before the name, for a key that is an ARN


class Rules(yaml_text.Data):
    """Content of ``condition_keys.yaml``, which explains each part."""

    parameters: tuple[Parameter, ...]
    passed_to: Mapping[str, str]
    tagging: tuple[str, ...]


rules = yaml_text.cached_reader(Path(__file__).parent / "data" / "condition_keys.yaml", Rules)


@dataclass(frozen=True, kw_only=True)
class RecordedValues:
    """The part of a recorded request that conditions need."""

    permission: str  # the permission that it has checked
    request: Request  # its resources
    text: str | None  # its fields from the query; None where too many of them differ

    @cached_property
    def said(self) -> Mapping[str, str]:
        """The record's values by field."""
        return fields.parse_values(self.text)

    def values(self, key: str) -> Values | None:
        """The request's values of a key in lower case; empty where it does not have the key, None where not known."""
        if key in _ALWAYS:
            return _ALWAYS[key](self)
        of_service = key.partition(":")[0] == self.permission.partition(":")[0]
        may_lack = of_service or key.startswith(request_tags.KEYS)
        if may_lack and reference.lacks_condition_key(self.permission, key):
            return ()
        if self.text is None or (may_lack and reference.is_of_some_resources(self.permission, key)):
            return None
        if key in recorded_keys.KEYS and (of_service or key.startswith("aws:")):
            return recorded_keys.KEYS[key].values(self.said)
        if key.startswith(request_tags.KEYS):
            service = self.request.event.partition(":")[0]
            return request_tags.values(key, self.said, complete=service in rules().tagging)
        if (value := self.said.get(fields.claim(key))) is not None:
            return (value,)
        return _parameter(key, self)


def is_of_every_call(comparison: Comparison) -> bool:
    """Whether a comparison's keys have the same values for every permission that a request has checked."""
    return all(
        name.startswith("aws:") and (name in _ALWAYS or name in recorded_keys.KEYS)
        for name in (comparison.name, *comparison.variables)
    )


def needed_fields(comparisons: Iterable[Comparison], variable_keys: Iterable[str] = ()) -> NeededFields:
    """The fields of records that conditions need, and the variables of resources, by their keys in lower case."""
    comparisons = tuple(comparisons)
    plain = {*variable_keys, *(name for one in comparisons for name in one.variables)}
    keys = {*plain, *(one.key.lower() for one in comparisons)}
    times = [one for one in comparisons if one.key.lower() in _TIMES]
    parameters = {rule.parameter for rule in rules().parameters if rule.key.lower() in keys}
    if any(key.startswith(request_tags.KEYS) for key in keys):
        parameters.update(request_tags.PARAMETERS)
    recorded = [it for key, it in recorded_keys.KEYS.items() if key in keys]
    return NeededFields(
        fields=tuple(sorted({name for it in recorded for name in it.fields})),
        claims=tuple(sorted(filter(_may_be_claim, {*plain, *(one.key for one in comparisons)}))),
        parameters=tuple(sorted(parameters)),
        moments=_moments(times) if times and plain.isdisjoint(_TIMES) else None,
    )


def fields_of_policies(policies: Policies) -> NeededFields:
    """The fields of records that the conditions of policies and the variables of their resources need."""
    statements = (*policies.statements, *policies.limits)
    return needed_fields(
        [comparison for one in statements for comparison in one.comparisons],
        {name for one in statements for name in one.variable_keys},
    )


def _moments(comparisons: Iterable[Comparison]) -> tuple[datetime, ...] | None:
    """The times in conditions; None where a time is compared with something else."""
    times: set[datetime] = set()
    for one in comparisons:
        if one.operator == "null":
            continue
        seconds = [moment(text) for text in one.wanted]
        if not one.operator.startswith(("date", "numeric")):
            return None
        for each in seconds:
            if each is None or not _EARLIEST <= each <= _LATEST:
                return None
            times.add(datetime.fromtimestamp(int(each), UTC))
    return tuple(sorted(times))


def _may_be_claim(key: str) -> bool:
    """Whether a key may be a claim of a web identity: its prefix is a provider's address."""
    return "." in key.partition(":")[0] and "\n" not in key and "=" not in key


def _parameter(key: str, record: RecordedValues) -> Values | None:
    event = record.request.event
    for rule in rules().parameters:
        if rule.key.lower() == key and any(fnmatchcase(event, pattern) for pattern in rule.events):
            return _parameter_values(rule, record)
    return None


def _parameter_values(rule: Parameter, record: RecordedValues) -> Values | None:
    written = record.said.get(fields.parameter(rule.parameter))
    if written is None:
        return () if rule.complete else None
    value = json.loads(written)
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(one, str | int) for one in listed) or recorded_keys.HIDDEN in listed:
        return None
    texts = tuple(str(one) for one in listed)
    if rule.arn and not texts[0].startswith("arn:"):
        _, partition, _, _, account, *_ = record.request.role.split(":")
        service = rule.key.partition(":")[0]
        return tuple(f"arn:{partition}:{service}:{record.request.region}:{account}:{rule.arn}{one}" for one in texts)
    return texts


def _passed_to_service(record: RecordedValues) -> Values | None:
    if record.permission != _PASSED:
        return ()
    service = rules().passed_to.get(record.request.event)
    return None if service is None else (service,)


def _ec2_region(record: RecordedValues) -> Values | None:
    known = record.permission.startswith("ec2:") and record.request.region != "*"
    return (record.request.region,) if known else None


# Keys that are known for every call of a role, whatever fields the query returns.
_ALWAYS: Final[Mapping[str, Callable[[RecordedValues], Values | None]]] = {
    "aws:requestedregion": lambda record: None if record.request.region == "*" else (record.request.region,),
    "aws:principalarn": lambda record: (record.request.role,),
    "aws:principalaccount": lambda record: (record.request.role.split(":")[4],),
    # A template's reference to a value that is known at deployment.
    "aws::accountid": lambda record: (record.request.role.split(":")[4],),
    "aws::partition": lambda record: (record.request.role.split(":")[1],),
    "aws:principaltype": lambda _: ("AssumedRole",),
    "aws:principalisawsservice": lambda _: ("false",),
    **dict.fromkeys(_ABSENT, lambda _: ()),
    "iam:passedtoservice": _passed_to_service,
    "ec2:region": _ec2_region,
}
