"""Reads the policies of a role from the account, from files, or from synthesized templates."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from ops.iam.review.policies import Policies, Policy, PolicyError, parse
from ops.templates.template import Resource, resources_in, template_file, template_files
from ops.templates.values import Json, Map, at, is_function, items, mapping, rebuilt, written

if TYPE_CHECKING:
    from ops.aws.clients import Aws

_ROLE = "AWS::IAM::Role"
_MANAGED = "AWS::IAM::ManagedPolicy"
_INLINE = "AWS::IAM::Policy"


def role_in_account(aws: "Aws", role: str) -> tuple[str, Policies] | None:
    """The ARN of a role, by its name or ARN, and its policies; None if there is no such role."""
    name = role.rpartition("/")[2]
    try:
        iam_role = aws.iam.get_role(RoleName=name)["Role"]
    except aws.iam.exceptions.NoSuchEntityException:
        return None
    if role.startswith("arn:") and iam_role["Arn"] != role:
        return None  # of another account, or with another path
    problems: list[str] = []
    identity = [*_inline_policies(aws, name, problems), *_attached_policies(aws, name, problems)]
    limit = iam_role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
    boundary = _managed_policy(aws, limit, problems) if limit else None
    arn = iam_role["Arn"]
    return arn, Policies(source=f"IAM, {arn}", identity=tuple(identity), boundary=boundary, problems=tuple(problems))


def _inline_policies(aws: "Aws", role: str, problems: list[str]) -> list[Policy]:
    pages = aws.iam.get_paginator("list_role_policies").paginate(RoleName=role)
    names = [name for page in pages for name in page["PolicyNames"]]
    documents = ((name, aws.iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]) for name in names)
    return [policy for name, document in documents if (policy := _answered(document, name, problems))]


def _attached_policies(aws: "Aws", role: str, problems: list[str]) -> list[Policy]:
    pages = aws.iam.get_paginator("list_attached_role_policies").paginate(RoleName=role)
    arns = [policy["PolicyArn"] for page in pages for policy in page["AttachedPolicies"]]
    return [policy for arn in arns if (policy := _managed_policy(aws, arn, problems))]


def _managed_policy(aws: "Aws", arn: str, problems: list[str]) -> Policy | None:
    try:
        version = aws.iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
        document = aws.iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    except aws.iam.exceptions.NoSuchEntityException:
        problems.append(f"{arn}: there is no such policy")
        return None
    return _answered(document, arn, problems)


def _answered(document: object, source: str, problems: list[str]) -> Policy | None:
    """Parse a document; boto3 has decoded it, but not the emulator's."""
    content = cast("Json", document)
    return _parsed(lambda: json.loads(content) if isinstance(content, str) else content, source, problems)


def policies_in_files(files: Sequence[Path], boundary: Path | None) -> Policies:
    """Read policies; files that cannot be read are reported and left out."""
    problems: list[str] = []
    identity = tuple(policy for file in files if (policy := _read_file(file, problems)))
    # A boundary that cannot be read limits nothing: the review then shows too much granted rather than too little.
    limit = _read_file(boundary, problems) if boundary else None
    source = ", ".join(map(str, filter(None, (*files, boundary))))
    return Policies(source=source, identity=identity, boundary=limit, problems=tuple(problems), known=bool(identity))


def _read_file(file: Path, problems: list[str]) -> Policy | None:
    return _parsed(lambda: json.loads(file.read_text(encoding="utf-8")), str(file), problems)


def role_in_templates(assembly: Path, role: str) -> Policies | None:
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

    def document_of(reference: Json) -> Json:
        document = _managed_document(reference, role.neighbours)
        if document is None:
            problems.append(f"{written(reference)}: not in {file}; read the role from AWS for it")
        return document

    attached_documents = [(written(it), document_of(it)) for it in items(role.properties.get("ManagedPolicyArns"))]
    documents += [(name, document) for name, document in attached_documents if document is not None]
    limit = role.properties.get("PermissionsBoundary")
    limiting = document_of(limit) if limit else None
    boundary = None if limiting is None else _in_template(limiting, written(limit), problems)
    return Policies(
        source=f"{file}, {role.logical_id}",
        identity=tuple(policy for name, it in documents if (policy := _in_template(it, name, problems))),
        boundary=boundary,
        problems=tuple(problems),
    )


def _managed_document(reference: Json, resources: Mapping[str, Map]) -> Json:
    """The document of a managed policy in the same template, by reference or by the name in its ARN."""
    if isinstance(target := at(reference, "Ref"), str):
        return at(resources.get(target), "Properties", "PolicyDocument")
    name = written(reference).rpartition("/")[2]
    managed = (mapping(it.get("Properties")) for it in resources.values() if it.get("Type") == _MANAGED)
    return next((it.get("PolicyDocument") for it in managed if it.get("ManagedPolicyName") == name), None)


def _in_template(document: Json, source: str, problems: list[str]) -> Policy | None:
    return _parsed(lambda: _resolved(document), source, problems)


def _resolved(value: Json) -> Json:
    """A document with CloudFormation's functions as text, such as ``${AWS::AccountId}``."""
    return written(value) if is_function(value) else rebuilt(value, _resolved)


def _parsed(read: Callable[[], Json], source: str, problems: list[str]) -> Policy | None:
    """Parse a document; one that cannot be read is reported."""
    try:
        return parse(read(), source)
    except OSError as error:
        problems.append(f"{source}: it cannot be read: {error.strerror}")
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        problems.append(f"{source}: it is no JSON: {error}")
    except RecursionError:
        problems.append(f"{source}: it is nested too deeply")
    except PolicyError as error:
        problems.append(f"{source}: it is no policy: {error}")
    return None
