"""Which principals may do more or less than before: permissions, trust and denials."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product
from typing import Final

from installation import yaml_text
from installation.permissions.wildcards import matches_action
from ops.review.changes import Change, Comparison, Kind, Place
from ops.review.container_secrets import readings
from ops.review.data import DATA, TYPES
from ops.review.finding import Finding, Severity, Subject, about, harmless, look, quoted, risk
from ops.review.grant_index import Grants, Policies, newly_allowed
from ops.review.grants import Grant
from ops.review.identities import people, roles_of_workflows
from ops.review.policy_conditions import Context, example, only_mounted, only_of_this_account, only_plain_text
from ops.templates.values import Json, Map, at, canonical, items, mapping, may_mention, references, walk, written

# Properties with policies or with the identities that have them.
_POLICY_PROPERTIES = frozenset(
    {"AssumeRolePolicyDocument", "Groups", "ManagedPolicyArns", "Policies", "PolicyDocument", "Roles", "Users"}
)
_OF_A_FUNCTION = frozenset({"Action", "FunctionName", "Principal", "SourceAccount", "SourceArn"})
_DOCUMENTS = (*_POLICY_PROPERTIES, *_OF_A_FUNCTION, "RepositoryPolicyText", "KeyPolicy", "ResourcePolicy")
# Other properties that are judged together with the policies.
_LABELLED = {"AWS::IAM::Policy": frozenset({"PolicyName"}), "AWS::Lambda::Permission": _OF_A_FUNCTION}
# Policies inside of a role, which are deleted with their resource.
_INLINE = frozenset({"AWS::IAM::Policy", "AWS::IAM::RolePolicy"})
# IAM user guide, "IAM JSON policy elements: Version".
_VERSIONS = ("2008-10-17", "2012-10-17")
_EFFECTS = ("Allow", "Deny")
_READS = ("batchget", "describe", "filter", "get", "head", "list", "lookup", "query", "scan", "search", "view")
# Services whose writing actions let a principal give itself more.
_POWERFUL = frozenset({"account", "iam", "organizations", "sso", "sso-admin", "sts"})
_BROAD_POLICIES = ("administratoraccess", "fullaccess", "poweruseraccess", "readonlyaccess", "iamfullaccess")
# If a resource's policy allows an account, its principals still need their own policies (IAM user guide, "AWS account
# principals").
_OWN_ACCOUNT = ":iam::${AWS::AccountId}:root"
# ECR user guide, "Minimum Amazon S3 Bucket permissions": the layers of images are in a bucket of AWS.
_THROUGH: Final = (
    "may no longer, but for what the endpoint's policy names now (layers of ECR's images and AWS's own files lie in "
    "buckets that it has to name),"
)
# At most so many names in a message, so that it stays readable; the JSON report has all of them.
_SHOWN = 8
_EVERYTHING: Final = ("*", "arn:aws:s3:::*")
_actions = yaml_text.cached_reader(DATA / "permissions.yaml", dict[str, list[str]])
# Actions without resources that only report about the caller (service authorization reference).
_MEASURES: Final = frozenset({"cloudwatch:putmetricdata", "xray:puttelemetryrecords", "xray:puttracesegments"})
# Actions in trust policies besides assuming the role: they matter where a policy or a rule reads the session.
_OF_SESSIONS: Final = frozenset({"sts:setsourceidentity", "sts:tagsession"})
# A finding in parts: severity, rule, verb of the message, and the grant.
GrantChange = tuple[Severity, str, str, Grant]


def permissions(comparison: Comparison) -> Iterator[Finding]:
    """Findings about principals that may do more than before, or less and then may fail."""
    before, after = (Grants(comparison, before=side) for side in (True, False))
    human_roles = people(comparison)
    found = [*_new(comparison, before, after, human_roles), *_removed_grants(comparison, before, after, human_roles)]
    yield from _grant_findings(found)
    refused = [*_invalid_policies(comparison), *_conditional_policies(comparison)]
    yield from refused
    seen = {(it.place.stack, it.place.logical_id) for *_, it in found} | {(it.stack, it.logical_id) for it in refused}
    yield from _equivalent_policies(comparison, seen)
    yield from _merged_policies(comparison, seen)


def _new(comparison: Comparison, before: Grants, after: Grants, human_roles: set[str]) -> Iterator[GrantChange]:
    """New permissions and denials, including those of newly attached managed policies."""
    policies = Policies(comparison, before=True), Policies(comparison, before=False)
    new = after.beside(before)
    needs = dict.fromkeys(readings(comparison), "for variables of containers")
    workflows = roles_of_workflows(comparison)
    needs |= dict.fromkeys(product(workflows, _actions()["delivers_logs"], "*"), "for logs of workflows")
    for grant in [*new, *newly_allowed(new, before.touched, *policies)]:
        if grant.kind == "attached":
            yield _attached(grant, policies[1]), "policy-attached", "gets the managed policy", grant
        elif (request := before.lacks(grant)) is not None:
            if (purpose := grant.purpose(needs)) and not before.same_but_condition(grant):
                yield Severity.LOOK, "permission", f"may, {purpose},", grant
            elif grant.allows:
                yield *_gained(grant, before, comparison, request), grant
            else:
                yield _denial(grant, after, human_roles)


def _removed_grants(
    comparison: Comparison, before: Grants, after: Grants, human_roles: set[str]
) -> Iterator[GrantChange]:
    """Permissions and denials that are removed, of principals and resources that remain."""
    gone = {change.path for change in comparison.changes if change.kind is Kind.REMOVED}
    for grant in before.beside(after):
        # A removed endpoint refuses nobody.
        through = grant.place.path if grant.kind.startswith("endpoint") else grant.principal
        if (request := after.lacks(grant)) is None or through in gone:
            continue
        if not grant.allows:
            if _has_remaining_resource(grant, comparison):
                yield Severity.RISK, "denial-removed", f"is no longer denied{_example_text(request, grant)}", grant
        elif _owner_stays(grant, comparison):
            if after.asks_only_what_holds(grant, comparison.region):
                yield Severity.LOOK, "trust-narrowed", "may, for requests of this account and region,", grant
                continue
            holder = grant.resource if grant.kind == "trust" else grant.principal
            severity = Severity.LOOK if holder in human_roles else Severity.RISK
            verb = _THROUGH if grant.kind.startswith("endpoint") else "may no longer"
            yield severity, "permission-lost", f"{verb}{_example_text(request, grant)}", grant


def _gained(grant: Grant, before: Grants, comparison: Comparison, request: Context) -> tuple[Severity, str, str]:
    """Severity, rule and verb for a new grant."""
    new_roles = comparison.added
    of_service = grant.principal.endswith(".amazonaws.com")
    among_new = (  # the grant reaches no existing resource
        grant.principal in new_roles and _resource_path(grant.resource) in new_roles
    ) or (of_service and _is_new_key_policy(grant, comparison))
    service, _, name = grant.action.partition(":")
    reads = name.startswith(_READS)
    if grant.kind.startswith("endpoint"):
        severity = Severity.LOOK if grant.place.path in comparison.added else Severity.RISK
        return severity, "endpoint-policy", "may, through the endpoint,"
    if grant.kind == "resource" and grant.principal.endswith(_OWN_ACCOUNT):
        return Severity.LOOK, "own-account", "may, as far as IAM policies of the account say so,"
    if grant.kind == "trust" and grant.action in _OF_SESSIONS:
        return Severity.LOOK, "trust-widened", f"may (`{grant.as_written}`) mark its sessions, where it may"
    if before.same_but_condition(grant):
        rule = "trust-widened" if grant.kind == "trust" else "condition-loosened"
        under = "may, under a looser or other condition" if grant.condition else "may, with no condition any more"
        return Severity.RISK, rule, f"{under}{(grant.condition and _example_text(request, grant, gained=True)) or ','}"
    if grant.kind == "trust":
        plain = grant.resource in new_roles and of_service
        return Severity.LOOK if plain else Severity.RISK, "trust-widened", "may assume the role"
    reads_no_content = reads and not _is_action_of_kind("reads_content", grant.action)
    everywhere = grant.kind != "resource" and grant.resource in _EVERYTHING
    everybody = grant.principal == "*"
    mounts = everybody and grant.place.path in comparison.added and only_mounted(grant.action, grant.condition)
    shared = grant.kind == "resource" and not (of_service or mounts or only_of_this_account(grant.condition))
    risks = (
        (everybody and not grant.condition, "public", "may"),
        (grant.inverted, "inverted", "may do everything except"),
        (grant.action == "*" or name == "*", "wildcard-action", "may"),
        (grant.action == "iam:passrole", "pass-role", "may"),
        (service in _POWERFUL and not reads, "escalation", "may"),
        (not reads and _is_action_of_kind("leads_to_escalation", grant.action) and not among_new, "escalation", "may"),
        (_is_action_of_kind("reads_secrets", grant.action) and not among_new, "reads-secrets", "may"),
        (_is_action_of_kind("destroys", grant.action) and grant.principal not in new_roles, "destroys", "may"),
        (
            everywhere and not reads_no_content and grant.action not in _MEASURES,
            "wildcard-resource",
            "may, on every resource,",
        ),
        (shared, "shared", "may"),
        (grant.kind == "resource" and not grant.condition, "confused-deputy", "may, on behalf of every account,"),
    )
    return next(
        ((Severity.RISK, rule, verb) for found, rule, verb in risks if found), (Severity.LOOK, "permission", "may")
    )


def _is_new_key_policy(grant: Grant, comparison: Comparison) -> bool:
    """Whether a policy belongs to a new key, which encrypts nothing yet."""
    place = grant.place
    holder = comparison.sides[place.stack].after.get(place.logical_id, {})
    return holder.get("Type") == "AWS::KMS::Key" and place.path in comparison.added


def _attached(grant: Grant, policies: Policies) -> Severity:
    """Severity of an attached policy: the application's own policies are judged themselves, others are unknown."""
    of_services = "/service-role/" in grant.action and not any(word in grant.action for word in _BROAD_POLICIES)
    return Severity.LOOK if of_services or policies.known(grant.as_written) else Severity.RISK


def _resource_path(resource: str) -> str:
    """Construct path of the resource whose reference begins an ARN; empty where no reference does."""
    path, _, _ = resource.removeprefix("${").partition("}")
    return path.partition(".")[0] if resource.startswith("${") else ""


@lru_cache(maxsize=20_000)
def _is_action_of_kind(kind: str, action: str) -> bool:
    return any(matches_action(action, pattern) or matches_action(pattern, action) for pattern in _actions()[kind])


def _example_text(request: Context, grant: Grant, *, gained: bool = False) -> str:
    if not request and not grant.condition:
        return ""
    return f", for example with {example(request, grant.condition, all_others=gained)},"


def _denial(grant: Grant, after: Grants, human_roles: set[str]) -> GrantChange:
    plain = grant.principal in human_roles or only_plain_text(grant.condition)
    severity = Severity.RISK if after.allowed_by(grant) and not plain else Severity.LOOK
    return severity, "denial-added", "is denied", grant


def _owner_stays(grant: Grant, comparison: Comparison) -> bool:
    """Whether the principal or resource that loses a grant remains."""
    sides, logical_id = comparison.sides[grant.place.stack], grant.place.logical_id
    targets = references(at(sides.before.get(logical_id), "Properties"))
    return grant.kind == "identity" or any(it in sides.after for it in (logical_id, *targets))


def _has_remaining_resource(grant: Grant, comparison: Comparison) -> bool:
    """Whether a removed denial matters: without a remaining resource that it was about, it does not."""
    sides, logical_id = comparison.sides[grant.place.stack], grant.place.logical_id
    return any(it in sides.after for it in (logical_id, *references(sides.before.get(logical_id))))


def _grant_findings(found: Iterable[GrantChange]) -> Iterator[Finding]:
    """One finding for all grants that differ only in action and resource."""
    groups: dict[tuple[Severity, str, str, str, Place, bool], list[Grant]] = defaultdict(list)
    for severity, rule, verb, grant in found:
        groups[(severity, rule, verb, grant.principal, grant.place, grant.inverted)].append(grant)
    for (severity, rule, verb, principal, place, inverted), grants in groups.items():
        actions = _shortened_list(grant.as_written for grant in grants)
        resources = _shortened_list(grant.resource for grant in grants)
        target = {"policy-attached": actions, "wildcard-resource": actions}.get(rule, f"{actions} on {resources}")
        if grants[0].kind == "trust":
            target = resources if verb == "may assume the role" else f"assume the role {resources}"
        denial = rule.startswith("denial-")
        if denial and inverted:
            actions = f"everything except {actions}"
        message = f"{actions} {verb} for `{principal}` on {resources}" if denial else f"`{principal}` {verb} {target}"
        yield about(place, Subject.PERMISSIONS, severity, rule, message, *_DOCUMENTS)


def _invalid_policies(comparison: Comparison) -> Iterator[Finding]:
    """Policies that IAM refuses or now interprets differently: only version 2012-10-17 has variables."""
    for change in comparison.changes:
        for it in change.properties if change.kind is Kind.CHANGED and change.type in TYPES.permissions else ():
            sides = (it.old, it.new)
            old, new = ([at(part, "Version") for part in walk(side) if "Statement" in part] for side in sides)
            unknown = [version for version in new if version is not None and version not in _VERSIONS]
            effects = [part["Effect"] for part in walk(it.new) if "Effect" in part and part["Effect"] not in _EFFECTS]
            nameless = it.name == "Policies" and any("PolicyName" not in mapping(policy) for policy in items(it.new))
            neither = [part for part in walk(it.new) if "Action" in part and "Effect" not in part]
            if unknown or effects or neither or nameless:
                words = quoted(map(written, (*unknown, *effects)))
                subject = words or ("a policy without a name" if nameless else "a statement without an effect")
                message = f"IAM refuses the policy for {subject}: the deployment fails"
                yield risk(change, Subject.PERMISSIONS, "policy-refused", message, it.name)
            elif old != new and "${" in canonical(it.new):
                message = f"the version is `{written(new)}` instead of `{written(old)}`: variables count, or no longer"
                yield risk(change, Subject.PERMISSIONS, "policy-version", message, it.name)


def _conditional_policies(comparison: Comparison) -> Iterator[Finding]:
    """Policies with parts that a condition chooses: another value than a parameter's default may choose others."""
    for change in comparison.changes:
        old, new = ({canonical(it) for it in _choices(properties)} for properties in (change.old, change.new))
        if change.kind is not Kind.REMOVED and old != new:
            which = quoted(sorted({json.loads(it)[0] for it in old ^ new}))
            message = f"condition {which} decides at deployment what a policy allows or denies: no review sees which"
            yield risk(change, Subject.PERMISSIONS, "policy-undecided", message, *_DOCUMENTS)


def _choices(resource: Map) -> Iterator[Json]:
    """The arguments of each `Fn::If` in the policies of a resource."""
    for name, value in mapping(resource.get("Properties")).items():
        if name in _DOCUMENTS and may_mention(value, b"Fn::If"):
            yield from (part["Fn::If"] for part in walk(value) if "Fn::If" in part)


def _equivalent_policies(comparison: Comparison, seen: set[tuple[str, str]]) -> Iterator[Finding]:
    """Policies that are written differently and allow the same as before."""
    for change in comparison.changes:
        if change.kind is Kind.CHANGED and (change.stack, change.logical_id) not in seen:
            known = _LABELLED.get(change.type, frozenset()) | _POLICY_PROPERTIES
            names = [it.name for it in change.properties if it.name in known and not it.follows]
            # If another policy of a role has the new name of this one, one of them overwrites the other.
            if "PolicyName" in names and change.after("PolicyName") in _policy_names(change, comparison):
                names.remove("PolicyName")
            if names and change.type in TYPES.permissions:
                message = "is written otherwise, and allows and denies what it did"
                yield harmless(change, Subject.PERMISSIONS, "same-permissions", message, *names)


def _policy_names(change: Change, comparison: Comparison) -> list[Json]:
    """Names of the other policies of a stack after the change, including inline policies of roles."""
    others = [it for key, it in comparison.sides[change.stack].after.items() if key != change.logical_id]
    return [part.get("PolicyName") for it in others for part in walk(it)]


def _merged_policies(comparison: Comparison, seen: set[tuple[str, str]]) -> Iterator[Finding]:
    """Removed policies whose statements other policies have; with the same name, CloudFormation would delete both."""
    for change in comparison.changes:
        gone = change.kind is Kind.REMOVED and change.type in _INLINE and (change.stack, change.logical_id) not in seen
        if gone and change.before("PolicyName") not in _policy_names(change, comparison):
            message = "goes, and other policies allow and deny what it did"
            yield look(change, Subject.PERMISSIONS, "policy-folded", message, "*")


def _shortened_list(texts: Iterable[str]) -> str:
    distinct = list(dict.fromkeys(texts))
    more = f" and {len(distinct) - _SHOWN} more" if len(distinct) > _SHOWN else ""
    return quoted(distinct[:_SHOWN]) + more
