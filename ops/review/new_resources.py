"""Findings about new resources of any type: the kind of the type, missing properties, and values that allow all."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final

from installation import yaml_text
from ops.review.changes import Change, Comparison, Kind
from ops.review.data import DATA
from ops.review.finding import Finding, Subject, risk
from ops.review.judgements import judgements_of_type
from ops.review.new_values import fits, has_field_value, new_values, objects, single
from ops.review.value_rules import RuleMessage, any_type_rules
from ops.templates.schemas import schema
from ops.templates.values import Json, at, is_function, items, mapping, written

_READS: Final = re.compile(r"[\w-]+:(Get|List|Describe|Head|BatchGet|View|Search)|\w+:Connect$")
_WRITING: Final = frozenset({"*", "DELETE", "PATCH", "POST", "PUT"})
_ENDS: Final = ("Source*", "Destination*")
_ANYWHERE: Final = ("ANY", "0.0.0.0/0", "::/0", "[*]", "ALL")
# Parts of a request that the client chooses freely.
_WRITTEN_BY_CLIENTS: Final = re.compile(
    r"\b(SingleHeader|Headers|Header|HEADER|Cookies|QueryString|QUERY_STRING|SingleQueryArgument|AllQueryArguments|Body|JsonBody|UriFragment)\b"
)
# A permit statement of Cedar: principal, action and resource, and its conditions.
_PERMIT: Final = re.compile(r"\bpermit\s*\(([^()]*)\)(.*)", re.DOTALL)
_ALWAYS: Final = re.compile(r"\{\s*true\s*\}|unless\s*\{\s*false\s*\}|\|\|\s*true\b|\btrue\s*\|\|")
_ACCOUNTS: Final = ("AccountId", "AwsAccountId", "Region")


class TypeKind(RuleMessage):
    """A kind of resource types, with the message about a new resource of it."""

    of: tuple[str, ...]
    not_of: tuple[str, ...] = ()
    unless: Mapping[str, tuple[str, ...]] = {}

    def is_excepted(self, properties: Json) -> bool:
        """Whether a resource's properties exclude it from the kind."""
        said = {path: items(at(properties, *path.split("."))) for path in self.unless}
        return any(
            values and has_field_value({path: it}, self.unless) for path, values in said.items() for it in values
        )


class LeftOut(RuleMessage):
    """A property whose absence is a risk, with the message about it."""

    of: tuple[str, ...] = ()
    within: str = ""
    given: str = ""
    without: str
    holding: tuple[str, ...] = ()
    unless: Mapping[str, tuple[str, ...]] = {}
    persistent: bool = False

    def counts_in(self, content: Json) -> bool:
        """Whether an object lacks the property."""
        given = not self.given or at(content, *self.given.split(".")) is not None
        value = at(content, *self.without.split("."))
        lacks = value in (None, [], {}) or (
            self.holding and not any(is_function(it) or fits(str(it), self.holding) for it in items(value))
        )
        return bool(given and lacks) and not has_field_value(mapping(content), self.unless)


class NewResourceRules(yaml_text.Data):
    """Content of ``new_resources.yaml``, which describes each field."""

    kinds: tuple[TypeKind, ...]
    left_out: tuple[LeftOut, ...]
    left_out_within: tuple[LeftOut, ...]
    watching: tuple[str, ...]
    switches: tuple[str, ...]
    switched_off: tuple[str, ...]
    on_is_off: tuple[str, ...]


new_resource_rules = yaml_text.cached_reader(DATA / "new_resources.yaml", NewResourceRules)


def new_resources(comparison: Comparison) -> Iterator[Finding]:
    """Findings about new resources of any type."""
    for change in comparison.changes:
        if change.kind is Kind.ADDED:
            yield from _kind_findings(change, comparison)
            yield from _missing_properties(change, comparison)
            yield from _switched_off(change)
            yield from _allows_all(change)
            yield from _open_cors(change)
            yield from _allow_all_rules(change)
            yield from _spoofable_rules(change)
            yield from _permits_all(change)


def _kind_findings(change: Change, comparison: Comparison) -> Iterator[Finding]:
    """A finding by the kind of the type, where no judgement is about new resources of the type."""
    its = judgements_of_type(change.type)
    if its.new is not None or its.judgements:
        return
    kind = type_kind(change.type)
    message: RuleMessage | None = kind
    if kind is not None and kind.is_excepted(change.new.get("Properties")):
        return
    if message is None and _is_account_setting(change.type, comparison.region):
        reason = "is a setting of the whole account, also for resources that are in no template here"
        message = RuleMessage(rule="account-setting", says=reason, subject=Subject.STACKS)
    if message is not None:
        yield risk(change, message.subject, message.rule, f"a new `{change.type}` {message.says}")


@cache
def type_kind(resource_type: str) -> TypeKind | None:
    """The kind of a type, by its name; None where it is of no kind."""
    kinds = new_resource_rules().kinds
    return next((it for it in kinds if fits(resource_type, it.of) and not fits(resource_type, it.not_of)), None)


@cache
def _is_account_setting(resource_type: str, region: str) -> bool:
    """Whether an account has one resource of the type: the account id alone identifies it."""
    its = schema(resource_type, region)
    identifiers = its.identifiers if its else ()
    return bool(identifiers) and all(path[-1] in _ACCOUNTS for path in identifiers)


def _missing_properties(change: Change, comparison: Comparison) -> Iterator[Finding]:
    stays = comparison.head.stacks[change.stack].lifecycle == "persistent"
    properties = change.new.get("Properties")
    made = any(change.after(omission) is not None for omission in any_type_rules().made_of)
    for omission in new_resource_rules().left_out:
        applies = fits(change.type, omission.of) and (stays or not omission.persistent)
        covered = made and omission.rule == "unencrypted"
        if applies and not covered and omission.counts_in(mapping(properties)):
            yield risk(change, omission.subject, omission.rule, f"has no `{omission.without}`: {omission.says}")
    for path, part in objects(properties):
        for omission in new_resource_rules().left_out_within:
            if path and path[-1] == omission.within and omission.counts_in(part):
                message = f"`{'.'.join(path)}` has no `{omission.without}`: {omission.says}"
                yield risk(change, omission.subject, omission.rule, message)


def _switched_off(change: Change) -> Iterator[Finding]:
    """A resource that watches or begins something, and is created switched off."""
    if not fits(change.type, new_resource_rules().watching):
        return
    for it in (it for it in new_values(change) if len(it.path) <= 2):
        off = fits(it.path[-1], new_resource_rules().switches) and fits(it.text, new_resource_rules().switched_off)
        if off or (fits(it.path[-1], new_resource_rules().on_is_off) and it.text == "true"):
            message = f"`{it.shown}` is `{it.text}`: it is created switched off, and does nothing"
            yield risk(change, Subject.MONITORING, "made-off", message)


def _allows_all(change: Change) -> Iterator[Finding]:
    """A policy without principals, of any service, that allows all actions or writing to all resources."""
    if change.type.startswith("AWS::IAM::"):
        return
    for _, part in objects(change.new.get("Properties")):
        for statement in items(part.get("Statement")):
            actions = [str(it) for it in items(at(statement, "Action"))]
            resources = [str(it) for it in items(at(statement, "Resource"))]
            nobody = at(statement, "Principal") is None and at(statement, "NotPrincipal") is None
            everywhere = any(it in ("*", "arn:aws:*") for it in resources)
            unasked = everywhere and not at(statement, "Condition")
            wide = [
                it
                for it in actions
                if it == "*" or (everywhere and it.endswith(":*")) or (unasked and not _READS.match(it))
            ]
            if nobody and at(statement, "Effect") == "Allow" and wide:
                message = f"every principal with this policy may `{'`, `'.join(wide)}` on `{'`, `'.join(resources)}`"
                yield risk(change, Subject.PERMISSIONS, "wildcard-action", message)


def _open_cors(change: Change) -> Iterator[Finding]:
    """CORS settings that let every site read answers with the user's credentials, or write."""
    for path, part in objects(change.new.get("Properties")):
        of_cloudfront = items(at(part, "AccessControlAllowOrigins", "Items"))
        origins = items(part.get("AllowOrigins")) + items(part.get("AllowedOrigins")) + of_cloudfront
        methods = {str(it) for it in items(part.get("AllowMethods")) + items(part.get("AllowedMethods"))}
        if not any(it in ("*", "https://*") for it in origins):
            continue
        credentials = (part.get("AllowCredentials"), part.get("AccessControlAllowCredentials"))
        if True in credentials or "true" in credentials or methods & _WRITING:
            allowed = "read answers with the user's credentials" if not methods & _WRITING else "write and delete"
            message = f"`{'.'.join(path)}` lets every site {allowed} from a visitor's browser"
            yield risk(change, Subject.EXPOSURE, "cross-origin", message)


def _allow_all_rules(change: Change) -> Iterator[Finding]:
    """A rule of a firewall or network ACL that lets everything pass before other rules are evaluated."""
    for path, said in objects(change.new.get("Properties")):
        if str(said.get("Action") or said.get("RuleAction")).upper() not in ("PASS", "ALLOW"):
            continue
        ends = [it for it in single(said, ()) if fits(it.path[-1], _ENDS)]
        if len(ends) > 1 and all(fits(it.text, _ANYWHERE) for it in ends):
            message = f"`{'.'.join(path)}` allows all traffic, from anywhere to anywhere"
            yield risk(change, Subject.EXPOSURE, "guard-off", message)


def _spoofable_rules(change: Change) -> Iterator[Finding]:
    """A rule of AWS WAF that allows every request with a value that clients choose freely."""
    for path, said in objects(change.new.get("Properties")):
        statement = written(said.get("Statement"))
        by_client = _WRITTEN_BY_CLIENTS.search(statement) and "IPSetReference" not in statement
        if change.type.startswith("AWS::WAF") and "Allow" in mapping(said.get("Action")) and by_client:
            message = (
                f"`{'.'.join(path)}` allows every request that has what it asks for: later rules are not evaluated"
            )
            yield risk(change, Subject.EXPOSURE, "guard-off", message)


def _permits_all(change: Change) -> Iterator[Finding]:
    """A Cedar policy whose conditions do not check the principal."""
    for it in new_values(change):
        for found in filter(None, map(_PERMIT.search, it.text.split(";"))):
            first, second, third, *_ = (*map(str.strip, found[1].split(",")), "", "")
            unasked = not re.search(r"\b(principal|context)\b", found[2])
            if first == "principal" and ((second == "action" and unasked) or _ALWAYS.search(found[2])):
                message = f"`{it.shown}` permits everybody its actions"
            elif (second, third) == ("action", "resource") and unasked and "resource" not in found[2]:
                message = f"`{it.shown}` permits its principals every action"
            else:
                continue
            yield risk(change, Subject.PERMISSIONS, "wildcard-action", message)
