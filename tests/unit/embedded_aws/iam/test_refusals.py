"""Lengths of policies."""

import json

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.iam.refusals import check_inline_policies, check_managed_policy, check_trust_policy, policy_size
from installation.aws_facts.limits import INLINE_POLICIES_CHARACTERS, MANAGED_POLICY_CHARACTERS


def reading(characters: int) -> str:
    """A policy of this length."""
    return _filled('{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::…"}}', characters)


def trusting(characters: int) -> str:
    """A trust policy of this length."""
    statement = '"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"ec2.amazonaws.com"}'
    return _filled(f'{{"Id":"…","Statement":{{{statement}}}}}', characters)


def _filled(text: str, characters: int) -> str:
    return text.replace("…", "x" * (characters - len(text) + 1))


def test_white_space_of_a_policy_does_not_count() -> None:
    document = {"Version": "2012-10-17", "Statement": []}

    assert policy_size(json.dumps(document, indent=4)) == policy_size(document) == len('{"Version":"2012-10-17",') + 15


def test_policies_may_be_exactly_as_long_as_their_quota() -> None:
    check_managed_policy(reading(MANAGED_POLICY_CHARACTERS))
    check_inline_policies("role", {"a": reading(10_000), "b": reading(240)})
    check_trust_policy(trusting(2_048))

    with pytest.raises(Refusal, match="Cannot exceed quota for PolicySize: 6144"):
        check_managed_policy(reading(MANAGED_POLICY_CHARACTERS + 1))
    with pytest.raises(Refusal, match=f"Maximum policy size of {INLINE_POLICIES_CHARACTERS} bytes exceeded for role r"):
        check_inline_policies("r", {"a": reading(10_000), "b": reading(241)})
    with pytest.raises(Refusal, match="Cannot exceed quota for ACLSizePerRole: 2048"):
        check_trust_policy(trusting(2_049))
