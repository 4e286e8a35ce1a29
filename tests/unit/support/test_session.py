"""What of the user's shell does not reach the tests."""

import os

import pytest

from tests.conftest import pytest_sessionstart


@pytest.mark.parametrize("name", ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "AWS_PROFILE", "NO_COLOR"])
def test_a_session_begins_without(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Of a hook git tells which repository it belongs to, and tests would have committed there."""
    monkeypatch.setenv(name, "of the shell")
    pytest_sessionstart()
    assert name not in os.environ
