"""A container that does not end when ECS asks it to."""

import pytest

from installation.settings import Settings
from ops.doctor.ecs import _killed
from ops.doctor.examiner import Examiner
from ops.doctor.subjects import Subject
from ops.service.ecs_service import StoppedTask
from tests.support.fakes import NOW, FakeAccount


def stopped(reason: str, exit_code: int) -> StoppedTask:
    return StoppedTask(
        task_id="0123456789abcdef",
        task_set="ecs-svc/1",
        revision="task:7",
        image="repo/api:7",
        stopped=NOW,
        code="ServiceSchedulerInitiated",
        reason=reason,
        container_reason="",
        exit_code=exit_code,
    )


@pytest.mark.parametrize(
    ("reason", "exit_code", "causes"),
    [
        ("Scaling activity initiated by (taskSet ecs-svc/1)", 137, ["killed-at-stop"]),
        ("Scaling activity initiated by (taskSet ecs-svc/1)", 143, []),
        ("Scaling activity initiated by (taskSet ecs-svc/1)", 0, []),
        ("Essential container in task exited", 137, []),  # that one had not enough memory
    ],
)
def test_a_container_that_ignores_sigterm_is_a_finding(
    account: FakeAccount, settings: Settings, reason: str, exit_code: int, causes: list[str]
) -> None:
    examiner = Examiner(Subject.ECS, account.aws(settings), NOW)
    _killed(examiner, (stopped(reason, exit_code),))
    assert [(one.cause, one.level) for one in examiner.examination().findings] == [
        (cause, "notice") for cause in causes
    ]
