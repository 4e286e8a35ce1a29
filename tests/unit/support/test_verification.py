"""A release that is verified on a busy machine has time to answer, and only it."""

from pathlib import Path

import pytest

from embedded_aws.aws_lambda import functions
from tests.support.embedded.verification import allow_late_answers


def seconds(variables: dict[str, str]) -> str:
    given = functions.function_environment(variables, server={}, config={}, runtime_folder=Path("/"))
    return given["SECONDS"]


def test_only_the_function_that_verifies_has_more_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "function_environment", functions.function_environment)  # put back afterwards
    allow_late_answers()
    assert seconds({"SECONDS": "2", "PROBE": "shop-release-probe"}) == "60"
    assert seconds({"SECONDS": "10"}) == "10"
