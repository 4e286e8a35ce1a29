"""Reads the policies of a role from synthesized templates, without an account."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from ops.iam.review.policies import Policies, Policy, PolicyError, parse
from ops.templates.template import Resource, resources_in, template_file, template_files
from ops.templates.values import Json, Map, at, is_function, items, rebuilt, written

_ROLE = "AWS::IAM::Role"
_MANAGED = "AWS::IAM::ManagedPolicy"
_INLINE = "AWS::IAM::Policy"


def read_role(assembly: Path, role: str) -> Policies | None:
    """The policies of a role by its name; None if no template of the folder has it, or it has none.

    Raises:
        UnusableInputError: a template cannot be read.
    """
    if not template_files(assembly):
        return None
    roles = (it for it in resources_in(assembly) if it.resource_type == _ROLE)
    found = next((it for it in roles if it.properties.get("RoleName") == role), None)
    return _role(found, template_file(assembly, found.stack)) if found else None


def _role(role: Resource, file: Path) -> Policies:
    problems: list[str] = []
    documents: list[tuple[str, Json]] = [
        (str(at(one, "PolicyName")), at(one, "PolicyDocument")) for one in items(role.properties.get("Policies"))
    ]
    for other, resource in role.neighbours.items():
        attached = any(
            one == role.properties.get("RoleName") or at(one, "Ref") == role.logical_id
            for one in items(at(resource, "Properties", "Roles"))
        )
        if attached and resource.get("Type") in (_INLINE, _MANAGED):
            documents.append((other, at(resource, "Properties", "PolicyDocument")))
    for reference in items(role.properties.get("ManagedPolicyArns")):
        document = _managed(reference, role.neighbours)
        if document is None:
            problems.append(f"{written(reference)}: not in {file}; read the role from AWS for it")
        else:
            documents.append((written(reference), document))
    boundary = None
    if limit := role.properties.get("PermissionsBoundary"):
        boundary = next(_parsed([(written(limit), _managed(limit, role.neighbours))], problems), None)
    identity = tuple(_parsed(documents, problems))
    source = f"{file}, {role.logical_id}"
    return Policies(source=source, identity=identity, boundary=boundary, problems=tuple(problems))


def _parsed(documents: Iterable[tuple[str, Json]], problems: list[str]) -> Iterator[Policy]:
    for name, document in documents:
        try:
            yield parse(_resolved(document), name)
        except PolicyError as error:
            problems.append(f"{name}: it is no policy that can be read here: {error}")


def _managed(reference: Json, resources: Mapping[str, Map]) -> Json:
    """The document of a managed policy in the same template, by reference or by the name in its ARN."""
    if isinstance(target := at(reference, "Ref"), str):
        return at(resources.get(target), "Properties", "PolicyDocument")
    name = written(reference).rpartition("/")[2]
    for resource in resources.values():
        if at(resource, "Type") == _MANAGED and at(resource, "Properties", "ManagedPolicyName") == name:
            return at(resource, "Properties", "PolicyDocument")
    return None


def _resolved(value: Json) -> Json:
    """A document with CloudFormation's functions as text, such as ``${AWS::AccountId}``."""
    return written(value) if is_function(value) else rebuilt(value, _resolved)
