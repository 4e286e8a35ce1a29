"""A request that comes again with its token."""

import itertools
from typing import Any

import pytest

from embedded_aws.cloudformation import answers, emulator
from embedded_aws.core import emulator as core
from embedded_aws.core.patching import Function, Response

STACK = {"StackName": "StorageStack", "StackId": "arn:storage", "StackStatus": "CREATE_COMPLETE"}
OPERATIONS = ("ContinueUpdateRollback", "CreateChangeSet", "CreateStack", "ExecuteChangeSet", "UpdateStack")


@pytest.fixture
def actions(monkeypatch: pytest.MonkeyPatch) -> dict[str, Function]:
    """Operations that refuse the first request, and number the answers to the others."""
    numbers = itertools.count()

    def execute(_params: object) -> Response:
        number = next(numbers)
        return (400, {}, b"") if number == 0 else (200, {}, str(number).encode())

    changed: dict[str, Function] = dict.fromkeys(OPERATIONS, execute)
    monkeypatch.setattr(emulator, "actions", changed)
    monkeypatch.setitem(emulator.stacks, "StorageStack", dict(STACK))
    answers.install_tokens()
    return changed


def ask(actions: dict[str, Function], operation: str, **asked: str) -> Any:
    given = {"StackName": "StorageStack", "ChangeSetName": "one"} | asked
    return actions[operation]({name: [value] for name, value in given.items() if value})


def test_a_successful_request_is_answered_again_and_a_refused_one_is_repeated(actions: dict[str, Function]) -> None:
    def execute(token: str) -> Any:
        return ask(actions, "ExecuteChangeSet", ClientRequestToken=token)

    assert execute("first")[0] == 400
    assert [execute(token)[2] for token in ("first", "first", "second", "", "")] == [b"1", b"1", b"2", b"3", b"4"]


def test_another_request_with_the_token_is_refused(actions: dict[str, Function]) -> None:
    def update(**asked: str) -> Any:
        return ask(actions, "UpdateStack", ClientRequestToken="first", **asked)

    update()
    assert update(TemplateBody="a")[2] == b"1"
    status, _, body = update(TemplateBody="b")
    assert (status, b"<Code>TokenAlreadyExistsException</Code>" in body) == (400, True)
    assert update(TemplateBody="a")[2] == b"1"
    assert update(StackName="arn:storage")[2] == b"2"
    # The model of CreateChangeSet has no such error.
    assert [ask(actions, "CreateChangeSet", ClientToken="a", Description=it)[2] for it in "aab"] == [b"3", b"3", b"4"]


def test_a_token_is_of_one_region_and_of_the_life_of_its_stack(actions: dict[str, Function]) -> None:
    def create() -> Any:
        return ask(actions, "CreateStack", ClientRequestToken="first")[2]

    create()
    assert [create(), create()] == [b"1", b"1"]
    with core.scope("000000000000", "eu-north-1"):
        assert create() == b"2"
    emulator.stacks["StorageStack"]["StackStatus"] = "DELETE_COMPLETE"
    assert create() == b"3"
    emulator.stacks["StorageStack"] = STACK | {"StackId": "arn:other"}
    assert [create(), create()] == [b"4", b"4"]
