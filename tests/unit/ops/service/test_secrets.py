"""Removing a secret that another operator has removed meanwhile."""

from datetime import UTC, datetime
from types import SimpleNamespace

from ops.service.secrets import Kept, remove
from tests.support.aws import aws_of
from tests.support.fake_clients import NotFoundError


def test_a_secret_that_is_gone_already_is_removed() -> None:
    asked = list[str]()

    def delete(Name: str) -> None:  # noqa: N803 - boto3's name
        asked.append(Name)
        raise NotFoundError

    ssm = SimpleNamespace(delete_parameter=delete, exceptions=SimpleNamespace(ParameterNotFound=NotFoundError))
    aws = aws_of(ssm=ssm)
    remove(aws, Kept(name="jwt", version=1, changed=datetime.now(UTC), by="who"))
    assert asked == [aws.names.kept_secret("jwt")]
