"""A deployment takes a secret that left the settings from the role at once, and only a release from the tasks."""

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ops.errors import ExitCode
from tests.support.compute_stack import ComputeTemplates
from tests.support.embedded.running_month import Hannibal, RunningMonth, running_month
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded
RELEASED = {"JWT_SECRET": {"kept": "jwt"}}
CHANGED = {"JWT_SECRET": {"kept": "mail"}}
Deploy = Callable[[dict[str, Any]], Path]


@pytest.fixture(scope="module")
def month(assembly: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMonth]:
    with running_month(tmp_path_factory.mktemp("withdrawn"), assembly("dev"), "--clock-factor", "120") as month:
        for name in ("jwt", "mail"):
            tags = [{"Key": "Project", "Value": month.names.project}]
            parameter = month.names.kept_secret(name)
            month.ssm.put_parameter(Name=parameter, Value=name, Type="SecureString", Tags=tags)
        yield month


def with_secrets(template: Any, secrets: dict[str, Any]) -> None:
    """Give a template the task definition and the roles' policies of other secrets."""
    wanted = ComputeTemplates("dev", service={"secrets": secrets})
    for kind in ("ECS::TaskDefinition", "IAM::Policy", "IAM::Role"):
        template["Resources"] |= wanted.of_type(f"AWS::{kind}")


def deploy(month: RunningMonth, secrets: dict[str, Any]) -> None:
    outcome = month.update("ComputeStack", lambda template: with_secrets(template, secrets))
    assert outcome.status == "UPDATE_COMPLETE", outcome.reasons


def planned(month: RunningMonth, folder: Path, secrets: dict[str, Any]) -> str:
    """The assembly with other secrets."""
    for file in month.assembly.iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    template = month.template("ComputeStack")
    with_secrets(template, secrets)
    (folder / "ComputeStack.template.json").write_text(json.dumps(template))
    return str(folder)


def tasks(month: RunningMonth) -> list[str]:
    found: list[str] = month.ecs.list_tasks(cluster=month.names.cluster, serviceName=month.names.service)["taskArns"]
    return found


def denied(hannibal: Hannibal) -> Any:
    """What the doctor finds, when it knows why a task has stopped."""
    found = json.loads(hannibal("doctor", "ecs", "--json").stdout)["examinations"][0]["findings"]
    return next((it for it in found if it["cause"] in ("secret-withdrawn", "database-url-denied")), None)


def test_before_the_deployment_preflight_says_what_follows(
    hannibal: Hannibal, month: RunningMonth, tmp_path: Path
) -> None:
    deploy(month, RELEASED)
    assert hannibal("release", "--configuration", "--yes").exit_code == 0
    same = hannibal("preflight", "--assembly", planned(month, tmp_path, RELEASED))
    assert (same.exit_code, "takes from the execution role" in same.stdout) == (0, False), same.output
    more = hannibal("preflight", "--assembly", planned(month, tmp_path, RELEASED | {"MAIL": {"kept": "mail"}}))
    assert (more.exit_code, "takes from the execution role" in more.stdout) == (0, False), more.output
    for secrets in (CHANGED, {}):
        other = hannibal("preflight", "--assembly", planned(month, tmp_path, secrets))
        text = " ".join(other.stdout.split())
        assert other.exit_code == 0
        assert "takes from the execution role (JWT_SECRET of the container api)" in text
        assert "right after the deployment `hannibal release --configuration`" in text


@pytest.mark.parametrize("paused", [False, True])
def test_a_task_that_ended_is_back_by_the_command_that_the_doctor_prints(
    hannibal: Hannibal, month: RunningMonth, paused: bool
) -> None:
    deploy(month, RELEASED)
    assert hannibal("release", "--configuration", "--ignore-alarms", "--yes").exit_code == 0
    deploy(month, CHANGED)
    service = {"cluster": month.names.cluster, "service": month.names.service}
    if paused:  # as by `hannibal pause` and the beginning of `hannibal resume`
        month.ecs.update_service(**service, desiredCount=0)
        wait_for(lambda: not tasks(month))
        month.ecs.update_service(**service, desiredCount=1)
    else:
        month.ecs.stop_task(cluster=month.names.cluster, task=tasks(month)[0])
    wait_for(lambda: denied(hannibal))
    found = denied(hannibal)
    assert found["cause"] == "secret-withdrawn", found
    command = found["mends"][0]["command"]
    assert command == "hannibal release --configuration --ignore-alarms --env dev"
    repaired = hannibal(*shlex.split(command)[1:], "--yes")
    assert repaired.exit_code == 0, repaired.output
    assert month.ask()[0] == 200
    assert denied(hannibal) is None
    back = hannibal("rollback", "--yes")  # CodeDeploy would wait an hour for its tasks
    assert back.exit_code == ExitCode.REFUSED, back.output
    assert "would start (JWT_SECRET of the container api)" in " ".join(back.output.split())
