"""A request that comes again with its token."""

import itertools

import pytest

from embedded_aws.cloudformation import answers, emulator
from embedded_aws.core.patching import Response


def test_a_successful_request_is_answered_again_and_a_refused_one_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = itertools.count()

    def execute(_params: object) -> Response:
        number = next(numbers)
        return (400, {}, b"") if number == 0 else (200, {}, str(number).encode())

    names = ("ContinueUpdateRollback", "CreateChangeSet", "CreateStack", "ExecuteChangeSet", "UpdateStack")
    actions = dict.fromkeys(names, execute)
    monkeypatch.setattr(emulator, "actions", actions)
    answers.install_tokens()

    def ask(token: str) -> Response:
        asked = {"StackName": ["StorageStack"], "ChangeSetName": ["one"], "ClientRequestToken": [token]}
        return actions["ExecuteChangeSet"]({name: values for name, values in asked.items() if values != [""]})

    assert ask("first")[0] == 400
    assert [ask(token)[2] for token in ("first", "first", "second", "", "")] == [b"1", b"1", b"2", b"3", b"4"]
