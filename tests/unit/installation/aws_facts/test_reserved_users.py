"""Names that PostgreSQL and RDS reserve."""

import re

import pytest

from embedded_aws.database import process
from installation.aws_facts.reserved_users import is_reserved_user


def test_every_word_that_postgresql_reserves_is_taken() -> None:
    words = (process.PROGRAMS.parent / "include" / "server" / "parser" / "kwlist.h").read_text()
    reserved = re.findall(r'PG_KEYWORD\("(\w+)", \w+, RESERVED_KEYWORD', words)
    assert len(reserved) > 70
    assert [word for word in reserved if not is_reserved_user(word)] == []


@pytest.mark.parametrize("name", ["hannibal", "app", "users", "postgres", "ordering"])
def test_other_names_are_free(name: str) -> None:
    assert not is_reserved_user(name)
