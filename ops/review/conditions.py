"""Whether conditions of a policy let more requests through than before, found by asking them about many requests.

Every value that either side names is tried, and one beside it, and the absence of the key. The operators are those of
the IAM user guide ("Condition operators").
"""

import ipaddress
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Final

from installation.permissions.wildcards import like
from ops.templates.values import Json, canonical, items, mapping, number, written

# What a request says under each key; a key that is not there is missing in the request.
Context = Mapping[str, str]
_MOST: Final = 4_000
_ELSEWHERE: Final = "203.0.113.7"


@lru_cache(maxsize=50_000)
def lets_through(conditions: tuple[str, ...], wanted: str) -> Context | None:
    """A request that one condition lets through and none of the others does, None if there is none.

    Args:
        conditions: the others, as canonical JSON; empty text means always.
        wanted: the one condition.
    """
    if "" in conditions or wanted in conditions:
        return None
    parsed = [mapping(json.loads(it)) for it in conditions]
    own = mapping(json.loads(wanted or "{}"))
    for context in _contexts([own, *parsed]):
        if holds(own, context) and not any(holds(it, context) for it in parsed):
            return context
    return None


def holds(condition: Mapping[str, Json], context: Context) -> bool:
    """Whether a condition is true of a request. All operators and keys have to be, and one value of each."""
    return all(
        _tested(operator, written(values) if isinstance(values, dict) else values, context.get(key.lower()))
        for operator, tests in condition.items()
        for key, values in mapping(tests).items()
    )


def _tested(operator: str, values: Json, given: str | None) -> bool:
    quantifier, _, rest = operator.rpartition(":")
    name = rest.lower()
    wanted = [_text(it) for it in items(values)]
    if name == "null":
        return any((it.lower() == "true") is (given is None) for it in wanted)
    optional = name.endswith("ifexists")
    name = name.removesuffix("ifexists")
    negated = "not" in name
    if given is None:
        return optional or negated or quantifier.lower() == "forallvalues"
    test = _TESTS.get(name.replace("not", ""), _same)
    found = any(test(given, it) for it in wanted)
    return not found if negated else found


def _same(given: str, wanted: str) -> bool:
    return given == wanted


def _ignoring_case(given: str, wanted: str) -> bool:
    return given.lower() == wanted.lower()


def _like(given: str, wanted: str) -> bool:
    return like(given, wanted)


def _address(given: str, wanted: str) -> bool:
    try:
        return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return given == wanted


def _ordered(order: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def test(given: str, wanted: str) -> bool:
        before, after = number(given), number(wanted)
        if before is None or after is None:  # dates in ISO 8601 have the order of their texts
            return order((given > wanted) - (given < wanted), 0)
        return order(before, after)

    return test


_EQUALS, _LESS, _MORE = (_ordered(it) for it in (lambda a, b: a == b, lambda a, b: a < b, lambda a, b: a > b))
_AT_MOST, _AT_LEAST = (_ordered(it) for it in (lambda a, b: a <= b, lambda a, b: a >= b))
_TESTS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "stringequals": _same,
    "stringequalsignorecase": _ignoring_case,
    "stringlike": _like,
    "arnequals": _like,
    "arnlike": _like,
    "bool": _ignoring_case,
    "binaryequals": _same,
    "ipaddress": _address,
    **{
        f"{kind}{name}": test
        for kind in ("numeric", "date")
        for name, test in {
            "equals": _EQUALS,
            "lessthan": _LESS,
            "lessthanequals": _AT_MOST,
            "greaterthan": _MORE,
            "greaterthanequals": _AT_LEAST,
        }.items()
    },
}


def _contexts(conditions: list[dict[str, Json]]) -> Iterator[Context]:
    """Requests that tell the conditions apart: all combinations, or the first thousands of them."""
    values: dict[str, dict[str | None, None]] = {}
    for condition in conditions:
        for operator, tests in condition.items():
            for key, wanted in mapping(tests).items():
                found = values.setdefault(key.lower(), {})
                for value in items(written(wanted) if isinstance(wanted, dict) else wanted):
                    found |= dict.fromkeys(_near(operator.lower(), _text(value)))
                found[None] = None
    keys = list(values)
    for chosen in itertools.islice(itertools.product(*(list(it)[:12] for it in values.values())), _MOST):
        yield {key: value for key, value in zip(keys, chosen, strict=True) if value is not None}


def _near(operator: str, value: str) -> Iterator[str]:
    """A value that fits, and values beside it."""
    if "ipaddress" in operator:
        yield from (value.partition("/")[0], _last_address(value), _ELSEWHERE)
        return
    yield value.replace("*", "x").replace("?", "x")
    if "bool" in operator or "null" in operator:
        yield from ("true", "false")
    elif (amount := number(value)) is not None:
        yield from (f"{amount - 1:g}", f"{amount:g}", f"{amount + 1:g}")
    elif "date" in operator:
        yield from ("1970-01-01T00:00:00Z", "2999-01-01T00:00:00Z")
    else:
        yield f"{value.replace('*', 'x')}-another"


def _last_address(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value, strict=False).broadcast_address)
    except ValueError:
        return value


def _text(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else written(value)


def only_plain_text(condition: str) -> bool:
    """Whether a condition is true of nothing but requests without TLS, or with an old version of it."""
    tests = mapping(json.loads(condition or "{}"))
    return any(
        (
            operator.lower() == "bool"
            and key.lower() == "aws:securetransport"
            and [_text(it) for it in items(value)] == ["false"]
        )
        or (operator.lower() == "numericlessthan" and key.lower() == "s3:tlsversion")
        for operator, test in tests.items()
        for key, value in mapping(test).items()
    )


def example(context: Context, condition: str) -> str:
    """A request in words, for a message: what it says under the keys that a condition asks for, or does not say."""
    asked = {key.lower(): key for tests in mapping(json.loads(condition or "{}")).values() for key in mapping(tests)}
    said = [f"`{asked.get(key, key)}` = `{value}`" for key, value in context.items()]
    missing = [f"no `{name}`" for key, name in asked.items() if key not in context]
    return " and ".join([*said, *missing]) or canonical(dict(context))
