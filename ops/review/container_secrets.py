"""Secrets that ECS reads for variables of containers: tasks start with them, and the application reads no other."""

import re
from collections.abc import Iterator
from typing import Final

from ops.review.any_type import is_secret
from ops.review.changes import Change, Comparison, Kind, Sides
from ops.review.finding import Finding, Subject, look
from ops.review.value_rules import any_type_rules
from ops.templates.resource_types import TASK_DEFINITION
from ops.templates.values import Json, at, items, mapping, references, written

# A secret or parameter of this account by its whole name in a folder; the part of a secret to read stands behind it.
_OWN: Final = re.compile(
    r"(arn:aws:(?:secretsmanager:[\w-]+:\$\{AWS::AccountId\}:secret:|ssm:[\w-]+:\$\{AWS::AccountId\}:parameter/)"
    r"([\w.-]+)/[\w/+=.@-]+)(?::[\w-]*:[\w-]*:[\w-]*)?"
)
_TASKS: Final = {"Service": "ecs-tasks.amazonaws.com"}
_READING: Final = ("secretsmanager:getsecretvalue", "ssm:getparameter", "ssm:getparameters")
# What Secrets Manager puts behind a secret's name, in a policy that does not know it.
_ANY_END: Final = "-??????"


def container_secrets(comparison: Comparison) -> Iterator[Finding]:
    """Findings about secrets that stood in a container's variable, and that ECS reads from now on."""
    for change in comparison.changes:
        if change.type == TASK_DEFINITION and change.kind is Kind.CHANGED:
            for container in items(change.after("ContainerDefinitions")):
                yield from _moved(change, container)


def _moved(change: Change, container: Json) -> Iterator[Finding]:
    name = at(container, "Name")
    before = next((it for it in items(change.before("ContainerDefinitions")) if at(it, "Name") == name), None)
    kept, read = ({at(it, "Name") for it in items(at(container, key))} for key in ("Environment", "Secrets"))
    for it in items(at(before, "Environment")):
        variable, value = written(at(it, "Name")), written(at(it, "Value"))
        if variable in read - kept and (is_secret(variable, value) or any_type_rules().forms.search(value)):
            message = f"`{variable}` of `{name}` is read from a secret, and stands in the template no longer"
            place = f"ContainerDefinitions/Name={name}/Environment/Name={variable}"
            yield look(change, Subject.EXPOSURE, "new-revision", message, place)


def readings(comparison: Comparison) -> frozenset[tuple[str, str, str]]:
    """What roles have to be allowed so that ECS can start tasks: role, action, and the secret as a policy names it.

    Only of roles that nothing but ECS assumes and no task acts with; and of secrets that are new, or that are in a
    folder of this application's and made by no template of the base: those of the base have their purpose.
    """
    return frozenset(
        (role, action, name)
        for sides in comparison.sides.values()
        for role, value in _asked(sides)
        for name in _names(value, sides, comparison)
        for action in _READING
    )


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
    text = written(value, sides.paths)
    if output := mapping(at(value, "Fn::GetStackOutput")):
        sides = comparison.sides.get(written(output.get("StackName")), sides)
        value = at(sides.head_template, "Outputs", written(output.get("OutputName")), "Value")
    if isinstance(made := at(value, "Ref"), str):
        if sides.path(made) in comparison.added:
            yield text
    elif found := _OWN.fullmatch(text):
        base = [(key, it) for each in comparison.sides.values() for key, it in each.before.items()]
        named = [name.strip("/") for _, it in base if isinstance(name := at(it, "Properties", "Name"), str)]
        makes = any(it in found[1] for it in [*filter(None, named), *(key for key, _ in base)])
        if not makes and found[2] in {it.partition("/")[0] for it in named if "/" in it}:
            yield from (found[1], found[1] + _ANY_END)
