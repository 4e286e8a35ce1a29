"""How IAM evaluates a condition: the operators, their qualifiers, keys that a request does not have, variables.

The only evaluator of this repository: the review of a pull request evaluates constructed requests, of which everything
is known, and the permission review recorded requests, of which much is not.

Sources: IAM user guide, "IAM JSON policy elements: Condition operators" and "Set operators for multi-valued context
keys".
"""

import ipaddress
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, lru_cache
from operator import eq, ge, gt, le, lt
from typing import Final

from installation.permissions.variables import Lookup, substituted, variables
from installation.permissions.wildcards import matches_pattern

_NOBODY: Final[frozenset[str]] = frozenset()


@dataclass(frozen=True)
class ConditionResult:
    """Whether a condition is true for a request."""

    holds: bool | None  # None where it depends on keys that are not known
    unknown: frozenset[str] = _NOBODY  # the unknown keys that it depends on, as the policy writes them


TRUE: Final = ConditionResult(holds=True)
FALSE: Final = ConditionResult(holds=False)


@dataclass(frozen=True)
class Comparison:
    """One key of a condition with its operator and values."""

    operator: str  # in lower case, without qualifiers, such as ``stringnotlike``
    key: str  # as the policy writes it
    wanted: tuple[str, ...]  # the values
    quantifier: str = ""  # ``forallvalues``, ``foranyvalue`` or nothing
    optional: bool = False  # whether the operator ends with IfExists

    @cached_property
    def variables(self) -> frozenset[str]:
        """Keys of the policy variables in its values, in lower case."""
        return frozenset(name.lower() for text in self.wanted for name in variables(text))

    @cached_property
    def has_placeholders(self) -> bool:
        """Whether a value has a variable, or an escape such as ``${*}``."""
        return any("${" in text for text in self.wanted)

    @cached_property
    def name(self) -> str:
        """The key in lower case: the case of keys does not matter."""
        return self.key.lower()

    @cached_property
    def negated(self) -> bool:
        """Whether the operator is a negated one, such as ``StringNotEquals``."""
        return "not" in self.operator

    @cached_property
    def fits(self) -> "Callable[[str, str], bool] | None":
        """How a value of the request is compared with one of the policy; None where the operator compares no values."""
        return _OPERATORS.get(self.operator.replace("not", ""))


def comparisons(condition: Mapping[str, object]) -> tuple[Comparison, ...]:
    """A condition as its comparisons; an operator without keys is a comparison with an unknown result."""
    results: list[Comparison] = []
    for operator, keys in condition.items():
        if isinstance(keys, Mapping):
            results += [_comparison(operator, key, values) for key, values in keys.items()]
        else:
            results.append(unreadable(operator))
    return tuple(results)


def unreadable(text: str) -> Comparison:
    """Something else in place of a comparison, such as a reference of a template: its result is unknown."""
    return Comparison(operator="", key=text, wanted=())


def is_operator(name: str) -> bool:
    """Whether IAM knows an operator, with its qualifiers."""
    named = _comparison(name, "", ())
    known = named.operator == _NULL or named.operator.replace("not", "") in _OPERATORS
    return known and named.quantifier in ("", _FOR_ALL, _FOR_ANY)


def evaluate(comparisons: Sequence[Comparison], lookup: Lookup, *, with_variables: bool = True) -> ConditionResult:
    """Whether all comparisons are true for a request.

    Args:
        with_variables: whether ``${…}`` in a value is a policy variable, as in policies of version 2012-10-17.
    """
    unknown_keys: set[str] = set()
    for one in comparisons:
        answer = _answer(one, lookup, with_variables)
        if answer is False:
            return FALSE
        if answer is not True:
            unknown_keys |= answer
    return ConditionResult(holds=None, unknown=frozenset(unknown_keys)) if unknown_keys else TRUE


def _comparison(name: str, key: str, values: object) -> Comparison:
    quantifier, _, name_part = name.lower().rpartition(":")
    operator = name_part.removesuffix("ifexists")
    return Comparison(
        operator=operator,
        key=key,
        wanted=tuple(_text(one) for one in (values if isinstance(values, list | tuple) else (values,))),
        quantifier=quantifier,
        optional=operator != name_part,
    )


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _answer(comparison: Comparison, lookup: Lookup, with_variables: bool) -> bool | frozenset[str]:
    """Whether a comparison is true for a request, or the unknown keys that it depends on."""
    values, negated, fits = lookup(comparison.name), comparison.negated, comparison.fits
    quantifier = comparison.quantifier
    if values is None or (fits is None and comparison.operator != _NULL):
        return frozenset((comparison.key,))
    if fits is None:
        return any((one.lower() == "true") is (not values) for one in comparison.wanted)
    if not values:
        return comparison.optional or quantifier == _FOR_ALL or (negated and quantifier != _FOR_ANY)
    wanted: Sequence[str] = comparison.wanted
    unknown = _NOBODY
    if with_variables and comparison.has_placeholders:
        wanted, unknown = _expected_values(comparison, lookup)
    matched = [any(fits(value, one) for one in wanted) for value in values]
    if unknown and not all(matched):
        # An unknown text may equal a value.
        return unknown
    answers = [one is not negated for one in matched]
    return all(answers) if quantifier == _FOR_ALL or (negated and not quantifier) else any(answers)


def _expected_values(comparison: Comparison, lookup: Lookup) -> tuple[Sequence[str], frozenset[str]]:
    """The values of a comparison with its variables replaced, and the variables that are not known."""
    found = [
        substituted(one, lookup, as_pattern=comparison.operator in _PATTERNS) if "${" in one else one
        for one in comparison.wanted
    ]
    unknown = _NOBODY.union(*(one for one in found if not isinstance(one, str)))
    return [one for one in found if isinstance(one, str)], unknown


def _ignoring_case(given: str, wanted: str) -> bool:
    return given.lower() == wanted.lower()


def _arn(given: str, wanted: str) -> bool:
    """ARNs are compared part by part: only in the last part does a wildcard match a colon."""
    parts, patterns = given.split(":", 5), wanted.split(":", 5)
    if len(parts) != len(patterns):
        return len(patterns) == 1 and matches_pattern(given, wanted)
    return all(matches_pattern(part, pattern) for part, pattern in zip(parts, patterns, strict=True))


@lru_cache(maxsize=4_096)
def address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address in a text; None where it is no address."""
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _matches_network(given: str, wanted: str) -> bool:
    found, network = address(given), _network(wanted)
    return given == wanted if found is None or network is None else found in network


@lru_cache(maxsize=4_096)
def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None


@lru_cache(maxsize=4_096)
def moment(text: str) -> float | None:
    """Seconds since 1970 of a date in ISO 8601 or in such seconds, as policies write it; None for another text."""
    if (seconds := number(text)) is not None:
        return seconds
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


@lru_cache(maxsize=4_096)
def number(text: str) -> float | None:
    """A number as policies write it; None for another text."""
    try:
        return float(text)
    except ValueError:
        return None


def _compare_ordered(
    read: Callable[[str], float | None], order: Callable[[float, float], bool]
) -> Callable[[str, str], bool]:
    def fits(given: str, wanted: str) -> bool:
        one, other = read(given), read(wanted)
        if one is None or other is None:
            # A template may have a reference there: then texts are compared, which is right for dates in ISO 8601.
            return order((given > wanted) - (given < wanted), 0)
        return order(one, other)

    return fits


def _ordered_operators() -> Iterator[tuple[str, Callable[[str, str], bool]]]:
    orders = {"equals": eq, "lessthan": lt, "lessthanequals": le, "greaterthan": gt, "greaterthanequals": ge}
    for kind, read in (("numeric", number), ("date", moment)):
        for name, order in orders.items():
            yield f"{kind}{name}", _compare_ordered(read, order)


_FOR_ALL, _FOR_ANY, _NULL = "forallvalues", "foranyvalue", "null"
# Operators without "not", each as a comparison of a value of the request with a value of the policy.
_OPERATORS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "stringequals": eq,
    "stringequalsignorecase": _ignoring_case,
    "stringlike": matches_pattern,
    "arnequals": _arn,
    "arnlike": _arn,
    "bool": _ignoring_case,
    "binaryequals": eq,
    "ipaddress": _matches_network,
    **dict(_ordered_operators()),
}
_PATTERNS: Final = ("stringlike", "stringnotlike", "arnequals", "arnlike", "arnnotequals", "arnnotlike")
