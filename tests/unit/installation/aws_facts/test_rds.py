"""CPU credits of instance classes."""

import re

import pytest

from embedded_aws.database import process
from installation.aws_facts.rds import credits_an_hour, is_reserved_user


@pytest.mark.parametrize(
    ("instance_class", "earned"),
    [("db.t4g.micro", 12), ("db.t3.large", 36), ("db.m7g.large", None), ("db.t9.micro", None)],
)
def test_only_burstable_classes_earn_credits(instance_class: str, earned: int | None) -> None:
    assert credits_an_hour(instance_class) == earned


def test_every_word_that_postgresql_reserves_is_taken() -> None:
    words = (process.PROGRAMS.parent / "include" / "server" / "parser" / "kwlist.h").read_text()
    reserved = re.findall(r'PG_KEYWORD\("(\w+)", \w+, RESERVED_KEYWORD', words)
    assert len(reserved) > 70
    assert [word for word in reserved if not is_reserved_user(word)] == []


@pytest.mark.parametrize("name", ["hannibal", "app", "users", "postgres", "ordering"])
def test_other_names_are_free(name: str) -> None:
    assert not is_reserved_user(name)
