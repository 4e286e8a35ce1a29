"""Exercises on the embedded AWS: each is run by one command, ends healthy, and leaves a record."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
import yaml
from aws_cdk.assertions import Template
from botocore.exceptions import ClientError

from constructs_lib.compute.exercises import Exercises
from installation import names
from installation.settings.file import load_settings
from ops.errors import ExitCode
from ops.month.exercise import exercise
from tests.conftest import new_app
from tests.support.embedded.faults import fault
from tests.support.embedded.running_month import Hannibal, RunningMonth, running_month
from tests.support.embedded.running_service import control
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded

# A minute is a second here, and tasks need real ones to start: limits are of AWS, not of a busy machine.
_PATIENCE = 30
_STOP = "stop-exercises"


@pytest.fixture(scope="module")
def month(assembly: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMonth]:
    with running_month(tmp_path_factory.mktemp("exercises"), assembly("dev"), "--clock-factor", "60") as month:
        assert month.update(names.COMPUTE_STACK, _patient).status == "UPDATE_COMPLETE"
        # A minute, which is an hour here: on a busy machine no task is healthy within the second that it would have,
        # and each that is replaced for that counts as failed.
        month.ecs.update_service(
            cluster=month.names.cluster, service=month.names.service, healthCheckGracePeriodSeconds=3600
        )
        yield month


def _patient(template: Any) -> None:
    """The alarm on missing targets sounds after five minutes, five seconds here, and that on failures after many.

    A task that misses three checks is replaced, and that is half a second here: a busy machine loses some by that.
    """
    alarms = [it["Properties"] for it in template["Resources"].values() if it["Type"] == "AWS::CloudWatch::Alarm"]
    (missing,) = (it for it in alarms if it["AlarmName"].endswith("-no-healthy-target"))
    missing["EvaluationPeriods"] = missing["DatapointsToAlarm"] = 5 * _PATIENCE
    (failures,) = (it for it in alarms if it["AlarmName"].endswith("-task-failures"))
    failures["Threshold"] *= _PATIENCE


@pytest.fixture
def hannibal(month: RunningMonth, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Hannibal:
    monkeypatch.chdir(tmp_path)
    command = Hannibal(month, monkeypatch)

    def refusals() -> list[str]:
        found: list[str] = json.loads(command("exercise", "run", "task-dies", "--dry-run", "--json").stdout)["refusals"]
        return found

    with suppress(AssertionError):
        wait_for(lambda: not refusals())
    assert refusals() == []
    return command


def run(hannibal: Hannibal, name: str, code: ExitCode = ExitCode.DONE, **changes: Any) -> dict[str, Any]:
    """Run an exercise whose limits are those of a slow machine; give what its record says."""
    content = yaml.safe_load((exercise.FOLDER / f"{name}.yaml").read_text())
    content["at_most_minutes"] = 120
    for limit in ("detected_within_minutes", "recovered_within_minutes"):
        if limit in content["expect"]:
            content["expect"][limit] *= _PATIENCE
    content["expect"] |= changes
    Path(f"{name}.yaml").write_text(yaml.safe_dump(content))
    result = hannibal("exercise", "run", f"{name}.yaml", "--yes", "--json")
    assert result.exit_code == code, result.output
    markdown = Path(json.loads(result.stdout)["record"][1]).read_text()
    assert "| expectation | met |" in markdown or code is not ExitCode.DONE
    found: dict[str, Any] = json.loads(Path(json.loads(result.stdout)["record"][0]).read_text())
    assert found["recovered_seconds"] is not None
    assert control(hannibal.month.server, "GET", "faults") == []
    return found


def test_a_task_dies(hannibal: Hannibal) -> None:
    record = run(hannibal, "task-dies")
    assert (record["way"], record["sounded"], record["detected_by"]) == ("embedded AWS", [], "")
    assert any(moment["text"].startswith("ended: ") for moment in record["moments"])


def test_a_bad_release(hannibal: Hannibal, month: RunningMonth) -> None:
    before = month.serving()
    record = run(hannibal, "bad-release")
    assert record["way"] == "command"
    assert record["detected_by"].startswith(("unhealthy-", "task-failures"))
    assert record["detected_seconds"] <= record["recovered_seconds"]
    assert any("the release is rolled back" in moment["text"] for moment in record["moments"])
    assert month.serving() == before


def test_the_databases_storage_fills(hannibal: Hannibal) -> None:
    record = run(hannibal, "database-fills")
    assert record["detected_by"] == "database-storage"
    assert 0 < record["detected_seconds"] < record["recovered_seconds"]


def test_the_database_restarts(hannibal: Hannibal) -> None:
    assert run(hannibal, "database-restarts")["sounded"] == []


def test_a_zone_is_lost(hannibal: Hannibal, month: RunningMonth) -> None:
    record = run(hannibal, "zone-is-lost")
    zone = record["moments"][0]["text"].rpartition(" ")[2]
    (task,) = month.ecs.describe_tasks(
        cluster=month.names.cluster, tasks=month.ecs.list_tasks(cluster=month.names.cluster)["taskArns"]
    )["tasks"]
    assert task["availabilityZone"] != zone
    assert record["sounded"] == []


def test_the_newest_snapshot_restores(hannibal: Hannibal) -> None:
    result = hannibal("exercise", "run", "snapshot-restores", "--yes")
    assert result.exit_code == ExitCode.REFUSED
    assert "hannibal snapshots take" in result.output
    assert hannibal("snapshots", "take", "--yes").exit_code == ExitCode.DONE
    record = run(hannibal, "snapshot-restores")
    assert (record["way"], record["sounded"]) == ("command", [])
    assert any("is restored, and not read" in moment["text"] for moment in record["moments"])
    assert record["recovered_seconds"] > 0


def test_a_fault_that_a_killed_exercise_has_left_is_reported_and_ended(hannibal: Hannibal) -> None:
    """It ended nothing: its fault is in effect, as the order that it gave left it."""
    refusal = "the embedded AWS gets the fault backup_takes for another"
    with fault(hannibal.month.server, "backup_takes", "another"):
        refused = hannibal("exercise", "run", "task-dies", "--yes")
        assert refused.exit_code == ExitCode.REFUSED
        assert refusal in refused.output
        assert "hannibal exercise clear" in refused.output
        assert refusal in " ".join(hannibal("status").stdout.split())
        diagnosis = json.loads(hannibal("doctor", "database", "--json").stdout)["examinations"][0]["findings"]
        (finding,) = (it for it in diagnosis if it["cause"] == "fault-injected")
        assert (finding["level"], finding["evidence"][0]["text"]) == ("notice", refusal)
        assert "hannibal exercise clear" in json.dumps(finding)
        assert refusal in hannibal("exercise", "clear", "--dry-run").stdout
        assert "Ended" in hannibal("exercise", "clear", "--yes").stdout
        assert control(hannibal.month.server, "GET", "faults") == []
        assert "No fault is in effect" in hannibal("exercise", "clear").stdout


@pytest.fixture(scope="module")
def templates(month: RunningMonth) -> Any:
    """FIS's templates, added to the running month as `exercises: true` does."""
    settings = load_settings("dev")
    environment = cdk.Environment(region=settings.region, account=month.server.account)
    stack = cdk.Stack(new_app(), "ExercisesStack", env=environment)
    Exercises(stack, "Exercises", names=settings.names, stop_alarms=(f"{settings.project}-{_STOP}",))
    added = Template.from_stack(stack).to_json()

    def change(template: Any) -> None:
        _patient(template)
        template["Resources"] |= added["Resources"]
        template["Outputs"] |= added["Outputs"]

    outcome = month.update(names.COMPUTE_STACK, change)
    assert outcome.status == "UPDATE_COMPLETE", outcome.reasons
    return month.server.session().client("fis")


def test_an_exercise_uses_fis_as_in_an_account(hannibal: Hannibal, templates: Any) -> None:
    record = run(hannibal, "task-dies")
    assert record["way"] == "FIS"
    (experiment,) = templates.list_experiments()["experiments"]
    assert (record["experiment"], experiment["state"]["status"]) == (experiment["id"], "completed")
    assert run(hannibal, "database-restarts")["way"] == "FIS"


def test_fis_does_nothing_while_an_alarm_is_in_alarm(hannibal: Hannibal, month: RunningMonth, templates: Any) -> None:
    """The command looks first; FIS, which another person may have begun, as well."""
    alarm = f"{load_settings('dev').project}-{_STOP}"
    month.cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        Namespace="Exercises",
        MetricName="Nothing",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        TreatMissingData="breaching",
    )
    wait_for(lambda: month.ringing([alarm]) == [alarm])
    result = hannibal("exercise", "run", "task-dies", "--yes")
    assert result.exit_code == ExitCode.REFUSED
    assert f"the alarm {_STOP} is in ALARM already" in result.output
    template = templates.list_experiment_templates()["experimentTemplates"][0]["id"]
    experiment = templates.start_experiment(experimentTemplateId=template)["experiment"]["id"]
    wait_for(lambda: templates.get_experiment(id=experiment)["experiment"]["state"]["status"] == "stopped")
    month.cloudwatch.delete_alarms(AlarmNames=[alarm])


def test_what_fis_does_not_have_is_refused(templates: Any) -> None:
    with pytest.raises(ClientError, match="not found") as error:
        templates.get_experiment_template(id="EXTunknown")
    assert error.value.response["Error"]["Code"] == "ResourceNotFoundException"
    with pytest.raises(ClientError, match="not emulate"):
        templates.create_experiment_template(
            description="x",
            roleArn="arn:aws:iam::000000000000:role/x",
            stopConditions=[{"source": "none"}],
            actions={"a": {"actionId": "aws:fis:wait"}},
        )


def test_an_expectation_that_is_not_met_ends_with_another_code(hannibal: Hannibal) -> None:
    record = run(hannibal, "task-dies", ExitCode.UNHEALTHY, alarms=["no-healthy-target"])
    assert record["objections"] == ["the alarm no-healthy-target did not go into ALARM"]


def test_an_exercise_is_refused_while_another_operation_runs(hannibal: Hannibal, month: RunningMonth) -> None:
    assert "Dry run" in hannibal("exercise", "run", "task-dies", "--dry-run").output
    plan = json.loads(hannibal("exercise", "run", "task-dies", "--dry-run", "--json").stdout)
    assert (plan["exercise"]["fault"], bool(plan["fault"]["way"]), plan["refusals"]) == ("task-stops", True, [])
    with fault(month.server, "hold"):
        assert hannibal("release", "--image", "repository/api:1", "--detach", "--yes").exit_code == ExitCode.DONE
        result = hannibal("exercise", "run", "task-dies", "--yes")
        assert result.exit_code == ExitCode.REFUSED
        assert "a release is running" in result.output
    hannibal("release", "--wait")
    hannibal("pause", "--yes")
    result = hannibal("exercise", "run", "task-dies", "--yes")
    assert "`hannibal resume` first" in result.output
    assert result.exit_code == ExitCode.REFUSED
