"""What the paths below ``/_hannibal/`` say of a body that they cannot use."""

from pathlib import Path

import pytest

from embedded_aws import budgets, scheduler
from embedded_aws.cloudwatch import injected_metrics
from embedded_aws.core.context import ServerContext
from embedded_aws.core.control import Control, ControlHandler


def _handlers(folder: Path) -> dict[str, ControlHandler]:
    control = Control()
    budgets.install(control)
    context = ServerContext(port=4566, state_folder=folder, region="ap-northeast-1", account="000000000000")
    injected_metrics.install(context, control)
    return {**control._handlers, "schedules": scheduler._answer}


@pytest.mark.parametrize("body", [b"", b"{actual: 1}", b"null", b"[]", b"\xff", b"[" * 100_000, b'{"name": ["x"]}'])
@pytest.mark.parametrize(("path", "status"), [("budgets", 400), ("metrics", 400), ("schedules", 404)])
def test_an_unusable_body_is_refused_with_a_sentence(tmp_path: Path, path: str, status: int, body: bytes) -> None:
    answered, content = _handlers(tmp_path)[path]("POST", body)
    assert answered == status
    assert isinstance(content, dict)
    assert content["message"]
