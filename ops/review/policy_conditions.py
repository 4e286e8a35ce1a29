"""Whether conditions of a policy match more requests than before, found by evaluating them on many requests.

For each key, the values of both sides are tried, values near to them, and the absence of the key.
"""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from installation.permissions import conditions
from installation.permissions.variables import Values
from ops.templates.values import Json, canonical, items, mapping, network, number, written

# A request's value of each key; a key that is absent here is absent in the request. Several values are lines of a text.
Context = Mapping[str, str]
_MOST: Final = 4_000
_AND: Final = "\n"
_OF_SEVERAL: Final = ("foranyvalue:", "forallvalues:")
_ELSEWHERE: Final = "203.0.113.7"
_EQUAL: Final = frozenset({"stringequals", "stringlike", "arnequals", "arnlike"})
_ACCOUNTS: Final = frozenset(
    {"aws:principalaccount", "aws:sourceaccount", "aws:sourceowner", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce"}
)
# The account, an ARN in it, or the id or ARN of a resource in the templates; a parameter could contain any account.
_OWN: Final = re.compile(
    r"(arn:[^:*?]*:[^:*?]*:[^:]*:)?\$\{AWS::AccountId\}(?(1):.*)"
    r"|\$\{(?!AWS::)([^}]*/[^}.]*(\.\w*(Arn|Id))?|\w+Stack\.\w+)\}"
)
_REFERENCES: Final = re.compile(r"(\$\{[^}]*\})")
_OF_CLIENTS: Final = frozenset(f"elasticfilesystem:client{name}" for name in ("mount", "rootaccess", "write"))


@lru_cache(maxsize=50_000)
def unmatched_request(others: tuple[str, ...], condition: str) -> Context | None:
    """A request that matches one condition and none of the others, as canonical JSON (empty: always); None if none."""
    if "" in others or condition in others:
        return None
    for context in _contexts((condition, *others)):
        if matches_condition(condition, context) and not any(matches_condition(it, context) for it in others):
            return context
    return None


def matches_condition(condition: str, context: Context) -> bool:
    """Whether a condition in canonical JSON is true for a request, whose keys are all known.

    ``${…}`` can be a reference of the template or a variable here, so it is compared as it is written.
    """

    def lookup(key: str) -> Values:
        return tuple(context[key].split(_AND)) if key in context else ()

    return conditions.evaluate(_tests(condition), lookup, with_variables=False).holds is True


@lru_cache(maxsize=50_000)
def _tests(condition: str) -> tuple[conditions.Comparison, ...]:
    """The tests of a condition in canonical JSON; an operator that IAM does not know counts as StringEquals."""
    tests = (
        it
        for operator, key, wanted in condition_tests(condition)
        for it in conditions.comparisons({operator: {key: list(map(_text, items(wanted)))}})
    )
    return tuple(it if conditions.is_operator(it.operator) else replace(it, operator="stringequals") for it in tests)


def condition_tests(condition: str) -> Iterator[tuple[str, str, Json]]:
    """The tests of a condition in canonical JSON, as they are written: operator, key and expected values."""
    for operator, tests in mapping(json.loads(condition or "{}")).items():
        for key, wanted in mapping(tests).items():
            yield operator, key, written(wanted) if isinstance(wanted, dict) else wanted


def _contexts(texts: tuple[str, ...]) -> Iterator[Context]:
    """Requests that may distinguish conditions: all combinations of values, or the first thousands of them."""
    values: dict[str, dict[str | None, None]] = {}
    tests = list(itertools.chain.from_iterable(map(condition_tests, texts)))
    any_case = any("ignorecase" in operator.lower() for operator, *_ in tests)
    for operator, key, wanted in tests:
        found = values.setdefault(key.lower(), {})
        for value in items(wanted):
            near = list(_test_values(operator.lower(), _text(value)))
            found |= dict.fromkeys([*near, _swap_case(near[0])] if any_case else near)
        found[None] = None
    keys = list(values)
    for chosen in itertools.islice(itertools.product(*(list(it)[:12] for it in values.values())), _MOST):
        yield {key: value for key, value in zip(keys, chosen, strict=True) if value is not None}


def _test_values(operator: str, value: str) -> Iterator[str]:
    """A value that matches, and values near to it; also both together for a key with several values."""
    if operator.startswith(_OF_SEVERAL):
        one, *others = _test_values(operator.partition(":")[2], value)
        yield from (one, *others, *(f"{one}{_AND}{other}" for other in others[-1:]))
        return
    if "ipaddress" in operator:
        found = network(value)
        yield from (value.partition("/")[0], str(found.broadcast_address) if found else value, _ELSEWHERE)
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


def _swap_case(value: str) -> str:
    """The text with the case of its letters swapped, except in references."""
    return "".join(part if part.startswith("${") else part.swapcase() for part in _REFERENCES.split(value))


def _text(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else value if isinstance(value, str) else written(value)


def only_of_this_account(condition: str) -> bool:
    """Whether a condition is true only for requests from the stack's own account or on behalf of it."""
    return any(
        operator.lower() in _EQUAL
        and key.lower() in _ACCOUNTS
        and all(_OWN.fullmatch(_text(it)) for it in items(value))
        for operator, key, value in condition_tests(condition)
    )


def only_mounted(action: str, condition: str) -> bool:
    """Whether it is what everybody may who reaches a file system without a policy (EFS user guide, "Using IAM")."""
    tests = [(operator.lower(), key.lower(), value) for operator, key, value in condition_tests(condition)]
    return action in _OF_CLIENTS and any(
        (operator, key) == ("bool", "elasticfilesystem:accessedviamounttarget")
        and [_text(it) for it in items(value)] == ["true"]
        for operator, key, value in tests
    )


def only_plain_text(condition: str) -> bool:
    """Whether a condition is true only for requests without TLS or with an old version of it."""
    tests = [(operator.lower(), key.lower(), value) for operator, key, value in condition_tests(condition)]
    return any(
        (operator, key) == ("numericlessthan", "s3:tlsversion")
        or ((operator, key) == ("bool", "aws:securetransport") and [_text(it) for it in items(value)] == ["false"])
        for operator, key, value in tests
    )


def example(context: Context, condition: str, *, all_others: bool = False) -> str:
    """A request in words, for a message: its values of the keys in a condition, and which keys are absent.

    ``all_others``: the condition is true for all values of other keys.
    """
    names = {key.lower(): key for _, key, _ in condition_tests(condition)}
    free = [key for key in context if all_others and key not in names]
    said = {key: value for key, value in context.items() if key not in free}
    words = [f"`{names.get(key, key)}` = `{value.replace(_AND, '` and `')}`" for key, value in said.items()]
    words += [f"no `{name}`" for key, name in names.items() if key not in context]
    words += [f"whatever {' and '.join(f'`{key}`' for key in free)}"] if free else []
    return " and ".join(words) or canonical(dict(context))
