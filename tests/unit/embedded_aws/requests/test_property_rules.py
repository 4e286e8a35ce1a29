"""The rules as data: each says something of what there is, refuses what is wrong, and takes what only looks unusual."""

from pathlib import Path
from typing import Any

import pytest

from embedded_aws.core.json_schema import fits
from embedded_aws.core.models import input_shape
from embedded_aws.core.refusal import Refusal
from embedded_aws.requests.known import KNOWN, check
from embedded_aws.requests.property_rules import Rule, subjects
from installation import yaml_text
from ops.templates.schemas import schema


class Case(yaml_text.Data):
    """A resource of a template, as far as the rules look at it."""

    type: str
    properties: dict[str, Any]
    says: str = ""  # a part of the sentence; none where it is right


CASES = yaml_text.read(Path(__file__).with_name("property_rules_cases.yaml"), list[Case])
RULES = [(name, rule) for name, subject in subjects().items() for rule in subject.rules]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.type}: {case.says or 'right'}")
def test_each_case_is_taken_or_refused(case: Case) -> None:
    message = ""
    try:
        check(case.type, case.properties)
    except Refusal as refusal:
        message = refusal.message

    assert bool(message) == bool(case.says), message
    assert case.says in message


@pytest.mark.parametrize(("name", "rule"), RULES, ids=[f"{name}: {rule.says}" for name, rule in RULES])
def test_each_rule_can_be_read(name: str, rule: Rule) -> None:
    assert "::" not in name or schema(name, "us-east-1") is not None
    assert not rule.known or rule.known in {*KNOWN, "security group"}
    assert [path for path in rule.at if path.startswith("/") or "//" in path] == []
    values: tuple[Any, ...] = ({}, [], "", 0, {"Type": "A"})
    for value in values:
        for it in (rule.must, rule.never):
            if not isinstance(it, str):
                fits(it, value)


def test_each_operation_is_one_of_the_model() -> None:
    operations = [subject.operation.split(":") for subject in subjects().values() if subject.operation]

    assert operations
    assert [it for it in operations if input_shape(*it) is None] == []


def test_a_member_that_the_sentence_names_may_be_missing() -> None:
    with pytest.raises(Refusal, match="Load balancer attribute key 'None' is not recognized"):
        check("load balancer attributes", {"Attributes": [{"Value": "true"}]})
