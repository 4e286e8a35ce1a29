"""The grants of one side, indexed by principal and resource, and those of newly attached managed policies."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from ops.review.changes import Comparison
from ops.review.grants import Grant, Statement, statements_for, statements_of
from ops.review.policy_conditions import Context, condition_tests, unmatched_request
from ops.templates.resolver import ARNS
from ops.templates.values import Json, at, mapping, written

_EVERYBODY = "*"
_HOLDING = frozenset({"stringequals", "stringlike", "arnequals", "arnlike", "bool"})
_SOURCES = frozenset({"aws:sourceaccount", "aws:sourcearn"})
_ACCOUNTS = frozenset({"aws:principalaccount", "aws:resourceaccount"})
_ACCOUNT = "aws::accountid"
_POLICY = "AWS::IAM::ManagedPolicy"
_NAMED = ":policy/"


class Grants:
    """The grants of one side, the base or the head."""

    def __init__(self, comparison: Comparison, *, before: bool) -> None:
        self._comparison = comparison
        self._present = [sides for sides in comparison.sides.values() if sides.head]
        self._before = before
        self._patterns: dict[tuple[str, bool, str], _Patterns] = {}  # of the principals that were looked up
        self.touched = _unique_grants(self._read_statements({(it.stack, it.logical_id) for it in comparison.changes}))

    def beside(self, other: "Grants") -> list[Grant]:
        """The grants of changed resources that the other side does not have in exactly this form."""
        return [it for it in self.touched if it not in other.touched]

    def lacks(self, grant: Grant) -> Context | None:
        """A request that a grant covers and no grant of this side does; None if there is none."""
        holders = dict.fromkeys((grant.principal, _EVERYBODY))
        named = (grant, *self._grants_by_arn(grant))
        grants = (it for each in named for principal in holders for it in self._about(each, principal))
        return unmatched_request(tuple(it.condition for it in grants), grant.condition)

    def _grants_by_arn(self, grant: Grant) -> Iterator[Grant]:
        """The same grant with the resolved ARN of its resource: a pattern can match an ARN, but not a reference."""
        if (arn := self._arns.get(grant.resource, grant.resource)) != grant.resource:
            yield replace(grant, resource=arn)

    def same_but_condition(self, grant: Grant) -> bool:
        """Whether a grant of this side covers the same under another condition."""
        return next(self._about(grant, grant.principal), None) is not None

    def asks_only_what_holds(self, grant: Grant, region: str) -> bool:
        """Whether a grant is still allowed, with further tests that are always true for this account's principals."""
        true_of = _is_source_test if grant.principal.endswith(".amazonaws.com") else _is_principal_test
        return (true_of is _is_source_test or grant.kind == "identity") and any(
            _is_always_true(it.condition, grant.condition, true_of, region)
            for it in self._about(grant, grant.principal)
        )

    def allowed_by(self, denial: Grant) -> bool:
        """Whether this side allows something that a denial covers."""
        found = self._allowed.get((denial.kind, denial.principal))
        return found is not None and found.any_meets(denial)

    def _read_statements(self, only: set[tuple[str, str]] | None) -> Iterator[Statement]:
        for sides in self._present:
            yield from statements_of(sides, before=self._before, only=only)

    def _about(self, grant: Grant, principal: str) -> Iterator[Grant]:
        key = (grant.kind, grant.allows, principal)
        if key not in self._patterns:
            self._patterns[key] = _Patterns(_unique_grants(self._statements_by_principal.get(key, ())))
        return self._patterns[key].naming(grant)

    @cached_property
    def _arns(self) -> Mapping[str, str]:
        """Resolved values of references to resources and outputs, by their written form."""
        values = (self._comparison.base if self._before else self._comparison.head).values
        arns: dict[str, str] = {}
        for sides in self._present:
            for logical_id, resource in (sides.before if self._before else sides.after).items():
                for attribute in ARNS.get(str(resource.get("Type")), ()):
                    is_ref = attribute == "Ref"
                    reference: Json = {"Ref": logical_id} if is_ref else {"Fn::GetAtt": [logical_id, attribute]}
                    arns[written(reference, sides.paths)] = written(values.value(sides.name, reference))
            template = sides.base_template if self._before else sides.head_template
            for name, output in mapping(template.get("Outputs")).items():
                arns[f"${{{sides.name}.{name}}}"] = written(values.value(sides.name, at(output, "Value")))
        return arns

    @cached_property
    def _all_statements(self) -> list[Statement]:
        return list(self._read_statements(None))

    @cached_property
    def _statements_by_principal(self) -> dict[tuple[str, bool, str], list[Statement]]:
        found: dict[tuple[str, bool, str], list[Statement]] = defaultdict(list)
        for it in self._all_statements:
            found[(it.kind, it.allows, it.principal)].append(it)
        return found

    @cached_property
    def _allowed(self) -> dict[tuple[str, str], "_Patterns"]:
        """Allowing grants by kind and principal, all of them also under everybody, for denials for everybody."""
        found: dict[tuple[str, str], list[Grant]] = defaultdict(list)
        for grant in _unique_grants(it for it in self._all_statements if it.allows):
            for principal in dict.fromkeys((grant.principal, _EVERYBODY)):
                found[(grant.kind, principal)].append(grant)
        return {key: _Patterns(grants) for key, grants in found.items()}


def _unique_grants(statements: Iterable[Statement]) -> dict[Grant, None]:
    """The grants of statements without duplicates, in their order."""
    return dict.fromkeys(grant for it in statements for grant in it.grants())


class _Patterns:
    """Grants, indexed by the text of their resource before its first wildcard, so that few are compared."""

    def __init__(self, grants: Iterable[Grant]) -> None:
        self._exact: dict[tuple[bool, str, str], list[Grant]] = defaultdict(list)
        self._wild: dict[tuple[str, str], list[Grant]] = defaultdict(list)
        self._by_beginning: dict[str, list[Grant]] = defaultdict(list)
        self._inverted = False
        for grant in grants:
            self._inverted |= grant.inverted
            beginning = _literal(grant.resource)
            self._by_beginning[beginning].append(grant)
            if grant.inverted or (_literal(grant.action) == grant.action and beginning == grant.resource):
                self._exact[(grant.inverted, grant.action, grant.resource)].append(grant)
            else:
                action = grant.action if _literal(grant.action) == grant.action else ""
                self._wild[(beginning, action)].append(grant)
        self._lengths = sorted({len(beginning) for beginning, _ in self._wild})
        self._beginnings = sorted(self._by_beginning)

    def naming(self, covered: Grant) -> Iterator[Grant]:
        """The grants that cover everything that another grant covers."""
        yield from self._exact.get((covered.inverted, covered.action, covered.resource), ())
        if covered.inverted:
            return
        for length in self._lengths:
            if length > len(covered.resource):
                return
            for action in (covered.action, ""):
                for grant in self._wild.get((covered.resource[:length], action), ()):
                    if grant.names(covered):
                        yield grant

    def any_meets(self, other: Grant) -> bool:
        """Whether any of the grants covers something that another grant covers."""
        if self._inverted or other.inverted:
            return True
        return any(grant.meets(other) for grant in self._possible_matches(_literal(other.resource)))

    def _possible_matches(self, beginning: str) -> Iterator[Grant]:
        """The grants whose resource's literal beginning is a prefix of a text, or the reverse."""
        for length in range(len(beginning)):
            yield from self._by_beginning.get(beginning[:length], ())
        start = bisect_left(self._beginnings, beginning)
        for number in range(start, len(self._beginnings)):
            if not self._beginnings[number].startswith(beginning):
                return
            yield from self._by_beginning[self._beginnings[number]]


def _literal(pattern: str) -> str:
    """The text before the first wildcard."""
    return pattern.partition("*")[0].partition("?")[0]


def _is_always_true(condition: str, former: str, true_of: Callable[[str, str, str], bool], region: str) -> bool:
    """Whether a condition has all tests of the former one, and its further tests are true for this account."""
    tests, before = _tests(condition), _tests(former)
    more = tests.keys() - before.keys()
    return (
        bool(more)
        and all(tests.get(key) == value for key, value in before.items())
        and all(operator in _HOLDING and true_of(key, tests[operator, key].lower(), region) for operator, key in more)
    )


def _tests(condition: str) -> dict[tuple[str, str], str]:
    """Single tests of a condition, by operator and key."""
    return {(operator.lower(), key.lower()): written(value) for operator, key, value in condition_tests(condition)}


def _is_source_test(key: str, value: str, _: str) -> bool:
    """Tests for this account as a source: a service that acts for this account names it."""
    return key in _SOURCES and _ACCOUNT in value


def _is_principal_test(key: str, value: str, region: str) -> bool:
    """Tests that a role's SDK passes with requests over TLS in its own account and region."""
    return (
        (key in _ACCOUNTS and _ACCOUNT in value)
        or (key == "aws:requestedregion" and bool(region) and region in value)
        or (key == "aws:securetransport" and value == "true")
    )


class Policies:
    """The managed policies of one side, found by a reference or by an ARN with their name."""

    def __init__(self, comparison: Comparison, *, before: bool) -> None:
        self._comparison = comparison
        self._documents: dict[str, Json] = {}
        for sides in comparison.sides.values():
            for logical_id, resource in (sides.before if before else sides.after).items() if sides.head else ():
                if resource.get("Type") == _POLICY:
                    document = at(resource, "Properties", "PolicyDocument")
                    self._documents[written({"Ref": logical_id}, sides.paths)] = document
                    if isinstance(name := at(resource, "Properties", "ManagedPolicyName"), str):
                        self._documents[name] = document

    def known(self, arn: str) -> bool:
        """Whether the policy of an ARN, as written in the template, belongs to the application."""
        return arn in self._documents or _name(arn) in self._documents

    def grants(self, attached: Grant) -> Iterator[Grant]:
        """What an attached policy grants to its identity."""
        arn = attached.as_written
        document = self._documents.get(arn) or self._documents.get(_name(arn))
        sides = self._comparison.sides[attached.place.stack]
        for statement in statements_for(sides, attached.place, attached.principal, document):
            yield from statement.grants()


def newly_allowed(new: Iterable[Grant], had: Iterable[Grant], before: Policies, after: Policies) -> Iterator[Grant]:
    """What newly attached policies allow and the policies attached before did not."""
    owned: dict[str, list[Grant]] = {}
    for attached in had:
        owned.setdefault(attached.principal, []).extend(it for it in before.grants(attached) if it.allows)
    for attached in new:
        for grant in after.grants(attached):
            conditions = [it.condition for it in owned.get(attached.principal, ()) if it.names(grant)]
            if grant.allows and unmatched_request(tuple(conditions), grant.condition) is not None:
                yield grant


def _name(arn: str) -> str:
    return arn.partition(_NAMED)[2].rpartition("/")[2]
