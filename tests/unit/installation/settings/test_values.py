"""Types of values that several sections have."""

from pathlib import Path

import pytest

from tests.support.settings_file import problem, with_value


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("account_id", "\uff11" * 12),
        ("database.engine_version", "\uff11\uff18.3"),
        ("service.user", "1\uff10\uff10\uff10"),
        ("service.initial_image", "example.org/shop:\uff11"),
        ("service.initial_image", "example.org/sh\xf6p:1"),
        ("developer_permission_set", "D\xe9v"),
        ("guardrail.alert_email", "\uff41@example.org"),
    ],
)
def test_characters_that_only_look_alike_are_refused(tmp_path: Path, path: str, value: str) -> None:
    assert f"{path}: String should match pattern" in problem(tmp_path, with_value(path, value))
