"""Policies as data: parsed strictly, with wildcards expanded by the catalogue."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import count

from installation.permissions.conditions import Comparison, comparisons, is_operator, unreadable
from installation.permissions.variables import variables
from installation.permissions.wildcards import matches_action
from ops.iam.review import catalogue
from ops.templates.values import Json, Map, items, mapping, written

_ELEMENTS = {"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Condition", "Principal"}

# In older policies, and in those without a version, ``${…}`` is no variable (IAM user guide, "Version").
_WITH_VARIABLES = "2012-10-17"


class PolicyError(Exception):
    """A document is no valid policy."""


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One statement of a policy."""

    source: str  # its policy
    allows: bool  # whether it allows or denies
    patterns: tuple[str, ...]  # its actions as written; with ``negated`` the excluded ones
    negated: bool  # whether it has NotAction
    conditional: bool  # whether it has conditions
    content: Map  # the statement as written
    variables: bool = True  # whether ``${…}`` is a policy variable, as in policies of version 2012-10-17

    @cached_property
    def actions(self) -> frozenset[str]:
        """All its actions; NotAction means all other existing ones."""
        listed = frozenset(action for pattern in self.patterns for action in catalogue.expand(pattern))
        return catalogue.everything() - listed if self.negated else listed

    @property
    def unknown(self) -> frozenset[str]:
        """Its actions as written that the catalogue does not know."""
        return frozenset() if self.negated else frozenset(it for it in self.patterns if not catalogue.expand(it))

    @cached_property
    def comparisons(self) -> tuple[Comparison, ...]:
        """Its conditions; a condition that cannot be parsed has an unknown result."""
        condition = self.content.get("Condition")
        if condition and not isinstance(condition, dict):
            return (unreadable(written(condition)),)
        return comparisons(mapping(condition))

    @property
    def resources(self) -> tuple[str, ...]:
        """Its resources as written; with NotResource all resources except `excluded`."""
        return tuple(one for one in items(self.content.get("Resource", "*")) if isinstance(one, str))

    @property
    def excluded(self) -> tuple[str, ...]:
        """The resources of NotResource."""
        return tuple(one for one in items(self.content.get("NotResource")) if isinstance(one, str))

    @cached_property
    def variable_keys(self) -> frozenset[str]:
        """Keys of policy variables in its resources, in lower case."""
        return frozenset(name.lower() for text in (*self.resources, *self.excluded) for name in variables(text))

    @property
    def denies_always(self) -> bool:
        """Whether it denies every request of its actions."""
        return not self.allows and not self.conditional and "*" in items(self.content.get("Resource"))

    @property
    def sid(self) -> str:
        """Its Sid, empty where it has none."""
        return sid if isinstance(sid := self.content.get("Sid"), str) else ""

    @property
    def title(self) -> str:
        """The statement for people: its policy, and its Sid or first actions."""
        return f"{self.source}: {self.sid or f'{self.verb} {self.listed(3)}'}"

    @property
    def verb(self) -> str:
        """Its effect, for people."""
        return "allows" if self.allows else "denies"

    def listed(self, most: int) -> str:
        """Its first actions, for people."""
        more = " …" if len(self.patterns) > most else ""
        return f"{'all but ' if self.negated else ''}{', '.join(self.patterns[:most])}{more}"

    def names(self, action: str) -> bool:
        """Whether it matches an action, by IAM's comparison of texts and without the catalogue."""
        fits = any(matches_action(action, pattern) for pattern in self.patterns)
        return fits is not self.negated


@dataclass(frozen=True, kw_only=True)
class Policy:
    """A policy document."""

    source: str  # its origin, for people
    statements: tuple[Statement, ...]  # its statements


@dataclass(frozen=True, kw_only=True)
class Policies:
    """All known policies of a role."""

    source: str  # their origin, for the report
    identity: tuple[Policy, ...]  # the role's own policies, inline and attached
    boundary: Policy | None = None  # its permissions boundary, None if it has none
    problems: tuple[str, ...] = ()  # policies that could not be read, with the reason
    known: bool = True  # False where the role was found only in the records

    @property
    def statements(self) -> tuple[Statement, ...]:
        """All statements of the role's own policies."""
        return tuple(statement for policy in self.identity for statement in policy.statements)

    @property
    def limits(self) -> tuple[Statement, ...]:
        """All statements of its boundary."""
        return self.boundary.statements if self.boundary else ()


def parse(document: Json, source: str) -> Policy:
    """Parse a policy document, or an answer of IAM that contains one (get-role-policy, get-policy-version).

    Raises:
        PolicyError: it is invalid; the message has the reason.
    """
    content = mapping(document)
    # IAM's answers have the document within one or two of these.
    for key in ("PolicyVersion", "Document", "PolicyDocument"):
        content = mapping(content[key]) if key in content else content
    if "Statement" not in content:
        raise PolicyError("it has no Statement")
    substituting = content.get("Version") == _WITH_VARIABLES
    return Policy(
        source=source, statements=tuple(_statement(one, source, substituting) for one in items(content["Statement"]))
    )


def _statement(value: Json, source: str, substituting: bool) -> Statement:
    content = mapping(value)
    if unknown := sorted(set(content) - _ELEMENTS):
        raise PolicyError(
            f"a statement has {', '.join(unknown)}" if isinstance(value, dict) else "a statement is no object"
        )
    effect = content.get("Effect")
    if effect not in ("Allow", "Deny"):
        raise PolicyError(f"the Effect of a statement is {effect!r}")
    if ("Action" in content) == ("NotAction" in content):
        raise PolicyError("a statement needs Action or NotAction, and not both")
    condition = content.get("Condition")
    if condition is not None and not (
        isinstance(condition, dict) and all(isinstance(it, dict | list | str) for it in condition.values())
    ):
        raise PolicyError("a Condition is no object of operators, keys and values")
    for name in mapping(condition):
        # A template's function, such as Fn::If, becomes a condition with an unknown result.
        if not is_operator(name) and name != "Ref" and not name.startswith("Fn::"):
            raise PolicyError(f"a condition's operator is {name!r}, which IAM does not know")
    patterns = tuple(_pattern(one) for one in items(content.get("Action", content.get("NotAction"))))
    return Statement(
        source=source,
        allows=effect == "Allow",
        patterns=patterns,
        negated="NotAction" in content,
        conditional=bool(content.get("Condition")),
        content=content,
        variables=substituting,
    )


def _pattern(value: Json) -> str:
    if isinstance(value, str) and (value == "*" or (":" in value and not value.startswith(":"))):
        return value
    raise PolicyError(f"{written(value)!r} is no action")


def as_document(statements: Iterable[Mapping[str, Json]]) -> Map:
    """A policy document of statements with unique Sids, as IAM requires."""
    documents = [dict(statement) for statement in statements]
    taken = {str(sid) for statement in documents if (sid := statement.get("Sid"))}
    sids: set[str] = set()
    for statement in documents:
        if sid := str(statement.get("Sid") or ""):
            if sid in sids:
                sid = next(it for number in count(2) if (it := f"{sid}{number}") not in taken)
                statement["Sid"] = sid
                taken.add(sid)
            sids.add(sid)
    return {"Version": "2012-10-17", "Statement": [*documents]}
