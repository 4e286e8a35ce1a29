"""Common parts of an account's fake clients."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from tests.support.fakes import FakeAccount


class NotFoundError(Exception):
    """The exception of a fake client for all missing resources."""


def client_error(code: str, message: str = "", operation: str = "Operation", *, status: int = 400) -> ClientError:
    answer: Any = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(answer, operation)


class FakeClient:
    """A client with pages of one item, and the same exception for all missing resources."""

    def __init__(self, account: "FakeAccount") -> None:
        self.account = account

    def get_paginator(self, operation: str) -> Any:
        def paginate(**arguments: Any) -> Iterator[Any]:
            yield getattr(self, operation)(**arguments)

        return SimpleNamespace(paginate=paginate)

    @property
    def exceptions(self) -> Any:
        return _EveryException()


class FakeGroup(FakeClient):
    """CodeDeploy's deployment group, or the error that each call about it gets."""

    def get_deployment_group(self, **_: Any) -> Any:
        if self.account.deployment_error:
            raise client_error(self.account.deployment_error)
        return {"deploymentGroupInfo": {}}


class _EveryException:
    def __getattr__(self, name: str) -> type[Exception]:
        return NotFoundError
