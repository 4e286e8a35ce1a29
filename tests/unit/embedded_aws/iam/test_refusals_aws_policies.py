"""Which policies AWS itself has."""

import pytest

from embedded_aws.iam.refusals import aws_policies


@pytest.mark.parametrize(
    ("arn", "there"),
    [
        ("arn:aws:iam::aws:policy/AdministratorAccess", True),
        ("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy", True),
        ("arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy", False),
        ("arn:aws:iam::aws:policy/NoSuchPolicy", False),
        ("arn:aws:iam::111122223333:policy/AdministratorAccess", False),
    ],
)
def test_names_are_known_with_their_paths(arn: str, there: bool) -> None:
    assert (arn in aws_policies()) == there
