"""Every single permission that a template allows or denies, so that two templates can be compared."""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field

import orjson

from installation.permissions.wildcards import matches_action, matches_pattern
from ops.review.changes import Place, Sides
from ops.templates.values import Json, Map, at, canonical, items, mapping, may_mention, walk, written

# Properties in which a policy names its identities.
_HOLDERS = ("Roles", "Users", "Groups", "RoleName", "UserName", "GroupName")
_IDENTITY_POLICIES = frozenset(
    f"AWS::IAM::{name}" for name in ("GroupPolicy", "ManagedPolicy", "Policy", "RolePolicy", "UserPolicy")
)
_EVERYTHING: Map = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}
_IDENTITIES = frozenset({"AWS::IAM::Group", "AWS::IAM::Role", "AWS::IAM::User"})


@dataclass(frozen=True, kw_only=True)
class _GrantFields:
    """The fields that a statement and its grants have in common."""

    # ``identity`` (a policy of a role, user or group), ``trust`` (who may assume a role), ``resource`` (a policy of a
    # bucket, topic and so on), ``endpoint`` and its path, or ``attached`` (a managed policy by its ARN).
    kind: str
    principal: str  # its principal
    allows: bool = True  # whether it allows or denies
    # Whether it means every other action (NotAction), resource (NotResource) or principal (NotPrincipal).
    inverted: bool = False
    condition: str = ""  # as canonical JSON; empty means always
    place: Place = field(compare=False)  # resource that contains it


@dataclass(frozen=True, kw_only=True)
class Grant(_GrantFields):
    """One action on one resource that a policy allows or denies."""

    action: str  # the action, possibly with wildcards; for ``attached`` the ARN
    resource: str  # the resource as in a policy
    as_written: str = field(compare=False, default="")  # the action as the policy writes it; IAM ignores its case

    def names(self, other: "Grant") -> bool:
        """Whether it covers everything that the other grant covers; conditions are not compared."""
        if self.inverted or other.inverted:
            return (self.inverted, self.action, self.resource) == (other.inverted, other.action, other.resource)
        return matches_action(other.action, self.action) and matches_pattern(other.resource, self.resource)

    def purpose(self, needs: Mapping[tuple[str, str, str], str]) -> str:
        """What needs it, by role, action and resource; empty where nothing is known to."""
        plain = self.kind == "identity" and self.allows and not self.inverted
        return needs.get((self.principal, self.action, self.resource), "") if plain else ""

    def meets(self, other: "Grant") -> bool:
        """Whether there is an action on a resource that both cover."""
        if self.inverted or other.inverted:
            return True
        return (matches_action(other.action, self.action) or matches_action(self.action, other.action)) and (
            matches_pattern(other.resource, self.resource) or matches_pattern(self.resource, other.resource)
        )


@dataclass(frozen=True, kw_only=True)
class Statement(_GrantFields):
    """A statement of a policy for one principal, with all its actions and resources."""

    actions: tuple[str, ...]  # as they are written
    resources: tuple[str, ...] = ("*",)

    def grants(self) -> Iterator[Grant]:
        """A grant for each action on each resource."""
        for action in self.actions:
            lower = action.lower()
            for resource in self.resources:
                yield Grant(
                    kind=self.kind,
                    principal=self.principal,
                    allows=self.allows,
                    action=lower,
                    as_written=action,
                    inverted=self.inverted,
                    resource=resource,
                    condition=self.condition,
                    place=self.place,
                )


def statements_of(sides: Sides, *, before: bool, only: Container[tuple[str, str]] | None = None) -> Iterator[Statement]:
    """The statements of a stack on one side: all, or only those of some resources, by stack and logical id."""
    for logical_id, resource in (sides.before if before else sides.after).items():
        if only is None or (sides.name, logical_id) in only:
            yield from _statements(sides, logical_id, resource)


def statements_for(sides: Sides, place: Place, principal: str, document: Json) -> Iterator[Statement]:
    """The statements of a policy document for an identity that has the policy."""
    yield from _documents(sides, place, "identity", principal, [document])


def _statements(sides: Sides, logical_id: str, resource: Map) -> Iterator[Statement]:
    kind = str(resource.get("Type"))
    properties = mapping(resource.get("Properties"))
    place = sides.place(logical_id)
    if kind in _IDENTITIES:
        yield from _documents(sides, place, "trust", place.path, [properties.get("AssumeRolePolicyDocument")])
        inline = [at(policy, "PolicyDocument") for policy in items(properties.get("Policies"))]
        yield from _documents(sides, place, "identity", place.path, inline)
        if arns := tuple(written(arn, sides.paths) for arn in items(properties.get("ManagedPolicyArns"))):
            yield Statement(kind="attached", principal=place.path, actions=arns, place=place)
    elif kind in _IDENTITY_POLICIES:
        holders = [written(it, sides.paths) for name in _HOLDERS for it in items(properties.get(name))]
        for holder in holders or [place.path]:
            yield from _documents(sides, place, "identity", _role_path(holder), [properties.get("PolicyDocument")])
    elif kind == "AWS::Lambda::Permission":
        yield Statement(
            kind="resource",
            principal=written(properties.get("Principal"), sides.paths),
            actions=(written(properties.get("Action")),),
            resources=(_function(written(properties.get("FunctionName"), sides.paths)),),
            condition=_permission_condition(properties),
            place=place,
        )
    elif kind == "AWS::EC2::VPCEndpoint":
        # Without a policy, an endpoint allows everything (VPC user guide, "Default endpoint policy"); that of another
        # one does not count.
        document = properties.get("PolicyDocument") or {"Statement": [_EVERYTHING]}
        yield from _documents(sides, place, f"endpoint {place.path}", place.path, [document])
    elif may_mention(properties, b"Effect") or may_mention(properties, b"Principal"):
        yield from _documents(sides, place, "resource", place.path, list(_policies_in(properties)))


def _policies_in(properties: Map) -> Iterator[Json]:
    """Policies in a resource of any type: documents, documents as JSON texts, and single statements."""
    for value in properties.values():
        document = _parse_policy(value)
        if at(document, "Effect") is not None and at(document, "Principal") is not None:
            yield {"Statement": document}
            continue
        for part in walk(document):
            if any(at(statement, "Effect") is not None for statement in items(part.get("Statement"))):
                yield part
    if "Principal" in properties and "Action" in properties and "Effect" not in properties:
        yield {"Statement": _single(properties)}


def _single(properties: Map) -> Map:
    """A statement for the properties of one permission, as of layers and event buses, with at most one condition."""
    statement: Map = {"Effect": "Allow", "Principal": properties["Principal"], "Action": properties["Action"]}
    condition = mapping(properties.get("Condition"))
    if {"Key", "Type", "Value"} <= condition.keys():
        statement["Condition"] = {str(condition["Type"]): {str(condition["Key"]): condition["Value"]}}
    elif (organization := properties.get("OrganizationId")) is not None:
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": organization}}
    return statement


def _parse_policy(value: Json) -> Json:
    """A value, or its content where it is a policy as a JSON text."""
    if not isinstance(value, str) or '"Principal"' not in value:
        return value
    try:
        document: Json = orjson.loads(value)
    except ValueError:
        return value
    return document


def _permission_condition(permission: Map) -> str:
    """The condition of a function's permission, in the form of a policy's condition."""
    tests: Map = {
        operator: {f"aws:{name}": permission[name]}
        for operator, name in (("ArnLike", "SourceArn"), ("StringEquals", "SourceAccount"))
        if permission.get(name) is not None
    }
    return canonical(tests) if tests else ""


def _function(text: str) -> str:
    """A function's name, from its name or its ARN."""
    return text.rpartition(":function:")[2].replace(".Arn}", "}")


def _documents(sides: Sides, place: Place, kind: str, owner: str, documents: list[Json]) -> Iterator[Statement]:
    """Statements of policy documents. In a trust or resource policy, the owner is the resource, else the principal."""
    for document in documents:
        for statement in map(mapping, items(at(document, "Statement"))):
            inverted = [key for key in ("NotAction", "NotResource", "NotPrincipal") if key in statement]
            actions = items(statement.get("Action", statement.get("NotAction")))
            resources = items(statement.get("Resource", statement.get("NotResource"))) or [owner]
            allows = statement.get("Effect") == "Allow"
            named = statement.get("Principal", statement.get("NotPrincipal"))
            if allows and "NotPrincipal" in statement:
                named = "*"  # all principals but the named ones
            people = [owner] if kind == "identity" else list(_principals(named, sides))
            for principal in people:
                yield Statement(
                    kind=kind,
                    principal=principal,
                    allows=allows,
                    actions=tuple(written(it, sides.paths) for it in actions),
                    inverted=bool(inverted),
                    resources=tuple(written(it, sides.paths) for it in resources),
                    condition=canonical(statement["Condition"]) if statement.get("Condition") else "",
                    place=place,
                )


def _principals(value: Json, sides: Sides) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for people in mapping(value).values():
        for person in items(people):
            yield _person(written(person, sides.paths), sides.either.region)


def _person(text: str, region: str) -> str:
    """A principal in one form: an account as the ARN of its root, a service by its name without a region."""
    if text.isdigit() and len(text) == 12:
        return f"arn:aws:iam::{text}:root"
    if text == "${AWS::AccountId}":
        return "arn:aws:iam::${AWS::AccountId}:root"
    return text.replace(f".{region}.amazonaws.com", ".amazonaws.com") if region else text


def _role_path(holder: str) -> str:
    """A role's construct path, without the braces of a reference."""
    return (holder[2:].removesuffix("}") if holder.startswith("${") else holder).removesuffix("/Resource")
