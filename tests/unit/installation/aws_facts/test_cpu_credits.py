"""CPU credits of instance classes."""

import pytest

from installation.aws_facts.cpu_credits import credits_an_hour


@pytest.mark.parametrize(
    ("instance_class", "earned"),
    [("db.t4g.micro", 12), ("db.t3.large", 36), ("db.m7g.large", None), ("db.t9.micro", None)],
)
def test_only_burstable_classes_earn_credits(instance_class: str, earned: int | None) -> None:
    assert credits_an_hour(instance_class) == earned
