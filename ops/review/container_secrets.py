"""Secrets that ECS reads for variables of containers: tasks start with them, and the application reads no other."""

import re
from collections.abc import Iterator
from itertools import product
from typing import Final

from ops.review.any_type import is_secret
from ops.review.changes import Change, Comparison, Kind, Sides
from ops.review.finding import Finding, Subject, look
from ops.review.grants import statements_of
from ops.review.value_rules import any_type_rules
from ops.templates.resource_types import TASK_DEFINITION
from ops.templates.values import Json, at, items, mapping, references, written

# The part of a secret to read: its field, and which version.
_PART: Final = re.compile(r":[\w-]*:[\w-]*:[\w-]*")
# A secret or parameter of this account and its region by its whole name in a folder, and such a part behind it.
_OWN: Final = re.compile(
    r"(arn:aws:(?:secretsmanager(?=\S+:secret:)|ssm(?=\S+:parameter/)):([\w-]+|\$\{AWS::Region\}):\$\{AWS::AccountId\}:(?:secret:|parameter/)"
    rf"([\w.-]+)/[\w/+=.@-]+)(?:{_PART.pattern})?"
)
_TASKS: Final = {"Service": "ecs-tasks.amazonaws.com"}
_READING: Final = ("secretsmanager:getsecretvalue", "ssm:getparameter", "ssm:getparameters")
# What Secrets Manager puts behind a secret's name, in a policy that does not know it.
_ANY_END: Final = "-??????"
# A reference that CloudFormation replaces by the secret.
_DYNAMIC: Final = "{{resolve:"


def container_secrets(comparison: Comparison) -> Iterator[Finding]:
    """Findings about secrets that stood in a container's variable, and that ECS reads from now on."""
    for change in comparison.changes:
        if change.type == TASK_DEFINITION and change.kind is Kind.CHANGED:
            for container in items(change.after("ContainerDefinitions")):
                yield from _moved(change, container, comparison)


def _moved(change: Change, container: Json, comparison: Comparison) -> Iterator[Finding]:
    name, sides = at(container, "Name"), comparison.sides[change.stack]
    before = next((it for it in items(change.before("ContainerDefinitions")) if at(it, "Name") == name), None)
    kept = {at(it, "Name") for it in items(at(container, "Environment"))}
    read = {written(at(it, "Name")): at(it, "ValueFrom") for it in items(at(container, "Secrets"))}
    for it in items(at(before, "Environment")):
        variable, value = written(at(it, "Name")), written(at(it, "Value"))
        secret = is_secret(variable, value) or any_type_rules().forms.search(value)
        if secret and variable not in kept and _may_read(read.get(variable), sides, comparison):
            message = f"`{variable}` of `{name}` is read when its task starts, and stands in the template no longer"
            place = f"ContainerDefinitions/Name={name}/Environment/Name={variable}"
            yield look(change, Subject.EXPOSURE, "new-revision", message, place)


def readings(comparison: Comparison) -> frozenset[tuple[str, str, str]]:
    """What roles have to be allowed so that ECS can start tasks: role, action, and the secret as a policy names it.

    Only of roles that nothing but ECS assumes and no task acts with; and of secrets that are new, or that are in a
    folder of this application's and made by no template of the base: those of the base have their purpose.
    """
    return frozenset(it for sides in comparison.sides.values() for _, it in _readings(sides, comparison))


def _readings(sides: Sides, comparison: Comparison) -> Iterator[tuple[Json, tuple[str, str, str]]]:
    for role, value in _asked(sides):
        for name, action in product(_names(value, sides, comparison), _READING):
            yield value, (role, action, name)


def _may_read(value: Json, sides: Sides, comparison: Comparison) -> bool:
    """Whether a role that starts tasks is allowed to read a secret of theirs."""
    needs = {it: "for a variable" for asked, it in _readings(sides, comparison) if asked == value}
    statements = (it for each in comparison.sides.values() for it in statements_of(each, before=False))
    return bool(needs) and any(grant.purpose(needs) for it in statements for grant in it.grants())


def _asked(sides: Sides) -> Iterator[tuple[str, Json]]:
    """The roles that start tasks, each with a secret that the tasks get."""
    definitions = [mapping(it.get("Properties")) for it in sides.after.values() if it.get("Type") == TASK_DEFINITION]
    acting = {role for it in definitions for role in references(it.get("TaskRoleArn"))}
    for it in definitions:
        for role in set(references(it.get("ExecutionRoleArn"))) - acting:
            trust = items(at(sides.after.get(role), "Properties", "AssumeRolePolicyDocument", "Statement"))
            if trust and all(at(one, "Principal") == _TASKS for one in trust):
                for container in items(it.get("ContainerDefinitions")):
                    yield from ((sides.path(role), at(one, "ValueFrom")) for one in items(at(container, "Secrets")))


def _names(value: Json, sides: Sides, comparison: Comparison) -> Iterator[str]:
    """A secret as policies name it; nothing where it is one of another application, or of the base."""
    match value:
        case {"Fn::Join": ["", [dict(whole), str(part)]]} if _PART.fullmatch(part):
            value = whole
    text = written(value, sides.paths)
    if output := mapping(at(value, "Fn::GetStackOutput")):
        sides = comparison.sides.get(written(output.get("StackName")), sides)
        value = at(sides.head_template, "Outputs", written(output.get("OutputName")), "Value")
    if isinstance(made := at(value, "Ref"), str):
        copied = _DYNAMIC in written(mapping(sides.after.get(made)))  # of another secret
        if sides.path(made) in comparison.added and not copied:
            yield text
    elif (found := _OWN.fullmatch(text)) and found[2] in (sides.either.region, "${AWS::Region}"):
        base = [(key, it) for each in comparison.sides.values() for key, it in each.before.items()]
        named = [name.strip("/") for _, it in base if isinstance(name := at(it, "Properties", "Name"), str)]
        makes = any(it in found[1] for it in [*filter(None, named), *(key for key, _ in base)])
        if not makes and found[3] in {it.partition("/")[0] for it in named if "/" in it}:
            yield from (found[1], found[1] + _ANY_END)
