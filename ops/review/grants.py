"""Every permission that a template gives or denies, one by one, so that two templates can be compared."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from installation.permissions.wildcards import like, like_action
from ops.review.changes import Sides
from ops.templates.values import Json, Map, at, canonical, items, mapping, written

# Where a policy names those who have it.
_HOLDERS = ("Roles", "Users", "Groups", "RoleName", "UserName", "GroupName")
_IDENTITY_POLICIES = frozenset(
    {
        "AWS::IAM::GroupPolicy",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::UserPolicy",
    }
)
_EVERYTHING: Map = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
_IDENTITIES = frozenset({"AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::User"})


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One action on one resource that a policy allows or denies."""

    # ``identity`` (a policy of a role, user or group), ``trust`` (who may assume a role), ``resource`` (a policy of a
    # bucket, topic and so on) or ``attached`` (a managed policy by its ARN).
    kind: str
    who: str  # who gets it
    allows: bool  # whether it allows or denies
    action: str  # the action, may hold wildcards; for ``attached`` the ARN
    # Whether it means every other action (NotAction), resource (NotResource) or principal (NotPrincipal).
    inverted: bool
    resource: str  # what it is about
    condition: str  # when, as canonical JSON; empty means always
    stack: str = field(compare=False)  # stack that it stands in
    logical_id: str = field(compare=False)  # resource that it stands in
    as_written: str = field(compare=False, default="")  # the action as the policy writes it; IAM ignores its case

    def names(self, other: "Grant") -> bool:
        """Whether it is about all that the other one is about; conditions are not asked."""
        if self.inverted or other.inverted:
            return (self.inverted, self.action, self.resource) == (other.inverted, other.action, other.resource)
        return like_action(other.action, self.action) and like(other.resource, self.resource)

    def meets(self, other: "Grant") -> bool:
        """Whether both are about some same action on some same resource."""
        if self.inverted or other.inverted:
            return True
        return (like_action(other.action, self.action) or like_action(self.action, other.action)) and (
            like(other.resource, self.resource) or like(self.resource, other.resource)
        )


def grants_of(sides: Sides, *, before: bool, only: Container[tuple[str, str]] | None = None) -> Iterator[Grant]:
    """All grants of a stack on one side, or those of some resources by stack and logical id."""
    template = sides.base_template if before else sides.head_template
    for logical_id, resource in mapping(template.get("Resources")).items():
        if only is not None and (sides.name, logical_id) not in only:
            continue
        yield from _grants(sides, logical_id, mapping(resource))


def _grants(sides: Sides, logical_id: str, resource: Map) -> Iterator[Grant]:
    kind = str(resource.get("Type"))
    properties = mapping(resource.get("Properties"))
    path = sides.path(logical_id)
    if kind in _IDENTITIES:
        yield from _documents(sides, logical_id, "trust", path, [properties.get("AssumeRolePolicyDocument")])
        inline = [at(policy, "PolicyDocument") for policy in items(properties.get("Policies"))]
        yield from _documents(sides, logical_id, "identity", path, inline)
        for arn in items(properties.get("ManagedPolicyArns")):
            yield _grant(sides, logical_id, "attached", path, action=written(arn, sides.paths))
    elif kind in _IDENTITY_POLICIES:
        holders = [written(it, sides.paths) for name in _HOLDERS for it in items(properties.get(name))]
        for holder in holders or [path]:
            yield from _documents(sides, logical_id, "identity", _plain(holder), [properties.get("PolicyDocument")])
    elif kind == "AWS::Lambda::Permission":
        yield _grant(
            sides,
            logical_id,
            "resource",
            written(properties.get("Principal"), sides.paths),
            action=written(properties.get("Action")),
            resource=_function(written(properties.get("FunctionName"), sides.paths)),
            condition=_asked(properties),
        )
    elif kind == "AWS::EC2::VPCEndpoint":
        # Without a policy an endpoint lets everything through (VPC user guide, "Default endpoint policy").
        document = properties.get("PolicyDocument") or {"Statement": [_EVERYTHING]}
        yield from _documents(sides, logical_id, "endpoint", path, [document])
    else:
        policies = [value for value in properties.values() if at(value, "Statement") is not None]
        yield from _documents(sides, logical_id, "resource", path, policies)


def _asked(permission: Map) -> str:
    """What a permission of a function asks for, as a policy would."""
    tests: Map = {
        operator: {f"aws:{name}": permission[name]}
        for operator, name in (("ArnLike", "SourceArn"), ("StringEquals", "SourceAccount"))
        if permission.get(name) is not None
    }
    return canonical(tests) if tests else ""


def _function(text: str) -> str:
    """A function by its name: its ARN means the same."""
    return text.rpartition(":function:")[2].replace(".Arn}", "}")


def _documents(sides: Sides, logical_id: str, kind: str, owner: str, documents: list[Json]) -> Iterator[Grant]:
    """The grants of policy documents. In a trust or resource policy the owner is what is granted, else to whom."""
    for document in documents:
        for statement in map(mapping, items(at(document, "Statement"))):
            inverted = [key for key in ("NotAction", "NotResource", "NotPrincipal") if key in statement]
            actions = items(statement.get("Action", statement.get("NotAction")))
            resources = items(statement.get("Resource", statement.get("NotResource"))) or [owner]
            people = (
                [owner]
                if kind == "identity"
                else list(_principals(statement.get("Principal", statement.get("NotPrincipal")), sides))
            )
            for who in people:
                for action in actions:
                    for resource in resources:
                        yield _grant(
                            sides,
                            logical_id,
                            kind,
                            who,
                            allows=statement.get("Effect") == "Allow",
                            action=written(action, sides.paths),
                            inverted=bool(inverted),
                            resource=written(resource, sides.paths),
                            condition=canonical(statement["Condition"]) if statement.get("Condition") else "",
                        )


def _grant(
    sides: Sides,
    logical_id: str,
    kind: str,
    who: str,
    *,
    action: str,
    allows: bool = True,
    inverted: bool = False,
    resource: str = "*",
    condition: str = "",
) -> Grant:
    return Grant(
        kind=kind,
        who=who,
        allows=allows,
        action=action.lower(),
        as_written=action,
        inverted=inverted,
        resource=resource,
        condition=condition,
        stack=sides.name,
        logical_id=logical_id,
    )


def _principals(value: Json, sides: Sides) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for people in mapping(value).values():
        for person in items(people):
            yield _person(written(person, sides.paths), sides.either.region)


def _person(text: str, region: str) -> str:
    """An account is its number, or the ARN of its root; a service has one name for all regions, and one for each."""
    if text.isdigit() and len(text) == 12:
        return f"arn:aws:iam::{text}:root"
    if text == "${AWS::AccountId}":
        return "arn:aws:iam::${AWS::AccountId}:root"
    return text.replace(f".{region}.amazonaws.com", ".amazonaws.com") if region else text


def _plain(holder: str) -> str:
    """A role's path without the braces of a reference."""
    return holder.removeprefix("${").removesuffix("}").removesuffix("/Resource")
