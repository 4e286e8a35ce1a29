"""When the template that CloudFormation holds is the local one."""

import pytest

from ops.account.bootstrap.change_set import same_template


@pytest.mark.parametrize(
    ("held", "local", "same"),
    [
        ({"A": 1}, '{"A": 1}', True),
        ('{"A": 1}', '{"A": 1}', True),
        ("A: 1", "A: 1 # said twice", True),
        ({"A": 2}, '{"A": 1}', False),
        ("A: 2", "A: 1", False),
        # What GetTemplate makes of other letters than ASCII's (aws-cdk #10523).
        ({"A": "?? 1 ?"}, '{"A": "直近 1 🤦"}', True),
        ("A: ??", "A: 直近", True),
        ({"A": "??? 1 ?"}, '{"A": "直近 1 🤦"}', False),
        ({"A": "?"}, '{"A": "a"}', False),
    ],
)
def test_templates_are_compared_by_what_they_say(held: object, local: str, same: bool) -> None:
    assert same_template(held, local) is same
