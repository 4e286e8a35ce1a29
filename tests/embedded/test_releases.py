"""The whole life of releases in a running month, by the command."""

import json
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from installation import names
from installation.settings.file import load_settings
from ops.errors import ExitCode
from tests.conftest import ROOT
from tests.support.embedded.others import Others
from tests.support.embedded.running_month import Hannibal, RunningMonth, running_month
from tests.support.embedded.running_service import control, get
from tests.support.synthesis import changed
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded
CLOCK_FACTOR = "120"


@pytest.fixture(scope="module")
def month(assembly: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMonth]:
    with running_month(tmp_path_factory.mktemp("releases"), assembly("dev"), "--clock-factor", CLOCK_FACTOR) as month:
        yield month


@pytest.fixture
def faults(month: RunningMonth) -> Iterator[Callable[..., Any]]:
    yield lambda **fault: control(month.server, "POST", "faults", fault)
    control(month.server, "DELETE", "faults")


# Each test brings about what it begins with; after the one before it there is nothing to do.
@pytest.fixture
def released(hannibal: Hannibal, month: RunningMonth) -> None:
    """A release has brought `example/api:1`, and its image is what serves."""
    if month.serving() != "example/api:1":
        assert hannibal("release", "--image", "example/api:1", "--yes").exit_code == 0


@pytest.fixture
def on_green(hannibal: Hannibal, month: RunningMonth, released: None) -> None:
    """It serves from the group that the template does not name."""
    if month.weights() != {"green": 100}:
        assert hannibal("release", "--image", "example/api:1", "--again", "--yes").exit_code == 0


@pytest.fixture
def release_happened(hannibal: Hannibal, month: RunningMonth) -> None:
    """Something was released, whatever it was."""
    if not month.deploy.list_deployments()["deployments"]:
        assert hannibal("release", "--image", "example/api:7", "--yes").exit_code == 0


@pytest.fixture
def alarms(month: RunningMonth) -> Iterator[Callable[[str], Any]]:
    """Put alarms into ALARM until the test ends, and wait until CloudWatch finds by its metrics that they are over.

    An unhealthy target of the last test would cause one again in the next one and end its release.
    """
    raised: list[str] = []

    def raise_alarm(name: str) -> None:
        # What is set by hand holds for a minute of this clock, which is over before a busy machine has looked.
        control(month.server, "POST", "faults", {"kind": "alarm_stays", "pattern": name})
        month.cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a test")
        raised.append(name)

    yield raise_alarm
    control(month.server, "DELETE", "faults")
    wait_for(lambda: "unhealthy" not in month.health().values(), "targets that fail have left")
    wait_for(lambda: not month.ringing(raised), "the alarms are over")


class Users:
    """Ask all the time as our distribution does, and count what they are answered."""

    def __init__(self, month: RunningMonth) -> None:
        self.answers: Counter[str] = Counter()
        self._url, self._headers = month.url(), month.origin_header()
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def _ask(self) -> None:
        while not self._gone.wait(0.03):
            status, answer = get(self._url, headers=self._headers)
            self.answers[answer["image"] if status == 200 else str(status)] += 1

    def __enter__(self) -> "Users":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._gone.set()
        self._thread.join()


def ask(month: RunningMonth, times: int) -> Counter[str]:
    url, headers = month.url(), month.origin_header()
    with ThreadPoolExecutor(4) as pool:
        found = pool.map(lambda _: get(url, headers=headers), range(times))
        return Counter(answer["image"] if status == 200 else str(status) for status, answer in found)


def everybody_else(month: RunningMonth) -> list[int]:
    """What production answers without the header, with another value, and with one that would match anything."""
    tried: tuple[dict[str, str], ...] = ({}, {names.ORIGIN_HEADER: "x" * 40}, {names.ORIGIN_HEADER: "*"})
    return [get(month.url(), headers=headers)[0] for headers in tried]


def test_only_our_distribution_is_answered_and_no_stack_shows_the_secret_header(month: RunningMonth) -> None:
    assert month.ask()[0] == 200
    assert everybody_else(month) == [403, 403, 403]
    value = month.origin_header()[names.ORIGIN_HEADER]
    assert re.fullmatch(r"[a-z0-9]{40}", value), "a rule of the load balancer takes these as they are"
    told = [
        month.cloudformation.describe_stacks(),
        month.cloudformation.describe_stack_events(StackName="ComputeStack"),
    ]
    told.append(month.cloudformation.get_template(StackName="ComputeStack"))
    assert value not in json.dumps(told, default=str)


def test_a_release_without_obstacles_is_planned(hannibal: Hannibal, month: RunningMonth) -> None:
    before = month.weights()
    result = hannibal("release", "--image", "example/api:dry", "--mode", "canary", "--dry-run")
    assert result.exit_code == 0, result.output
    for part in ("example/api:dry", "10 % for 5m00s, then the rest", "nestjs-hannibal-3-verify-release", "nothing was"):
        assert part in result.stdout
    assert month.weights() == before
    assert month.deploy.list_deployments()["deployments"] == []


def test_a_tenth_of_the_users_meets_a_canary_first_and_none_fails(
    hannibal: Hannibal, month: RunningMonth, faults: Callable[..., Any]
) -> None:
    """The command is killed in the middle; the release goes on, and another command sees it to its end."""
    first = month.serving()
    # At this clock, five minutes are too short for a thousand requests.
    faults(kind="hold", pattern=month.names.codedeploy_application, at_percent=10)
    arguments = ("release", "--image", "example/api:1", "--mode", "canary", "--yes", "--json")
    with (
        Users(month) as users,
        subprocess.Popen(
            [sys.executable, "-m", "tests.support.given_command", *arguments],
            cwd=ROOT,
            env=month.server.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        events = []
        for line in process.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] == "traffic" and events[-1]["data"]["green"] > 0:
                break
        process.kill()
        answers = ask(month, 1000)
        assert month.weights() == {"blue": 90, "green": 10}
        assert everybody_else(month) == [403, 403, 403]
        assert month.recorded() == first
        control(month.server, "DELETE", "faults")
        result = hannibal("release", "--wait")
    assert result.exit_code == 0, result.output
    assert set(answers) == {first, "example/api:1"}
    assert 60 <= answers["example/api:1"] <= 140  # a tenth, give or take four deviations
    assert set(users.answers) == {first, "example/api:1"}
    assert {event["event"] for event in events} >= {"plan", "begun", "status", "step", "traffic", "targets"}
    steps = [event["data"]["step"] for event in events if event["event"] == "step"]
    assert "AfterAllowTestTraffic" in steps
    assert month.recorded() == month.serving() == "example/api:1"
    assert "what the next month starts with" in result.stdout


@pytest.mark.usefixtures("released")
def test_a_release_keeps_the_capacity_and_the_tags_that_are_ours(month: RunningMonth) -> None:
    """CodeDeploy takes a strategy that it is not given, and ECS refuses tags that CloudFormation has added."""
    (service,) = month.ecs.describe_services(cluster=month.names.cluster, services=[month.names.service])["services"]
    assert [item["capacityProvider"] for item in service["capacityProviderStrategy"]] == ["FARGATE"]
    released = month.ecs.describe_task_definition(taskDefinition=service["taskDefinition"], include=["TAGS"])
    tags = {tag["key"]: tag["value"] for tag in released["tags"]}
    assert tags["Project"] == month.names.project
    assert not [key for key in tags if key.startswith("aws:")]


@pytest.mark.usefixtures("on_green")
def test_after_a_release_a_deployment_changes_no_listener(hannibal: Hannibal, month: RunningMonth) -> None:
    assert month.weights() == {"green": 100}
    result = hannibal("preflight", "--assembly", str(month.assembly))
    assert result.exit_code == 0, result.output
    assert "no service, listener or target group changes: production is 100 % on green" in result.stdout

    def other_words(template: Any) -> None:
        template["Outputs"]["ClusterName"]["Description"] = "Another word"

    assert month.update("ComputeStack", other_words).status == "UPDATE_COMPLETE"
    assert month.weights() == {"green": 100}
    assert month.serving() == "example/api:1"


@pytest.mark.usefixtures("on_green")
def test_templates_that_would_move_production_are_refused_with_the_way_out(
    hannibal: Hannibal, month: RunningMonth, tmp_path: Path
) -> None:
    template = month.template("ComputeStack")
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::ElasticLoadBalancingV2::Listener":
            resource["Properties"]["DefaultActions"].append({"Type": "fixed-response"})
    (tmp_path / "ComputeStack.template.json").write_text(json.dumps(template))
    shutil.copy(month.assembly / "manifest.json", tmp_path)
    result = hannibal("preflight", "--assembly", str(tmp_path))
    assert result.exit_code == ExitCode.REFUSED
    assert "hannibal release --image example/api:1 --again" in result.stderr


@pytest.mark.usefixtures("on_green")
def test_what_runs_already_is_nothing_to_do_and_is_released_again_on_demand(
    hannibal: Hannibal, month: RunningMonth
) -> None:
    known = len(month.deploy.list_deployments()["deployments"])
    assert "nothing to do" in hannibal("release", "--image", "example/api:1", "--yes").stdout
    assert len(month.deploy.list_deployments()["deployments"]) == known
    result = hannibal("release", "--image", "example/api:1", "--again", "--snapshot", "--yes")
    assert result.exit_code == 0, result.output
    assert month.weights() == {"blue": 100}
    listed = month.server.session().client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    (made,) = (it for it in listed if it["DBSnapshotIdentifier"].startswith(month.names.release_snapshots))
    assert made["Status"] == "available"


@pytest.mark.usefixtures("released")
def test_an_alarm_at_a_tenth_rolls_the_release_back(
    hannibal: Hannibal, month: RunningMonth, faults: Callable[..., Any], alarms: Callable[[str], Any]
) -> None:
    before, alarm = month.weights(), month.names.release_errors_alarm
    faults(kind="alarm", pattern=alarm, at_percent=10)
    with Users(month) as users:
        result = hannibal("release", "--image", "example/api:2", "--mode", "canary", "--yes")
    assert result.exit_code == ExitCode.ROLLED_BACK, result.output
    for part in ("rolled back in AllowTraffic", "ALARM_ACTIVE", alarm, "example/api:1 serves again"):
        assert part in result.stderr
    assert month.weights() == before
    assert month.recorded() == month.serving() == "example/api:1"
    assert set(users.answers) <= {"example/api:1", "example/api:2"}
    alarms(alarm)
    refused = hannibal("release", "--image", "example/api:3", "--yes")
    assert refused.exit_code == ExitCode.REFUSED
    assert f"alarm {alarm} is in ALARM" in refused.stderr
    assert "--ignore-alarms" in refused.stderr


@pytest.mark.usefixtures("released")
def test_a_rollback_is_possible_while_an_alarm_is_in_alarm(
    hannibal: Hannibal, month: RunningMonth, alarms: Callable[[str], Any]
) -> None:
    alarms(month.names.errors_alarm)
    first = month.ssm.get_parameter_history(Name=month.names.release_parameter)["Parameters"][0]["Value"]
    result = hannibal("rollback", "--yes")
    assert result.exit_code == 0, result.output
    assert month.recorded() == month.serving() == first
    deployments = json.loads(hannibal("releases", "--json").stdout)["deployments"]
    revision = next(it["revision"].rpartition(":")[2] for it in deployments if it["image"] == "example/api:1")
    again = hannibal("rollback", "--to", revision, "--yes")
    assert again.exit_code == 0, again.output
    assert month.recorded() == month.serving() == "example/api:1"
    unknown = hannibal("rollback", "--to", "4711", "--yes")
    assert unknown.exit_code == ExitCode.UNUSABLE_INPUT


def test_a_secret_that_nobody_has_set_stops_a_release_but_no_rollback(
    hannibal: Hannibal, month: RunningMonth, monkeypatch: pytest.MonkeyPatch
) -> None:
    naming = changed(load_settings("dev"), service={"secrets": {"JWT_SECRET": {"kept": "of-nobody"}}})
    monkeypatch.setattr("installation.settings.file.load_settings", lambda _: naming)
    refused = hannibal("release", "--image", "example/api:3", "--dry-run")
    assert refused.exit_code == ExitCode.REFUSED
    assert "`hannibal secrets set of-nobody`" in refused.stderr
    back = hannibal("rollback", "--dry-run")
    assert "of-nobody" not in back.output


def test_what_ecr_found_in_an_image_is_said_and_by_the_setting_it_is_refused(
    hannibal: Hannibal, month: RunningMonth, faults: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = month.server.session().client("ecr")
    manifest = json.dumps({"schemaVersion": 2, "config": {"digest": "scanned"}})
    repository.put_image(repositoryName=month.names.repository, imageTag="scanned", imageManifest=manifest)
    image = f"{month.server.account}.dkr.ecr.ap-northeast-1.amazonaws.com/{month.names.repository}:scanned"

    def plan(asked: str = image, *options: str) -> Any:
        return hannibal("release", "--image", asked, "--dry-run", *options)

    assert "Scan     nothing critical or high, 0 min old" in plan().stdout
    faults(kind="critical_findings", pattern="*:scanned")
    said = plan()
    assert (said.exit_code, "Scan     1 critical, 0 min old" in said.stdout) == (0, True)

    strict = changed(load_settings("dev"), release={"refuse_findings": "critical"})
    monkeypatch.setattr("installation.settings.file.load_settings", lambda _: strict)
    refused = plan()
    assert refused.exit_code == ExitCode.REFUSED
    assert "has 1 critical findings" in refused.stderr
    assert plan(image, "--ignore-findings").exit_code == 0
    assert plan("example/api:1").exit_code == ExitCode.REFUSED, "nobody has scanned a public image"
    assert hannibal("release", "--configuration", "--dry-run").exit_code == 0
    control(month.server, "DELETE", "faults")
    assert plan().exit_code == 0


@pytest.mark.usefixtures("released")
def test_a_failed_verification_rolls_the_release_back_before_a_user_meets_it(
    hannibal: Hannibal, month: RunningMonth, faults: Callable[..., Any]
) -> None:
    faults(kind="hook_fails", pattern=month.names.verification_function)
    with Users(month) as users:
        result = hannibal("release", "--image", "example/api:4", "--yes")
    assert result.exit_code == ExitCode.ROLLED_BACK, result.output
    assert "rolled back in AfterAllowTestTraffic" in result.stderr
    assert set(users.answers) == {"example/api:1"}
    assert month.recorded() == "example/api:1"


@pytest.mark.usefixtures("released")
def test_tasks_that_never_become_healthy_roll_the_release_back(
    hannibal: Hannibal, month: RunningMonth, faults: Callable[..., Any], alarms: Callable[[str], Any]
) -> None:
    """The alarm on unhealthy targets is faster than CodeDeploy's hour; here it is not waited for, but sounded."""
    faults(kind="never_healthy", pattern="*:sick")
    alarm = {"blue": month.names.green_unhealthy_alarm, "green": month.names.blue_unhealthy_alarm}
    with Users(month) as users:
        hannibal("release", "--image", "example/api:sick", "--detach", "--yes")
        # On a busy machine ECS replaces a task before its target was looked at twice.
        wait_for(lambda: {"initial", "unhealthy"} & set(month.health().values()))
        alarms(alarm[next(iter(month.weights()))])
        result = hannibal("release", "--wait")
    assert result.exit_code == ExitCode.ROLLED_BACK, result.output
    assert "rolled back in Install" in result.stderr
    assert set(users.answers) == {"example/api:1"}
    assert month.recorded() == "example/api:1"


@pytest.mark.usefixtures("released")
def test_a_running_release_refuses_others_and_can_be_rolled_back(
    hannibal: Hannibal, month: RunningMonth, faults: Callable[..., Any]
) -> None:
    before = month.weights()
    faults(kind="hold", pattern=month.names.codedeploy_application, at_percent=10)
    begun = hannibal("release", "--image", "example/api:5", "--mode", "canary", "--detach", "--yes")
    assert begun.exit_code == 0, begun.output
    assert "hannibal release --wait" in begun.stdout
    second = hannibal("release", "--image", "example/api:6", "--yes")
    assert second.exit_code == ExitCode.REFUSED
    assert "a release is running" in second.stderr
    wait_for(lambda: len(month.weights()) == 2 or not _running(month))
    (planned,) = hannibal("rollback", "--dry-run", "--json").stdout.splitlines()
    assert json.loads(planned)["event"] == "stop"
    result = hannibal("rollback", "--yes")
    assert result.exit_code == 0, result.output
    assert "example/api:1 serves again" in result.stdout
    assert month.weights() == before
    assert month.recorded() == month.serving() == "example/api:1"


@pytest.mark.usefixtures("released")
def test_a_release_that_nobody_watched_is_noticed_and_recorded(hannibal: Hannibal, month: RunningMonth) -> None:
    hannibal("release", "--image", "example/api:7", "--detach", "--yes")
    wait_for(lambda: not _running(month))
    assert month.recorded() == "example/api:1"
    noticed = hannibal("preflight", "--assembly", str(month.assembly))
    assert "nobody watched the release of example/api:7" in noticed.stdout
    assert hannibal("release", "--wait").exit_code == 0
    assert month.recorded() == "example/api:7"


def _running(month: RunningMonth) -> list[str]:
    found: list[str] = month.deploy.list_deployments(includeOnlyStatuses=["Created", "InProgress"])["deployments"]
    return found


def test_the_history_has_the_result_of_each_release(
    hannibal: Hannibal, month: RunningMonth, faults: Callable[..., Any], request: pytest.FixtureRequest
) -> None:
    if month.recorded() != "example/api:7":
        request.getfixturevalue("released")
        faults(kind="hook_fails", pattern=month.names.verification_function)
        hannibal("release", "--image", "example/api:2", "--mode", "canary", "--yes")
        control(month.server, "DELETE", "faults")
        assert hannibal("release", "--image", "example/api:7", "--yes").exit_code == 0
    history = json.loads(hannibal("releases", "--json").stdout)
    newest = history["deployments"][0]
    assert (newest["image"], newest["mode"], newest["result"]) == ("example/api:7", "bluegreen", "Succeeded")
    assert newest["who"] == "arn:aws:iam::000000000000:root"
    assert {past["result"] for past in history["deployments"]} == {"Succeeded", "RolledBack"}
    assert [record["image"] for record in history["records"]][:2] == ["example/api:7", "example/api:1"]
    table = hannibal("releases").stdout
    assert "canary" in table
    assert "example/api:2" in table


def test_old_revisions_go_and_those_in_use_stay(hannibal: Hannibal, month: RunningMonth) -> None:
    family = month.names.task_family
    live = month.ecs.describe_services(cluster=month.names.cluster, services=[month.names.service])
    definition = live["services"][0]["taskDefinition"]
    arns = month.ecs.list_task_definitions(familyPrefix=family)["taskDefinitionArns"]
    assert definition in arns
    resources = month.cloudformation.describe_stack_resources(StackName="ComputeStack")["StackResources"]
    kind = "AWS::ECS::TaskDefinition"
    assert [r["PhysicalResourceId"] in arns for r in resources if r["ResourceType"] == kind] == [True]
    assert len(arns) <= 11


def test_logs_are_of_all_tasks_or_of_one(hannibal: Hannibal, month: RunningMonth) -> None:
    everything = hannibal("logs", "--since", "1h").stdout
    assert f"started {month.serving()}" in everything
    arns = month.ecs.list_tasks(cluster=month.names.cluster)["taskArns"]
    task = arns[0].rpartition("/")[2]
    lines = [
        json.loads(line)
        for line in hannibal("logs", "--since", "1h", "--task", task, "--json").stdout.split("\n")
        if line
    ]
    assert {line["task_id"] for line in lines} == {task}
    assert "no time" in hannibal("logs", "--since", "yesterday").stderr


@pytest.mark.usefixtures("release_happened")
def test_tools_of_others_read_the_month(month: RunningMonth, tmp_path: Path) -> None:
    """awslogs, ecs-deploy, Cloud Custodian and the AWS SDK for JavaScript; see `make others`."""
    others = Others(month)
    assert f"started {month.serving()}" in others.awslogs("get", month.names.service_log_group, "--start", "1h")
    assert "containers.api" in others.ecs_deploy("diff", month.names.task_family, "1", "2")
    found = others.javascript()
    assert found["zones"] == ["ap-northeast-1a", "ap-northeast-1c"]
    assert (found["created"], found["public"], "PRIMARY" in found["taskSets"]) == (True, False, True)
    assert found["alarms"] > 10
    assert found["days"]
    expected, counts = others.custodian(tmp_path)
    assert counts == expected


@pytest.mark.usefixtures("release_happened")
def test_the_next_month_starts_the_released_image(hannibal: Hannibal, month: RunningMonth) -> None:
    image, old_header = month.serving(), month.origin_header()
    month.end_month()
    refused = hannibal("release", "--image", "example/api:8", "--yes")
    assert refused.exit_code == ExitCode.REFUSED
    assert "hannibal start" in refused.stderr
    assert hannibal("release", "--wait").exit_code == ExitCode.REFUSED
    month.start_month()
    wait_for(lambda: month.ask()[0] == 200)
    assert get(month.url(), headers=old_header)[0] == 403, "each month has a value of its own"
    assert month.serving() == month.recorded() == image
    (task,) = month.ecs.list_tasks(cluster=month.names.cluster)["taskArns"]
    described = month.ecs.describe_tasks(cluster=month.names.cluster, tasks=[task])["tasks"][0]
    images = {container["name"]: container["image"] for container in described["containers"]}
    assert images[month.names.container] == image


def test_an_outage_is_notified(month: RunningMonth, faults: Callable[..., Any]) -> None:
    """Nothing is healthy and nobody asks, for six minutes of this clock, while tasks are replaced again and again.

    Five minutes without a healthy target are two seconds here. That no release leaves so many is seen by the users of
    the other tests, none of whom fails; on a busy machine the start of a month does, and the alarm is right.
    """
    alarms = [month.names.no_target_alarm, month.names.task_failures_alarm]

    def states() -> set[str]:
        found = month.cloudwatch.describe_alarms(AlarmNames=alarms)["MetricAlarms"]
        return {alarm["StateValue"] for alarm in found}

    wait_for(lambda: states() == {"OK"})
    faults(kind="never_healthy")
    wait_for(lambda: states() == {"ALARM"})
    control(month.server, "DELETE", "faults")
    wait_for(lambda: states() == {"OK"})


@pytest.mark.usefixtures("released")
def test_where_all_tasks_crash_after_a_release_a_rollback_is_the_way_back(
    hannibal: Hannibal, month: RunningMonth, faults: Callable[..., Any]
) -> None:
    assert hannibal("release", "--image", "example/api:crashes", "--yes").exit_code == 0
    faults(kind="exits", pattern="example/api:crashes")
    for task in month.ecs.list_tasks(cluster=month.names.cluster)["taskArns"]:
        month.ecs.stop_task(cluster=month.names.cluster, task=task)
    wait_for(lambda: "0 of 1 tasks run" in hannibal("release", "--image", "example/api:8", "--dry-run").output)
    back = hannibal("rollback", "--yes")
    assert back.exit_code == 0, back.output
    assert month.serving() == "example/api:1"
