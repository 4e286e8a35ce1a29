"""A new password for each month, once."""

import json
from typing import Any

import boto3
import pytest

from constructs_lib.handlers import new_password
from tests.support.boto_model import ModelledClient
from tests.unit.constructs_lib.handlers.conftest import Answers

PROPERTIES = {"SecretId": "arn:secret", "DatabaseIdentifier": "shop-db"}
TOKEN = "11111111-2222-3333-4444-555555555555"


class ExistsError(Exception):
    """The exception of either client."""


class Exceptions:
    ResourceExistsException = DBInstanceNotFoundFault = ExistsError


class Secrets:
    exceptions = Exceptions()

    def __init__(self) -> None:
        self.versions = {"first": '{"username": "hannibal", "password": "old"}'}

    def get_secret_value(self, SecretId: str) -> Any:  # noqa: N803 - boto3's name
        version, text = list(self.versions.items())[-1]
        return {"ARN": SecretId, "VersionId": version, "SecretString": text}

    def put_secret_value(self, SecretId: str, ClientRequestToken: str, SecretString: str) -> Any:  # noqa: N803
        if self.versions.get(ClientRequestToken, SecretString) != SecretString:
            raise ExistsError
        self.versions[ClientRequestToken] = SecretString
        return {"ARN": SecretId, "VersionId": ClientRequestToken}


class Rds:
    exceptions = Exceptions()
    status = ""

    def describe_db_instances(self, DBInstanceIdentifier: str) -> Any:  # noqa: N803
        if not self.status:
            raise ExistsError
        return {"DBInstances": [{"DBInstanceIdentifier": DBInstanceIdentifier, "DBInstanceStatus": self.status}]}


def renew(secrets: Secrets, rds: Rds) -> str:
    return new_password.renew(PROPERTIES, TOKEN, ModelledClient("secretsmanager", secrets), ModelledClient("rds", rds))


def test_a_new_month_has_a_new_password_of_the_same_user() -> None:
    secrets = Secrets()
    assert renew(secrets, Rds()) == TOKEN
    content = json.loads(secrets.versions[TOKEN])
    assert content["username"] == "hannibal"
    assert content["password"] != "old"
    assert len(content["password"]) == new_password.LENGTH
    assert content["password"].isalnum()


def test_a_second_try_of_the_same_request_makes_no_second_one() -> None:
    secrets = Secrets()
    assert renew(secrets, Rds()) == renew(secrets, Rds()) == TOKEN
    assert list(secrets.versions) == ["first", TOKEN]


@pytest.mark.parametrize(("status", "version"), [("available", "first"), ("stopped", "first"), ("deleting", TOKEN)])
def test_a_database_that_is_there_keeps_its_password(status: str, version: str) -> None:
    secrets, rds = Secrets(), Rds()
    rds.status = status
    assert renew(secrets, rds) == version


@pytest.mark.parametrize(("request_type", "calls"), [("Create", 2), ("Update", 0), ("Delete", 0)])
def test_cloudformation_gets_one_answer(
    monkeypatch: pytest.MonkeyPatch, answers: Answers, request_type: str, calls: int
) -> None:
    asked: list[str] = []

    def client(service: str) -> Any:
        asked.append(service)
        return ModelledClient(service, {"secretsmanager": Secrets(), "rds": Rds()}[service])

    monkeypatch.setattr(boto3, "client", client)
    event: dict[str, Any] = {"RequestType": request_type, "RequestId": TOKEN, "ResourceProperties": PROPERTIES}
    if request_type != "Create":
        event["PhysicalResourceId"] = "password-version:of-this-month"

    new_password.handler(event, None)

    assert len(asked) == calls
    version = TOKEN if request_type == "Create" else "of-this-month"
    assert answers.only["physical_id"] == f"password-version:{version}"
    assert answers.only["data"] == {"VersionId": version}


def test_a_failure_fails_the_stack_with_its_reason(monkeypatch: pytest.MonkeyPatch, answers: Answers) -> None:
    def broken(_: str) -> Any:
        raise RuntimeError("out of order")

    monkeypatch.setattr(boto3, "client", broken)
    new_password.handler({"RequestType": "Create", "RequestId": TOKEN, "ResourceProperties": PROPERTIES}, None)
    assert answers.only["status"] == "FAILED"
    assert "out of order" in answers.only["reason"]
