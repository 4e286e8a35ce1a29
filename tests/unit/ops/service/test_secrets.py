"""Values that Parameter Store takes, and removing a secret that another operator has removed meanwhile."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from ops.errors import UnusableInputError
from ops.service.secrets import StoredSecret, remove, require_value
from tests.support.aws import aws_of
from tests.support.fake_clients import NotFoundError


def test_a_secret_that_is_gone_already_is_removed() -> None:
    asked = list[str]()

    def delete(Name: str) -> None:  # noqa: N803 - boto3's name
        asked.append(Name)
        raise NotFoundError

    ssm = SimpleNamespace(delete_parameter=delete, exceptions=SimpleNamespace(ParameterNotFound=NotFoundError))
    aws = aws_of(ssm=ssm)
    remove(aws, StoredSecret(name="jwt", version=1, changed=datetime.now(UTC), by="who"))
    assert asked == [aws.names.kept_secret("jwt")]


def test_a_value_that_parameter_store_takes_for_a_reference_is_refused() -> None:
    with pytest.raises(UnusableInputError) as refused:
        require_value("Dear {{name}}, hunter2")
    assert "nothing was set" in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert require_value('{"a":{"b":{}}}') == '{"a":{"b":{}}}'
