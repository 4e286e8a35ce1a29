"""RunTask with a client token."""

import pytest

from embedded_aws.core.patching import Response
from embedded_aws.ecs import run_task
from embedded_aws.ecs.emulator import Record


def test_a_refused_request_may_be_repeated_with_its_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_task, "_check", lambda _: None)
    monkeypatch.setattr(run_task, "_completed", lambda request: request)
    answers: list[Response] = [(500, {}, b"no room"), (200, {}, b"one"), (200, {}, b"two")]

    def original(_request: Record) -> Response:
        return answers.pop(0)

    run = run_task.RunTask()._run
    assert [run(original, {"clientToken": "token"})[2] for _ in range(3)] == [b"no room", b"one", b"one"]
