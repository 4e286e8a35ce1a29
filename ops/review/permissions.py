"""Who may do more than before, or less: permissions by principal, trust, boundaries, denials."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property

from pydantic import TypeAdapter

from installation.permissions.wildcards import like_action
from ops.review.changes import Change, Comparison, Kind
from ops.review.conditions import Context, example, lets_through
from ops.review.data import DATA, read_yaml
from ops.review.finding import Claim, Finding, Severity, Subject, about
from ops.review.grants import Grant, grants_of
from ops.templates.values import at, canonical, mapping, references, walk, written

_IDENTITIES = frozenset({"AWS::IAM::Role", "AWS::IAM::User"})
_CREDENTIALS = frozenset({"AWS::IAM::AccessKey", "AWS::IAM::OIDCProvider", "AWS::IAM::SAMLProvider", "AWS::IAM::User"})
# Properties that hold policies, and who has them.
_POLICY_PROPERTIES = frozenset(
    {"AssumeRolePolicyDocument", "Groups", "ManagedPolicyArns", "Policies", "PolicyDocument", "Roles", "Users"}
)
_DOCUMENTS: tuple[Claim, ...] = tuple(
    ("Properties", name)
    for name in (
        *sorted(_POLICY_PROPERTIES),
        "RepositoryPolicyText",
        "KeyPolicy",
        "ResourcePolicy",
        "Principal",
        "Action",
    )
)
IDENTITY_TYPES = frozenset(
    {
        "AWS::IAM::Group",
        "AWS::IAM::GroupPolicy",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::User",
        "AWS::IAM::UserPolicy",
        "AWS::S3::BucketPolicy",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
    }
)
_READS_CONTENT = frozenset({"getobject", "getobjectversion", "getqueryresults", "getlogevents", "filterlogevents"})
_READS = ("batchget", "describe", "filter", "get", "head", "list", "lookup", "query", "scan", "search", "view")
# Services whose writing actions let somebody give himself more.
_POWERFUL = frozenset({"account", "iam", "organizations", "sso", "sso-admin", "sts"})
_BROAD_POLICIES = ("administratoraccess", "fullaccess", "poweruseraccess", "readonlyaccess", "iamfullaccess")
# Some words of one finding stay readable; the JSON report has all of them.
_SHOWN = 8


def permissions(comparison: Comparison) -> Iterator[Finding]:
    """Findings about who may do more than before, or less and then cannot work."""
    yield from _grants(comparison)
    for change in comparison.changes:
        yield from _boundary(change)
        yield from _policy_gone(change, comparison)
        if change.type in _CREDENTIALS and change.kind is not Kind.REMOVED and not change.only_tags:
            yield _risk(change, "credentials", f"a way to sign in is {change.kind}", ("*",))


def _grants(comparison: Comparison) -> Iterator[Finding]:
    before, after = (_Grants(comparison, before=side) for side in (True, False))
    new_roles = {change.path for change in comparison.changes if change.kind is Kind.ADDED}
    gone = {change.path for change in comparison.changes if change.kind is Kind.REMOVED}
    people = _people(comparison)
    found: list[tuple[Severity, str, str, Grant]] = []
    found += [
        (*_gained(grant, before, new_roles, request), grant) if grant.allows else _denied(grant, after)
        for grant in after.beside(before)
        if (request := before.lacks(grant)) is not None
    ]
    for grant in before.beside(after):
        if (request := after.lacks(grant)) is None or grant.who in gone:
            continue
        if not grant.allows and _matters(grant, comparison):
            found.append((Severity.RISK, "denial-removed", f"is no longer denied{_when(request, grant)}", grant))
        elif grant.allows and _owner_stays(grant, comparison):
            holder = grant.resource if grant.kind == "trust" else grant.who
            severity = Severity.LOOK if holder in people else Severity.RISK
            found.append((severity, "permission-lost", f"may no longer{_when(request, grant)}", grant))
    yield from _told(found, comparison)
    yield from _same(comparison, {(it.stack, it.logical_id) for *_, it in found})


class _Grants:
    """The grants of one side, found by who has them."""

    def __init__(self, comparison: Comparison, *, before: bool) -> None:
        self._present = [sides for sides in comparison.sides.values() if sides.head]
        self._before = before
        touched = {(it.stack, it.logical_id) for it in comparison.changes}
        self.touched = dict.fromkeys(self._read(touched))

    def beside(self, other: "_Grants") -> list[Grant]:
        """Those of changed resources that the other side does not have in the same words."""
        return [it for it in self.touched if it not in other.touched]

    @cached_property
    def _by_holder(self) -> Mapping[tuple[str, bool, str], list[Grant]]:
        found: dict[tuple[str, bool, str], list[Grant]] = defaultdict(list)
        for grant in dict.fromkeys(self._read(None)):
            found[(grant.kind, grant.allows, grant.who)].append(grant)
        return found

    def _read(self, only: set[tuple[str, str]] | None) -> Iterator[Grant]:
        for sides in self._present:
            yield from grants_of(sides, before=self._before, only=only)

    def lacks(self, grant: Grant) -> Context | None:
        """A request that a grant is about and that nothing here is about."""
        holders = (grant.who, "*") if grant.who != "*" else ("*",)
        known = [
            it for who in holders for it in self._by_holder.get((grant.kind, grant.allows, who), []) if it.names(grant)
        ]
        return lets_through(tuple(it.condition for it in known), grant.condition)

    def same_but_condition(self, grant: Grant) -> bool:
        """Whether something here is about the same under another condition."""
        return any(it.names(grant) for it in self._by_holder.get((grant.kind, grant.allows, grant.who), []))

    def allowed_by(self, denial: Grant) -> bool:
        """Whether something that is allowed here meets a denial."""
        return any(
            it.meets(denial)
            for (kind, allows, who), grants in self._by_holder.items()
            if allows and kind == denial.kind and denial.who in (who, "*")
            for it in grants
        )


def _gained(grant: Grant, before: _Grants, new_roles: set[str], request: Context) -> tuple[Severity, str, str]:
    """How much a new grant matters, its rule, and what to say about it."""
    service, _, name = grant.action.partition(":")
    reads = name.startswith(_READS)
    if grant.kind == "attached":
        broad = any(word in grant.action.lower() for word in _BROAD_POLICIES)
        return Severity.RISK if broad else Severity.LOOK, "policy-attached", "gets the managed policy"
    if before.same_but_condition(grant):
        rule = "trust-widened" if grant.kind == "trust" else "condition-loosened"
        return Severity.RISK, rule, f"may, under a looser or other condition{_when(request, grant)},"
    if grant.kind == "trust":
        plain = grant.resource in new_roles and grant.who.endswith(".amazonaws.com")
        return Severity.LOOK if plain else Severity.RISK, "trust-widened", "may assume the role"
    risks = (
        (grant.who == "*" and not grant.condition, "public", "may"),
        (grant.inverted, "inverted", "may do everything except"),
        (grant.action == "*" or name == "*", "wildcard-action", "may"),
        (grant.action == "iam:passrole", "pass-role", "may"),
        (service in _POWERFUL and not reads, "escalation", "may"),
        (_among("leads_to_power", grant), "escalation", "may"),
        (_among("reads_secrets", grant), "reads-secrets", "may"),
        (_among("destroys", grant) and grant.who not in new_roles, "destroys", "may"),
        (
            grant.resource == "*" and (not reads or name in _READS_CONTENT),
            "wildcard-resource",
            "may, on every resource,",
        ),
        (grant.kind == "resource" and not grant.who.endswith(".amazonaws.com"), "shared", "may"),
        (grant.kind == "resource" and not grant.condition, "confused-deputy", "may, on behalf of every account,"),
    )
    return next(
        ((Severity.RISK, rule, verb) for found, rule, verb in risks if found), (Severity.LOOK, "permission", "may")
    )


def _among(kind: str, grant: Grant) -> bool:
    return any(like_action(grant.action, pattern) or like_action(pattern, grant.action) for pattern in _actions()[kind])


@cache
def _actions() -> Mapping[str, list[str]]:
    return TypeAdapter(dict[str, list[str]]).validate_python(read_yaml(DATA / "permissions.yaml"))


def _when(request: Context, grant: Grant) -> str:
    return f", for example with {example(request, grant.condition)}," if request or grant.condition else ""


def _denied(grant: Grant, after: _Grants) -> tuple[Severity, str, str, Grant]:
    severity = Severity.RISK if after.allowed_by(grant) else Severity.LOOK
    return severity, "denial-added", "is denied", grant


def _people(comparison: Comparison) -> set[str]:
    """Roles that only people take on: what they lose stops no system."""
    found = set()
    for sides in comparison.sides.values():
        for logical_id, resource in mapping(sides.head_template.get("Resources")).items():
            principals = [
                kind
                for part in walk(at(resource, "Properties", "AssumeRolePolicyDocument"))
                for kind in mapping(part.get("Principal"))
            ]
            if principals and set(principals) == {"AWS"}:
                found.add(sides.path(logical_id))
    return found


def _owner_stays(grant: Grant, comparison: Comparison) -> bool:
    """Whether whoever loses it is still there."""
    sides = comparison.sides[grant.stack]
    if grant.kind != "identity":
        resource = sides.resource(grant.logical_id, before=True)
        left = mapping(sides.head_template.get("Resources"))
        return grant.logical_id in left or any(it in left for it in references(resource.get("Properties")))
    return True


def _matters(grant: Grant, comparison: Comparison) -> bool:
    """A denial that goes away together with everything that it was about is nobody's gain."""
    sides = comparison.sides[grant.stack]
    targets = set(references(sides.resource(grant.logical_id, before=True))) | {grant.logical_id}
    left = mapping(sides.head_template.get("Resources"))
    return any(target in left for target in targets)


def _told(found: Iterable[tuple[Severity, str, str, Grant]], comparison: Comparison) -> Iterator[Finding]:
    """One finding for grants that differ in action and resource only."""
    groups: dict[tuple[Severity, str, str, str, str, str], list[Grant]] = defaultdict(list)
    for severity, rule, verb, grant in found:
        groups[(severity, rule, verb, grant.who, grant.stack, grant.logical_id)].append(grant)
    for (severity, rule, verb, who, stack, logical_id), grants in groups.items():
        actions = _listed(grant.as_written for grant in grants)
        resources = _listed(grant.resource for grant in grants)
        what = {"policy-attached": actions, "wildcard-resource": actions}.get(rule, f"{actions} on {resources}")
        if grants[0].kind == "trust":
            what = resources if verb == "may assume the role" else f"assume the role {resources}"
        yield Finding(
            subject=Subject.PERMISSIONS,
            severity=severity,
            rule=rule,
            stack=stack,
            logical_id=logical_id,
            where=comparison.sides[stack].path(logical_id),
            message=f"{actions} {verb} for `{who}` on {resources}"
            if rule.startswith("denial-")
            else f"`{who}` {verb} {what}",
            claims=_DOCUMENTS,
        )


def _same(comparison: Comparison, told: set[tuple[str, str]]) -> Iterator[Finding]:
    """Policies that are written otherwise and allow what they allowed."""
    for change in comparison.changes:
        if change.kind is Kind.CHANGED and (change.stack, change.logical_id) not in told:
            names = [it.name for it in change.properties if it.name in _POLICY_PROPERTIES and not it.follows]
            if names and change.type in IDENTITY_TYPES:
                yield about(
                    change,
                    Subject.PERMISSIONS,
                    Severity.HARMLESS,
                    "same-permissions",
                    "is written otherwise, and allows and denies what it did",
                    claims=tuple(names),
                )


def _listed(texts: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(texts))
    more = f" and {len(distinct) - _SHOWN} more" if len(distinct) > _SHOWN else ""
    return ", ".join(f"`{text}`" for text in distinct[:_SHOWN]) + more


def _boundary(change: Change) -> Iterator[Finding]:
    if change.type not in _IDENTITIES or change.kind is Kind.REMOVED:
        return
    before, after = change.before("PermissionsBoundary"), change.after("PermissionsBoundary")
    if after is None and (before is not None or change.kind is Kind.ADDED):
        yield _risk(
            change,
            "boundary-missing",
            "has no permissions boundary: nothing limits what its policies can give",
            ("PermissionsBoundary",),
        )
    elif before is not None and change.differs("PermissionsBoundary"):
        yield _risk(
            change,
            "boundary-changed",
            f"gets another permissions boundary: `{written(after)}`, not `{written(before)}`",
            ("PermissionsBoundary",),
        )


def _policy_gone(change: Change, comparison: Comparison) -> Iterator[Finding]:
    """A policy that others name, as roles name their boundary, is missed by them, whichever stack they stand in."""
    name = change.before("ManagedPolicyName")
    if change.kind is not Kind.REMOVED or change.type != "AWS::IAM::ManagedPolicy" or not isinstance(name, str):
        return
    if any(f":policy/{name}" in canonical(stack.template) for stack in comparison.head.stacks.values()):
        yield _risk(change, "policy-removed", f"the managed policy `{name}` is removed, and roles still name it")


def _risk(change: Change, rule: str, message: str, claims: tuple[str, ...] = ()) -> Finding:
    return about(change, Subject.PERMISSIONS, Severity.RISK, rule, message, claims=claims)
