"""What a role is granted, from the synthesized templates: no account is needed."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from ops.errors import UnusableInputError
from ops.iam.review.policies import Policies, Policy, PolicyError, parse
from ops.templates.values import Json, Map, at, items, mapping, written

_ROLE = "AWS::IAM::Role"
_MANAGED = "AWS::IAM::ManagedPolicy"
_INLINE = "AWS::IAM::Policy"


def read_role(assembly: Path, role: str) -> Policies | None:
    """The policies of a role by its name, None if no template makes it.

    Raises:
        UnusableInputError: a template cannot be read.
    """
    for file in sorted(assembly.glob("*.template.json")):
        resources = mapping(at(_template(file), "Resources"))
        for logical_id, resource in resources.items():
            if at(resource, "Type") == _ROLE and at(resource, "Properties", "RoleName") == role:
                return _role(logical_id, mapping(at(resource, "Properties")), resources, file)
    return None


def _template(file: Path) -> Json:
    try:
        content: Json = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UnusableInputError(f"{file} is no template: {error}", "Synthesize: `npx cdk synth --quiet`.") from error
    return content


def _role(logical_id: str, properties: Map, resources: Map, file: Path) -> Policies:
    problems: list[str] = []
    found: list[tuple[str, Json]] = [
        (str(at(one, "PolicyName")), at(one, "PolicyDocument")) for one in items(properties.get("Policies"))
    ]
    for other, resource in resources.items():
        attached = any(at(one, "Ref") == logical_id for one in items(at(resource, "Properties", "Roles")))
        if attached and at(resource, "Type") in (_INLINE, _MANAGED):
            found.append((other, at(resource, "Properties", "PolicyDocument")))
    for reference in items(properties.get("ManagedPolicyArns")):
        document = _managed(reference, resources)
        if document is None:
            problems.append(f"{written(reference)}: not in {file}; read the role from AWS for it")
        else:
            found.append((written(reference), document))
    boundary = None
    if limit := properties.get("PermissionsBoundary"):
        boundary = next(_parsed([(written(limit), _managed(limit, resources))], problems), None)
    identity = tuple(_parsed(found, problems))
    return Policies(source=f"{file}, {logical_id}", identity=identity, boundary=boundary, problems=tuple(problems))


def _parsed(documents: Iterable[tuple[str, Json]], problems: list[str]) -> Iterator[Policy]:
    for name, document in documents:
        try:
            yield parse(_resolved(document), name)
        except PolicyError as error:
            problems.append(f"{name}: it is no policy that can be read here: {error}")


def _managed(reference: Json, resources: Map) -> Json:
    """The document of a managed policy of the same template, by reference or by the name in its ARN."""
    if isinstance(target := at(reference, "Ref"), str):
        return at(resources.get(target), "Properties", "PolicyDocument")
    name = written(reference).rpartition("/")[2]
    for resource in resources.values():
        if at(resource, "Type") == _MANAGED and at(resource, "Properties", "ManagedPolicyName") == name:
            return at(resource, "Properties", "PolicyDocument")
    return None


def _resolved(value: Json) -> Json:
    """A document with the functions of CloudFormation written as text, such as ``${AWS::AccountId}``."""
    if isinstance(value, dict):
        if len(value) == 1 and next(iter(value)).startswith(("Fn::", "Ref")):
            return written(value)
        return {key: _resolved(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_resolved(child) for child in value]
    return value
