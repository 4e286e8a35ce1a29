"""On a busy machine functions have time to answer, and a release that is verified has more."""

from pathlib import Path
from typing import Any

import pytest
from ministack.core.lambda_runtime import Worker

from embedded_aws.aws_lambda import functions
from tests.support.embedded.verification import allow_late_answers


@pytest.fixture(autouse=True)
def _put_back_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "function_environment", functions.function_environment)
    monkeypatch.setattr(Worker, "invoke", lambda worker, *_: worker.config["Timeout"])


def seconds(variables: dict[str, str]) -> str:
    given = functions.function_environment(variables, server={}, config={}, runtime_folder=Path("/"))
    return given["SECONDS"]


def test_only_the_function_that_verifies_has_more_time() -> None:
    allow_late_answers()
    assert seconds({"SECONDS": "2", "PROBE": "shop-release-probe"}) == "60"
    assert seconds({"SECONDS": "10"}) == "10"


@pytest.mark.parametrize(("config", "allowed"), [({}, 300), ({"Timeout": 3}, 300), ({"Timeout": 900}, 900)])
def test_a_function_may_take_minutes(config: dict[str, int], allowed: int) -> None:
    allow_late_answers()
    worker: Any = Worker.__new__(Worker)
    worker.config = config
    assert worker.invoke({}, "request") == allowed
