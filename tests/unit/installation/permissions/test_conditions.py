"""IAM's operators, one by one, and a second opinion on made conditions: that of the emulator's evaluator."""

import random
from collections.abc import Iterator, Mapping
from types import MappingProxyType

import pytest
from ministack.core.iam_evaluator import EvalContext, parse_policy_document
from ministack.core.iam_evaluator import evaluate as second_opinion

from installation.permissions.conditions import (
    FALSE,
    TRUE,
    ConditionResult,
    comparisons,
    evaluate,
    is_operator,
)
from installation.permissions.variables import Values, substituted, variables

KEY = "aws:Key"
NOTHING: Mapping[str, Values | None] = MappingProxyType({})


def condition_result(
    operator: str,
    wanted: object,
    *given: str,
    known: bool = True,
    others: Mapping[str, Values | None] = NOTHING,
) -> ConditionResult:
    """A condition on one key of a request that says ``given`` there."""
    said: dict[str, Values | None] = {"aws:key": given if known else None, **others}
    return evaluate(comparisons({operator: {KEY: wanted}}), lambda key: said.get(key, ()))


# Operator, what the policy wants, a value that fits, one that does not.
OPERATORS = [
    ("StringEquals", "a", "a", "A"),
    ("StringEquals", ["a", "b"], "b", "c"),
    ("StringNotEquals", "a", "A", "a"),
    ("StringNotEquals", ["a", "b"], "c", "b"),
    ("StringEqualsIgnoreCase", "a", "A", "b"),
    ("StringNotEqualsIgnoreCase", "a", "b", "A"),
    ("StringLike", "repo:me/*:r?f", "repo:me/it:ref", "repo:you/it:ref"),
    ("StringLike", "a[b]*", "a[b]c", "ab"),
    ("StringLike", "${*}?", "*x", "xx"),
    ("StringEquals", "a${*}${?}${$}", "a*?$", "a${*}${?}${$}"),
    ("StringNotLike", ["a*", "b*"], "c", "bc"),
    ("NumericEquals", "10", "10.0", "11"),
    ("NumericNotEquals", "10", "11", "10.0"),
    ("NumericLessThan", "10", "9", "10"),
    ("NumericLessThanEquals", 10, "10", "10.5"),
    ("NumericGreaterThan", "9", "10", "9"),
    ("NumericGreaterThanEquals", "10", "10", "9.99"),
    ("DateEquals", "2026-11-10T00:00:00Z", "2026-11-10T09:00:00+09:00", "2026-11-10T00:00:01Z"),
    ("DateNotEquals", "2026-11-10T00:00:00Z", "2026-11-10T00:00:01Z", "2026-11-10"),
    ("DateLessThan", "2026-11-10", "2026-11-09T23:59:59Z", "2026-11-10T00:00:00Z"),
    ("DateLessThanEquals", "2026-11-10T00:00:00Z", "20261110T000000Z", "2026-11-10T00:00:01Z"),
    ("DateGreaterThan", "0", "2026-11-10T00:00:00Z", "1969-12-31T23:59:59Z"),
    ("DateGreaterThanEquals", "1794268800", "2026-11-10T00:00:00Z", "2026-11-09T23:59:59Z"),
    ("Bool", "true", "true", "false"),
    ("Bool", True, "TRUE", "false"),
    ("BinaryEquals", "QQ==", "QQ==", "Qg=="),
    ("IpAddress", "203.0.113.0/24", "203.0.113.9", "203.0.114.9"),
    ("IpAddress", "203.0.113.9", "203.0.113.9", "203.0.113.8"),
    ("IpAddress", "2001:db8::/32", "2001:db8::1", "203.0.113.9"),
    # CloudTrail has a service's name as the address of what AWS calls itself; what is no network fits no address.
    ("IpAddress", ["office", "203.0.113.0/24"], "203.0.113.9", "cloudformation.amazonaws.com"),
    ("IpAddress", "cloudformation.amazonaws.com", "cloudformation.amazonaws.com", "sns.amazonaws.com"),
    ("NotIpAddress", ["10.0.0.0/8", "192.168.0.0/16"], "203.0.113.9", "192.168.1.1"),
    ("ArnEquals", "arn:aws:iam::*:role/a*", "arn:aws:iam::123456789012:role/ab", "arn:aws:iam::123456789012:role/ba"),
    # A wildcard stands for nothing beyond the next colon.
    ("ArnLike", "arn:aws:iam::*:role/x", "arn:aws:iam::1:role/x", "arn:aws:iam::1:user/y:role/x"),
    ("ArnNotEquals", "arn:aws:iam::1:role/x", "arn:aws:iam::1:role/y", "arn:aws:iam::1:role/x"),
    ("ArnNotLike", "arn:aws:iam::1:role/*", "arn:aws:iam::1:user/y", "arn:aws:iam::1:role/x"),
]


@pytest.mark.parametrize(("operator", "wanted", "fits", "other"), OPERATORS)
def test_an_operator_compares(operator: str, wanted: object, fits: str, other: str) -> None:
    assert condition_result(operator, wanted, fits) == TRUE
    assert condition_result(operator, wanted, other) == FALSE


@pytest.mark.parametrize("operator", sorted({operator for operator, *_ in OPERATORS}))
def test_a_key_that_is_missing_fits_only_what_is_negated_or_optional(operator: str) -> None:
    assert condition_result(operator, "1") == (TRUE if "Not" in operator else FALSE)
    assert condition_result(f"{operator}IfExists", "1") == TRUE
    assert condition_result(f"ForAllValues:{operator}", "1") == TRUE
    assert condition_result(f"ForAnyValue:{operator}", "1") == FALSE
    assert condition_result(f"ForAnyValue:{operator}IfExists", "1") == TRUE


@pytest.mark.parametrize("operator", sorted({operator for operator, *_ in OPERATORS} | {"Null"}))
def test_a_key_that_is_not_known_is_named(operator: str) -> None:
    for prefix in ("", "ForAllValues:", "ForAnyValue:"):
        assert condition_result(f"{prefix}{operator}", "1", known=False) == ConditionResult(
            holds=None, unknown=frozenset({KEY})
        )


def test_null_is_about_the_key_alone() -> None:
    assert condition_result("Null", "true") == TRUE
    assert condition_result("Null", "false") == FALSE
    assert condition_result("Null", False, "x") == TRUE
    assert condition_result("Null", "true", "x") == FALSE


@pytest.mark.parametrize(
    ("operator", "given", "holds"),
    [
        ("ForAllValues:StringEquals", ("a", "b"), True),
        ("ForAllValues:StringEquals", ("a", "x"), False),
        ("ForAnyValue:StringEquals", ("x", "b"), True),
        ("ForAnyValue:StringEquals", ("x", "y"), False),
        ("ForAllValues:StringNotEquals", ("x", "y"), True),
        ("ForAllValues:StringNotEquals", ("x", "a"), False),
        ("ForAnyValue:StringNotEquals", ("x", "a"), True),
        ("ForAnyValue:StringNotEquals", ("a", "b"), False),
        ("foranyvalue:stringlikeifexists", ("x", "b"), True),
    ],
)
def test_a_set_of_values_is_compared_as_its_qualifier_says(operator: str, given: Values, holds: bool) -> None:
    assert condition_result(operator, ["a", "b"], *given).holds is holds


def test_case_of_keys_and_operators_does_not_matter() -> None:
    said = {"aws:requestedregion": ("us-east-1",)}
    asked = comparisons({"stringEQUALS": {"AWS:RequestedREGION": "us-east-1"}})
    assert evaluate(asked, lambda key: said.get(key, ())) == TRUE


def test_all_operators_and_keys_have_to_hold_and_a_known_no_decides() -> None:
    condition = {"StringEquals": {KEY: "a", "aws:Other": "b"}, "Bool": {"aws:Third": "true"}}
    said: dict[str, Values | None] = {"aws:key": ("a",), "aws:other": ("b",), "aws:third": ("true",)}
    assert evaluate(comparisons(condition), said.get) == TRUE
    assert evaluate(comparisons(condition), (said | {"aws:other": None}).get).unknown == {"aws:Other"}
    assert evaluate(comparisons(condition), (said | {"aws:other": None, "aws:third": ("false",)}).get) == FALSE


def test_an_operator_that_nobody_knows_decides_nothing() -> None:
    assert condition_result("StringSounds", "a", "a").holds is None
    assert not is_operator("StringSounds")
    assert all(is_operator(name) for name in ("ForAllValues:ArnNotLikeIfExists", "Null", "numericlessthanequals"))


def test_an_operator_without_keys_decides_nothing() -> None:
    assert evaluate(comparisons({"StringEquals": "${Condition}"}), lambda _: ()).unknown == {"StringEquals"}


def test_variables_stand_for_what_the_request_says() -> None:
    said: dict[str, Values | None] = {"aws:username": ("me",), "aws:userid": ("a*b",), "aws:principaltag/team": None}

    def lookup(key: str) -> Values | None:
        return said.get(key, ())

    assert substituted("home/${aws:UserName}/*", lookup, as_pattern=True) == "home/me/*"
    assert substituted("${aws:userid}?", lookup, as_pattern=True) == "a${*}b?"
    assert substituted("${*}${aws:missing, 'none'}${$}", lookup, as_pattern=False) == "*none$"
    assert substituted("${aws:missing}", lookup, as_pattern=False) == frozenset()
    assert substituted("${aws:PrincipalTag/team}", lookup, as_pattern=False) == frozenset(("aws:PrincipalTag/team",))
    assert variables("${aws:username}/${*}${aws:x, 'y'}") == ("aws:username", "aws:x")


def test_a_value_with_a_wildcard_in_a_variable_fits_itself_only() -> None:
    assert condition_result("StringLike", "${aws:userid}", "a*b", others={"aws:userid": ("a*b",)}) == TRUE
    assert condition_result("StringLike", "${aws:userid}", "axb", others={"aws:userid": ("a*b",)}) == FALSE


def test_a_variable_that_is_not_known_leaves_open_what_it_decides() -> None:
    unknown: dict[str, Values | None] = {"aws:principaltag/team": None}
    wanted = ["x", "${aws:PrincipalTag/team}"]
    assert condition_result("StringEquals", wanted, "y", others=unknown).unknown == {"aws:PrincipalTag/team"}
    assert condition_result("StringEquals", wanted, "x", others=unknown) == TRUE
    assert condition_result("StringNotEquals", wanted, "x", others=unknown) == FALSE
    assert condition_result("StringEquals", "${aws:username}", "x") == FALSE
    assert condition_result("StringNotEquals", "${aws:username}", "x") == TRUE


def test_older_policies_have_no_variables() -> None:
    asked = comparisons({"StringEquals": {KEY: "${aws:username}"}})
    assert evaluate(asked, lambda _: ("${aws:username}",), with_variables=False) == TRUE


def made(chance: random.Random) -> Iterator[tuple[dict[str, object], dict[str, list[str] | str]]]:
    """Conditions and requests, always the same; ARNs have no wildcard that could stand for a colon."""
    pools = {
        "String": ["a", "A", "ab", "a*", "?b", ""],
        "Numeric": ["1", "2", "2.5", "-1"],
        "Date": ["2026-11-10T00:00:00Z", "2026-11-11", "2026-11-10T12:00:00Z"],
        "Ip": ["10.0.0.0/8", "10.1.2.3", "203.0.113.7"],
        "Bool": ["true", "false"],
        "Arn": ["arn:aws:iam::1:role/x", "arn:aws:iam::1:role/*", "arn:aws:iam::2:role/x"],
    }
    while True:
        kind = chance.choice(sorted({operator for operator, *_ in OPERATORS} - {"BinaryEquals"}))
        pool = next(values for start, values in pools.items() if kind.replace("Not", "").startswith(start))
        qualifier = chance.choice(["", "", "ForAllValues:", "ForAnyValue:"])
        operator = qualifier + kind + chance.choice(["", "IfExists"])
        asked = ["10.9.9.9", "10.1.2.3", "203.0.113.7"] if "Ip" in kind else pool
        given = chance.choice([[], [chance.choice(asked)], chance.sample(asked, 2) if qualifier else [asked[0]]])
        request: dict[str, list[str] | str] = {"aws:key": given if qualifier else given[0]} if given else {}
        yield {operator: {KEY: chance.sample(pool, chance.randint(1, 2))}}, request


def test_the_emulator_is_of_the_same_opinion() -> None:
    source = made(random.Random(7))  # noqa: S311 - the same conditions every time
    for condition, request in (next(source) for _ in range(5_000)):
        statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition}
        context = EvalContext(
            principal_arn="arn:aws:iam::1:role/x",
            principal_type="AssumedRole",
            principal_account="1",
            action="s3:GetObject",
            resource_arn="*",
            region="us-east-1",
            service_context=dict(request),
        )
        other = second_opinion(context, [parse_policy_document({"Statement": [statement]})]).decision == "Allow"
        said = {key: tuple(value) if isinstance(value, list) else (value,) for key, value in request.items()}
        ours = evaluate(comparisons(condition), lambda key, said=said: said.get(key, ()))  # type: ignore[misc]
        assert ours.holds is other, (condition, request)
