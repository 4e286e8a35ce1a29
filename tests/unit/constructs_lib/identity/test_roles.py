"""Synthesis refuses a policy that IAM would not take."""

from collections.abc import Sequence

import aws_cdk as cdk
import pytest

from constructs_lib.identity.roles import ManagedPolicy, characters
from installation.aws_facts.limits import MANAGED_POLICY_CHARACTERS
from installation.permissions.statements import Arns, Statement
from tests.conftest import new_app
from tests.support.policies import arns, size


def statements_of(count: int) -> Sequence[Statement]:
    installation = arns()
    resources = installation.regional("sqs", *(f"{installation.names.project}-{number:04}" for number in range(count)))
    return [Statement(sid="Some", actions=("sqs:SendMessage",), resources=resources)]


def synthesized(count: int) -> None:
    app = new_app()
    stack = cdk.Stack(app, "PolicyStack", env=cdk.Environment(region="ap-northeast-1"))
    installation = Arns(names=arns().names, region="ap-northeast-1", account=stack.account)
    ManagedPolicy(
        stack,
        "Long",
        name="HannibalLong",
        description="x",
        statements_of=lambda _: statements_of(count),
        arns=installation,
    )
    app.synth()


def test_characters_are_counted_as_iam_counts_them() -> None:
    for count in (1, 7):
        assert characters(statements_of(count)) == size(statements_of(count))
        assert characters(statements_of(count), sids=False) == size(statements_of(count), sids=False)


def test_a_policy_that_is_too_long_fails_synthesis_with_its_name_and_length() -> None:
    fits = next(count for count in range(500) if characters(statements_of(count + 1)) > MANAGED_POLICY_CHARACTERS)
    synthesized(fits)

    with pytest.raises(RuntimeError) as failure:
        synthesized(fits + 1)
    message = str(failure.value)
    length = characters(statements_of(fits + 1))
    assert "PolicyStack/Long" in message
    assert f"HannibalLong would have {length} characters, and IAM takes 6144" in message
    assert f"{length - 6144} have to go. Shorten project in the settings." in message
