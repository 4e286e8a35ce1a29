"""Who gains power: new permissions by principal, wider trust, missing boundaries, fewer denials."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from ops.review.changes import Change, Comparison, Kind
from ops.review.concerns import Concern, Severity, Subject, about
from ops.review.grants import Grant, grants_of
from ops.review.values import canonical, mapping, references, written

_IDENTITIES = frozenset({"AWS::IAM::Role", "AWS::IAM::User"})
_CREDENTIALS = frozenset({"AWS::IAM::AccessKey", "AWS::IAM::OIDCProvider", "AWS::IAM::SAMLProvider", "AWS::IAM::User"})
# Properties that say with which role something acts.
_ACTS_AS = {
    "AWS::CodeDeploy::DeploymentGroup": ("ServiceRoleArn",),
    "AWS::ECS::TaskDefinition": ("ExecutionRoleArn", "TaskRoleArn"),
    "AWS::Lambda::Function": ("Role",),
}
_READS = ("batchget", "describe", "filter", "get", "head", "list", "lookup", "query", "scan", "search", "view")
# Services whose writing actions let somebody give himself more.
_POWERFUL = frozenset({"account", "iam", "organizations", "sso", "sso-admin", "sts"})
_BROAD_POLICIES = ("AdministratorAccess", "FullAccess", "PowerUserAccess")
# Some words of one concern stay readable; the JSON report has all of them.
_SHOWN = 8


def power(comparison: Comparison) -> Iterator[Concern]:
    """Concerns about who may do more than before."""
    yield from _grants(comparison)
    for change in comparison.changes:
        yield from _boundary(change)
        yield from _other_role(change)
        yield from _policy_gone(change, comparison)
        if change.type in _CREDENTIALS and change.kind is not Kind.REMOVED and not change.only_tags:
            yield _risk(change, "credentials", f"a way to sign in is {change.kind}")


def _grants(comparison: Comparison) -> Iterator[Concern]:
    present = {name: sides for name, sides in comparison.sides.items() if sides.head}
    before = [grant for sides in present.values() for grant in grants_of(sides, before=True)]
    after = [grant for sides in present.values() for grant in grants_of(sides, before=False)]
    known, kept = set(before), set(after)
    gained = [it for it in dict.fromkeys(after) if it.allows and it not in known and not _covered(it, before)]
    undone = [it for it in dict.fromkeys(before) if not it.allows and it not in kept and not _covered(it, after)]
    new_roles = {change.path for change in comparison.changes if change.kind is Kind.ADDED}
    yield from _told(((*_gain(it, before, new_roles), it) for it in gained), comparison)
    yield from _told(
        ((Severity.RISK, "denial-removed", "is no longer denied", it) for it in undone if _matters(it, comparison)),
        comparison,
    )
    yield from _unseen(comparison, {grant.stack for grant in known ^ kept})


def _covered(grant: Grant, others: Iterable[Grant]) -> bool:
    return any(other.covers(grant) for other in others)


def _gain(grant: Grant, before: list[Grant], new_roles: set[str]) -> tuple[Severity, str, str]:
    """How much a new grant matters, its rule, and what to say about it."""
    service, _, name = grant.action.lower().partition(":")
    reads = name.startswith(_READS)
    if grant.kind == "attached":
        broad = any(word in grant.action for word in _BROAD_POLICIES)
        return Severity.RISK if broad else Severity.NOTICE, "policy-attached", "gets the managed policy"
    if grant.kind == "trust":
        plain = grant.resource in new_roles and grant.who.endswith(".amazonaws.com")
        return Severity.NOTICE if plain else Severity.RISK, "trust-widened", "may assume the role"
    if any(_same_but_condition(grant, it) for it in before):
        return Severity.RISK, "condition-loosened", "may, under a looser or other condition,"
    risks = (
        (grant.who == "*" and not grant.condition, "public", "may"),
        (grant.inverted, "inverted", "may do everything except"),
        (grant.action == "*" or name == "*", "wildcard-action", "may"),
        (grant.action.lower() == "iam:passrole", "pass-role", "may"),
        (service in _POWERFUL and not reads, "escalation", "may"),
        (grant.resource == "*" and not reads, "wildcard-resource", "may, on every resource,"),
        (grant.kind == "resource" and not grant.who.endswith(".amazonaws.com"), "shared", "may"),
    )
    return next(
        ((Severity.RISK, rule, verb) for found, rule, verb in risks if found), (Severity.NOTICE, "permission", "may")
    )


def _same_but_condition(grant: Grant, other: Grant) -> bool:
    return (grant.kind, grant.who, grant.action, grant.resource, True) == (
        other.kind,
        other.who,
        other.action,
        other.resource,
        other.allows,
    )


def _matters(grant: Grant, comparison: Comparison) -> bool:
    """A denial that goes away together with everything that it was about is nobody's gain."""
    sides = comparison.sides[grant.stack]
    targets = set(references(sides.resource(grant.logical_id, before=True))) | {grant.logical_id}
    left = mapping(sides.head_template.get("Resources"))
    return any(target in left for target in targets)


def _told(found: Iterable[tuple[Severity, str, str, Grant]], comparison: Comparison) -> Iterator[Concern]:
    """One concern for grants that differ in action and resource only."""
    groups: dict[tuple[Severity, str, str, str, str, str], list[Grant]] = defaultdict(list)
    for severity, rule, verb, grant in found:
        groups[(severity, rule, verb, grant.who, grant.stack, grant.logical_id)].append(grant)
    for (severity, rule, verb, who, stack, logical_id), grants in groups.items():
        actions = _listed(grant.action for grant in grants)
        resources = _listed(grant.resource for grant in grants)
        what = {"trust-widened": resources, "policy-attached": actions, "wildcard-resource": actions}.get(
            rule, f"{actions} on {resources}"
        )
        yield Concern(
            subject=Subject.POWER,
            severity=severity,
            rule=rule,
            stack=stack,
            logical_id=logical_id,
            where=comparison.sides[stack].path(logical_id),
            message=f"{actions} {verb} for `{who}` on {resources}"
            if rule == "denial-removed"
            else f"`{who}` {verb} {what}",
        )


def _listed(texts: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(texts))
    more = f" and {len(distinct) - _SHOWN} more" if len(distinct) > _SHOWN else ""
    return ", ".join(f"`{text}`" for text in distinct[:_SHOWN]) + more


def _boundary(change: Change) -> Iterator[Concern]:
    if change.type not in _IDENTITIES or change.kind is Kind.REMOVED:
        return
    before, after = change.before("PermissionsBoundary"), change.after("PermissionsBoundary")
    if after is None and (before is not None or change.kind is Kind.ADDED):
        yield _risk(
            change, "boundary-missing", "has no permissions boundary: nothing limits what its policies can give"
        )
    elif before is not None and change.differs("PermissionsBoundary"):
        yield _risk(
            change,
            "boundary-changed",
            f"gets another permissions boundary: `{written(after)}`, not `{written(before)}`",
        )


def _other_role(change: Change) -> Iterator[Concern]:
    if change.kind is not Kind.CHANGED:
        return
    for name in _ACTS_AS.get(change.type, ()):
        if change.before(name) is not None and change.differs(name):
            yield _risk(change, "role-changed", f"acts with another role by `{name}`: `{written(change.after(name))}`")


def _policy_gone(change: Change, comparison: Comparison) -> Iterator[Concern]:
    """A policy that others name, as roles name their boundary, is missed by them, whichever stack they stand in."""
    name = change.before("ManagedPolicyName")
    if change.kind is not Kind.REMOVED or change.type != "AWS::IAM::ManagedPolicy" or not isinstance(name, str):
        return
    if any(f":policy/{name}" in canonical(stack.template) for stack in comparison.head.stacks.values()):
        yield _risk(change, "policy-removed", f"the managed policy `{name}` is removed, and roles still name it")


def _unseen(comparison: Comparison, seen: set[str]) -> Iterator[Concern]:
    """What CDK's engine counts as broader where no grant differs: other words for the same, or words not known here."""
    for name, verdict in comparison.verdicts.items():
        if verdict.permissions_broadened and name not in seen and comparison.sides[name].head:
            yield Concern(
                subject=Subject.POWER,
                severity=Severity.NOTICE,
                rule="statements-changed",
                stack=name,
                logical_id="",
                where=name,
                message="policy statements are written otherwise; cloudformation-diff counts that as broader, but as "
                "far as it can be told from the template they allow the same",
            )


def _risk(change: Change, rule: str, message: str) -> Concern:
    return about(change, Subject.POWER, Severity.RISK, rule, message)
