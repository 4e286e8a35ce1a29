"""A month through `hannibal`: started, looked at, ended with an interruption, started again with its data."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import aws_cdk as cdk
import psycopg
import pytest
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template

from constructs_lib.compute.budget_pause import BudgetPause
from constructs_lib.compute.task_count import Pauses
from constructs_lib.guardrail.alert_topic import AlertTopic
from constructs_lib.guardrail.cost_alerts import LimitBudget
from installation import names
from installation.settings.file import load_settings
from installation.settings.schedule import ScheduleSettings
from ops.errors import ExitCode
from ops.stacks.addresses import EDGE
from ops.stacks.cdk_lock import read_holder
from ops.stacks.drift import read_drift
from tests.conftest import ROOT, new_app
from tests.support import forked_command, given_configuration
from tests.support.aws import aws_of
from tests.support.embedded import stacks
from tests.support.embedded.database import connect
from tests.support.embedded.faults import fault
from tests.support.embedded.running_service import control, get
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import LIMIT_SECONDS, wait_for

pytestmark = pytest.mark.embedded

# The command as it is installed, but with logs and outputs in a checkout of the test's own.
_PRELUDE = """
from pathlib import Path
import installation.settings.file
import ops.stacks.checkout
installation.settings.file.load_settings.__defaults__ = (Path({config!r}),)
ops.stacks.checkout._ROOT = Path({root!r})
"""
_RUN = "from ops.cli.app import run\nrun()\n"


@dataclass(frozen=True, kw_only=True)
class Hannibal:
    """The command against one embedded AWS, with the assembly of the session instead of a synthesis each time."""

    server: EmbeddedAws
    root: Path
    assembly: Path
    config: Path = given_configuration.FOLDER

    @property
    def prelude(self) -> str:
        return _PRELUDE.format(root=str(self.root), config=str(self.config))

    @property
    def environment(self) -> dict[str, str]:
        # The CDK reads its options from the environment as well: CDK_APP is --app.
        made = {"CDK_APP": str(self.assembly), "HANNIBAL_ASSEMBLY": str(self.assembly)}
        return self.server.environment | made | {"COLUMNS": "80", "PYTHONUNBUFFERED": "1"}

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start it as it is installed."""
        return subprocess.Popen(
            [sys.executable, "-c", self.prelude + _RUN, *arguments],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, *arguments: str, code: int = ExitCode.DONE) -> str:
        """Run to the end, hold the exit code to what it shall be, and return what was printed."""
        done = forked_command.run(*arguments, folder=ROOT, environment=self.environment, prelude=self.prelude)
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout if code == ExitCode.DONE else done.stderr

    def statuses(self) -> dict[str, str]:
        stacks = self.server.session().client("cloudformation").describe_stacks()["Stacks"]
        return {it["StackName"]: it["StackStatus"] for it in stacks if it["StackName"] in names.ALL_STACKS}

    def database(self) -> psycopg.Connection[tuple[Any, ...]]:
        """A connection by the string that the service gets, whose name the command prints."""
        outputs = json.loads(self("outputs", "--json"))[names.STORAGE_STACK]
        secret = next(output["value"] for output in outputs if output["name"] == "DatabaseUrlSecret")
        url = self.server.session().client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        return connect(self.server, url)


@pytest.fixture(scope="module")
def hannibal(assembly: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hannibal]:
    folder = tmp_path_factory.mktemp("hannibal")
    root = folder / "checkout"
    root.mkdir()
    for name in ("cdk.json", "app.py", "constructs_lib", "installation", "node_modules", "ops", "stacks"):
        (root / name).symlink_to(ROOT / name)
    server = EmbeddedAws(folder, options=("--clock-factor", "60"))
    try:
        server.start()
        yield Hannibal(server=server, root=root, assembly=assembly("dev"))
    finally:
        server.close()


# Each test brings about what it begins with; after the one before it there is nothing to do.
@pytest.fixture
def running(hannibal: Hannibal) -> None:
    """A month runs."""
    start(hannibal)


def start(hannibal: Hannibal) -> None:
    if names.COMPUTE_STACK not in hannibal.statuses():
        hannibal("start", "--yes")


def stop(hannibal: Hannibal) -> None:
    start(hannibal)
    hannibal("stop", "--yes")


def snapshots(hannibal: Hannibal) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(hannibal("snapshots", "list", "--json"))
    return found


def write_diary(hannibal: Hannibal) -> None:
    with hannibal.database() as connection:
        connection.execute("CREATE TABLE diary (month text)")
        connection.execute("INSERT INTO diary VALUES ('first')")


def test_a_dry_run_changes_nothing(hannibal: Hannibal) -> None:
    output = hannibal("start", "--dry-run")
    assert "new and empty" in output
    assert "Asking CloudFormation" not in output  # by roles that the bootstrap makes
    assert hannibal.statuses() == {}
    assert json.loads(hannibal("status", "--json"))["status"]["month"]["word"] == "stopped"


def test_a_first_start_bootstraps_deploys_and_prints_addresses_that_answer(hannibal: Hannibal) -> None:
    result = json.loads(hannibal("start", "--yes", "--json"))
    assert hannibal.statuses() == dict.fromkeys(names.ALL_STACKS, "CREATE_COMPLETE")
    assert result["origin"] == {"snapshot": None}
    progress = {stack["name"]: stack for stack in result["stacks"]}
    assert all(stack["done"] == stack["total"] > 0 for stack in progress.values())
    users = next(it["url"] for it in result["addresses"] if it["description"] == EDGE)
    with urlopen(f"{users}/api/x", timeout=LIMIT_SECONDS) as answer:  # noqa: S310 - an address on loopback
        assert json.load(answer)["path"] == "/api/x"
    for listener in control(hannibal.server, "GET", "listeners"):
        expected = 200 if listener["port"] == load_settings("dev").load_balancer.test_port else 403
        assert get(f"{listener['url']}/api/x")[0] == expected


@pytest.mark.usefixtures("running")
def test_a_second_start_compares_and_changes_nothing(hannibal: Hannibal) -> None:
    output = hannibal("start", "--yes")
    assert "no service, listener or target group changes" in output
    assert f"npx cdk deploy --all --app {shlex.quote(str(hannibal.assembly))}" in output
    assert "nothing had to change" in output


@pytest.mark.usefixtures("running")
def test_the_status_of_a_running_month_fits_on_a_screen(hannibal: Hannibal) -> None:
    lines = hannibal("status").splitlines()
    assert len(lines) <= 24
    assert max(len(line.rstrip()) for line in lines) <= 80
    text = "\n".join(lines)
    for part in ("dev is running", "1 of 1 running", "HEALTHY", "100 % of production  1 healthy", "began empty"):
        assert part in text
    hannibal("status", "--check")


@pytest.fixture(scope="module")
def paused_by(hannibal: Hannibal) -> Iterator[str]:
    """A stack with what pauses a month by itself: the schedules, and the function that a spent budget calls."""
    start(hannibal)
    settings, session = load_settings("dev"), hannibal.server.session()
    sns_client, cloudformation = session.client("sns"), session.client("cloudformation")
    alerts = next(it["TopicArn"] for it in sns_client.list_topics()["Topics"] if "-alerts" in it["TopicArn"])
    sns_client.subscribe(TopicArn=alerts, Protocol="email", Endpoint="night@example.com")
    (asked,) = control(hannibal.server, "GET", "mail")
    sns_client.confirm_subscription(TopicArn=alerts, Token=asked["message"].partition("Token=")[2])
    settings = settings.model_copy(update={"schedule": ScheduleSettings()})
    names_of = settings.names
    stack = cdk.Stack(new_app(), "Night", env=cdk.Environment(region=settings.region))
    Pauses(stack, "Pauses", names=names_of, settings=ScheduleSettings(), tasks=1)
    limit = AlertTopic(
        stack, "Limit", name=names_of.limit_topic, email=None, publishers=["budgets.amazonaws.com"]
    ).topic
    LimitBudget(stack, "LimitBudget", name=names_of.limit_budget, topic=limit, settings=settings.guardrail)
    people = sns.Topic.from_topic_arn(stack, "Alerts", alerts)
    BudgetPause(stack, "BudgetPause", settings=settings, topic=limit, alert_topic=people)
    made = stacks.create(cloudformation, Template.from_stack(stack).to_json()["Resources"])
    assert made.status == "CREATE_COMPLETE", made.reasons
    yield made.stack_id
    assert stacks.delete(cloudformation, made.stack_id).status == "DELETE_COMPLETE"


def phase(hannibal: Hannibal) -> str:
    return str(json.loads(hannibal("status", "--json"))["status"]["month"]["word"])


def test_a_pause_over_a_night_raises_no_alarm(hannibal: Hannibal, paused_by: str) -> None:
    """By the schedules of the template, each called at its time; then by hand."""
    project, session = load_settings("dev").project, hannibal.server.session()

    def call(name: str) -> None:
        assert control(hannibal.server, "POST", "schedules", {"name": f"{project}-{name}"}) == {"status": 200}

    def states() -> set[str]:
        alarms = session.client("cloudwatch").describe_alarms(AlarmNames=[f"{project}-no-healthy-target"])
        return {it["StateValue"] for it in alarms["MetricAlarms"]}

    for name in ("PauseAlarm", "PauseTasks", "PauseDatabase"):
        call(name)
    wait_for(lambda: phase(hannibal) == "paused")
    # The night is long enough for the alarm that would have told.
    wait_for(lambda: states() == {"ALARM"})
    assert "no tasks, and the database is stopped" in hannibal("status", "--check")
    assert "AWS::ECS::Service  (by a release, scaling or a pause)" in hannibal("drift")
    assert "`hannibal resume`" in hannibal("release", "--image", "repository/api:1", "--yes", code=ExitCode.REFUSED)
    for command in (("run", "--", "true"), ("db", "connect"), ("exec",)):
        assert "`hannibal resume`" in hannibal(*command, code=ExitCode.REFUSED)
    call("ResumeDatabase")
    wait_for(lambda: "available" in hannibal("status"))
    call("ResumeTasks")
    wait_for(lambda: states() == {"OK"})
    call("ResumeAlarm")
    hannibal("pause", "--yes")
    wait_for(lambda: phase(hannibal) == "paused")
    wait_for(lambda: states() == {"ALARM"})
    hannibal("resume", "--yes")
    assert states() == {"OK"}
    wait_for(lambda: phase(hannibal) == "running")
    subjects = [it["subject"] for it in control(hannibal.server, "GET", "mail")]
    assert [subject for subject in subjects if subject.startswith("ALARM")] == []
    hannibal("status", "--check")


def test_a_morning_on_which_no_task_started_is_reported(hannibal: Hannibal, paused_by: str) -> None:
    """An alarm tells of changes of its state only, and this one has been in ALARM since the evening."""
    project = load_settings("dev").project
    cloudwatch = hannibal.server.session().client("cloudwatch")

    def states() -> list[str]:
        found = cloudwatch.describe_alarms(AlarmNames=[f"{project}-no-healthy-target"])
        return [it["StateValue"] for it in found["MetricAlarms"]]

    def mails() -> list[str]:
        mail = [it["subject"] for it in control(hannibal.server, "GET", "mail")]
        return [subject for subject in mail if subject.startswith(f'ALARM: "{project}-no-healthy-target"')]

    def call(name: str) -> None:
        assert control(hannibal.server, "POST", "schedules", {"name": f"{project}-{name}"}) == {"status": 200}

    for name in ("PauseAlarm", "PauseTasks", "PauseDatabase"):
        call(name)
    wait_for(lambda: phase(hannibal) == "paused")
    wait_for(lambda: states() == ["ALARM"])
    call("ResumeAlarm")
    assert mails() == []
    call("ResumeAlarmState")
    wait_for(lambda: len(mails()) == 1)
    hannibal("resume", "--yes")


def test_a_spent_budget_pauses_the_month_until_an_operator_resumes(
    hannibal: Hannibal, paused_by: str, tmp_path: Path
) -> None:
    settings, session = load_settings("dev"), hannibal.server.session()
    cloudformation, scheduler = session.client("cloudformation"), session.client("scheduler")
    shutil.copytree(given_configuration.FOLDER, tmp_path, dirs_exist_ok=True)
    with (tmp_path / "dev.yaml").open("a") as file:
        file.write("schedule: {}\n")
    hannibal = replace(hannibal, config=tmp_path)
    limit = settings.guardrail.monthly_budget_usd

    def told(actual: float) -> list[str]:
        topics = control(hannibal.server, "POST", "budgets", {"actual": actual})["told"]
        return [topic.rpartition(":")[2] for topic in topics]

    def morning() -> set[str]:
        return {scheduler.get_schedule(Name=name)["State"] for name in settings.names.resume_schedules}

    def mail() -> list[str]:
        return [it["message"] for it in control(hannibal.server, "GET", "mail") if it["subject"].startswith("PAUSED")]

    assert settings.names.limit_topic not in told(limit)
    assert morning() == {"ENABLED"}
    assert settings.names.limit_topic in told(limit + 1)
    wait_for(lambda: len(mail()) == 1)
    assert "hannibal resume --env dev" in mail()[0]
    assert "NOT DONE" not in mail()[0]
    wait_for(lambda: phase(hannibal) == "paused")
    assert morning() == {"DISABLED"}
    assert "until an operator resumes, because the budget is spent" in hannibal("status", "--check")
    assert told(limit + 2) == []
    drift = read_drift(aws_of(cloudformation=cloudformation), (paused_by,))
    assert {it.logical_id.partition("Resume")[2][:4] for it in drift.resources} == {"Data", "Task", "Alar"}
    assert drift.unexpected == ()

    assert "schedule: enable nestjs-hannibal-3-ResumeTasks" in hannibal("resume", "--dry-run")
    hannibal("resume", "--yes")
    assert morning() == {"ENABLED"}
    wait_for(lambda: phase(hannibal) == "running")
    assert "Nothing to do" in hannibal("resume", "--yes")


@pytest.mark.usefixtures("running")
def test_a_stop_without_the_projects_name_is_refused(hannibal: Hannibal) -> None:
    assert "add --yes" in hannibal("stop", code=ExitCode.REFUSED)
    assert "Kept: IdentityStack" in hannibal("stop", "--dry-run")
    assert hannibal.statuses() == dict.fromkeys(names.ALL_STACKS, "CREATE_COMPLETE")


@pytest.mark.usefixtures("running")
def test_an_interrupted_stop_is_repeated_and_keeps_the_data(hannibal: Hannibal) -> None:
    write_diary(hannibal)
    # ECS deletes no cluster in which a task runs.
    hannibal("run", "--detach", "--", "sleep", "600")
    aside = put_aside(hannibal)
    plan = " ".join(hannibal("stop", "--dry-run").split())
    assert "Stopped first: one-off task" in plan
    assert f"Deleted first, with a final snapshot of its own: former database {aside}" in plan
    # So that it has not ended before the test has read the line.
    with fault(hannibal.server, "deletion_takes", load_settings("dev").names.database):
        process = hannibal.begin("stop", "--yes")
        assert process.stdout is not None
        # As soon as CloudFormation has begun, or has just ended, with the first of the three.
        next(line for line in process.stdout if "DELETE_" in line and names.EDGE_STACK in line)
        os.kill(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == ExitCode.CANCELLED
    assert "goes on by itself" in errors

    result = json.loads(hannibal("stop", "--yes", "--json"))
    assert hannibal.statuses() == dict.fromkeys(names.PERSISTENT_STACKS, "CREATE_COMPLETE")
    assert (result["snapshot"]["status"], result["snapshot"]["final"]) == ("available", True)
    assert {"bucket", "secret", "snapshot", "log group"} <= {leftover["kind"] for leftover in result["leftovers"]}
    assert "dev is stopped" in hannibal("status")
    assert "kept: the newest" in hannibal("snapshots", "list")
    rds = hannibal.server.session().client("rds")
    (kept,) = rds.describe_db_snapshots(DBInstanceIdentifier=aside)["DBSnapshots"]
    assert (kept["DBSnapshotIdentifier"], kept["Status"]) == (f"{aside}-final", "available")
    assert kept["DBSnapshotIdentifier"] in {it["name"] for it in result["leftovers"]}
    rds.delete_db_snapshot(DBSnapshotIdentifier=kept["DBSnapshotIdentifier"])


@pytest.mark.usefixtures("running")
def test_a_restore_that_begins_while_the_month_ends_keeps_no_stop_from_ending(hannibal: Hannibal) -> None:
    """No check sees another operator's a second before: its copy is in the groups that the stack deletes."""
    settings, rds = load_settings("dev"), hannibal.server.session().client("rds")
    before = {it["name"] for it in snapshots(hannibal)}
    hannibal("snapshots", "take", "--yes")
    taken = snapshots(hannibal)[0]["name"]
    (month,) = rds.describe_db_instances(DBInstanceIdentifier=settings.names.database)["DBInstances"]
    with fault(hannibal.server, "deletion_takes"):
        process = hannibal.begin("stop", "--yes")
        wait_for(lambda: rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] == "deleting")
        rds.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier=settings.names.coming_database,
            DBSnapshotIdentifier=taken,
            DBSubnetGroupName=month["DBSubnetGroup"]["DBSubnetGroupName"],
            Tags=[{"Key": "RestoredTo", "Value": taken}],
        )
    _, errors = process.communicate(timeout=LIMIT_SECONDS)
    assert process.returncode == ExitCode.FAILED, errors
    assert hannibal.statuses()[names.STORAGE_STACK] == "DELETE_FAILED"
    assert "`hannibal restore --let-go`" in hannibal("stop", "--yes", code=ExitCode.REFUSED)
    to_it = hannibal("restore", "--to", taken, "--yes", code=ExitCode.REFUSED)
    assert "the month has ended meanwhile" in " ".join(to_it.split())
    hannibal("restore", "--let-go", "--yes")
    result = json.loads(hannibal("stop", "--yes", "--json"))
    assert result["snapshot"]["final"]
    assert hannibal.statuses() == dict.fromkeys(names.PERSISTENT_STACKS, "CREATE_COMPLETE")
    for made in {it["name"] for it in snapshots(hannibal)} - before:
        rds.delete_db_snapshot(DBSnapshotIdentifier=made)


def put_aside(hannibal: Hannibal) -> str:
    """Another instance in the groups of the month's, as a restore leaves one."""
    rds, name = hannibal.server.session().client("rds"), load_settings("dev").names.database
    hannibal("snapshots", "take", "--yes")
    (snapshot,) = snapshots(hannibal)
    (month,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
    aside = f"{name}-before-20261126-090000"
    rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier=aside,
        DBSnapshotIdentifier=snapshot["name"],
        DBParameterGroupName=month["DBParameterGroups"][0]["DBParameterGroupName"],
        DBSubnetGroupName=month["DBSubnetGroup"]["DBSubnetGroupName"],
        DeletionProtection=True,
    )
    rds.get_waiter("db_instance_available").wait(
        DBInstanceIdentifier=aside, WaiterConfig={"Delay": 1, "MaxAttempts": 900}
    )
    rds.delete_db_snapshot(DBSnapshotIdentifier=snapshot["name"])
    assert aside in " ".join(hannibal("status").split())
    return aside


def test_a_dry_run_says_what_validation_finds(hannibal: Hannibal) -> None:
    if names.COMPUTE_STACK in hannibal.statuses() or not hannibal.statuses():
        stop(hannibal)
    ecs, cluster = hannibal.server.session().client("ecs"), load_settings("dev").names.cluster
    ecs.create_cluster(clusterName=cluster)
    before = hannibal.statuses()

    refusal = hannibal("start", "--dry-run", code=ExitCode.REFUSED)

    taken = f"Resource of type 'AWS::ECS::Cluster' with identifier '{cluster}' already exists."
    assert "CloudFormation's validation: ComputeStack/" in refusal
    assert taken in " ".join(refusal.split())
    assert hannibal.statuses() == before
    ecs.delete_cluster(cluster=cluster)


def test_the_next_month_starts_with_the_data_of_the_last(hannibal: Hannibal) -> None:
    if not snapshots(hannibal):
        start(hannibal)
        write_diary(hannibal)
        stop(hannibal)
    (snapshot,) = snapshots(hannibal)
    assert f"restored from {snapshot['name']}" in hannibal("start", "--yes")
    with hannibal.database() as connection:
        assert connection.execute("SELECT month FROM diary").fetchall() == [("first",)]


@pytest.mark.usefixtures("running")
def test_a_killed_command_leaves_its_cdk_alone_and_a_repeat_waits_for_it(hannibal: Hannibal) -> None:
    # RDS makes no final snapshot of a database that is stopped.
    hannibal("pause", "--yes")
    assert "Started first: the database" in hannibal("stop", "--dry-run")
    with fault(hannibal.server, "deletion_takes"):
        process = hannibal.begin("stop", "--yes")
        assert process.stdout is not None
        next(line for line in process.stdout if "DELETE_" in line and names.EDGE_STACK in line)
        process.kill()
        process.communicate(timeout=LIMIT_SECONDS)
        (lock,) = (hannibal.root / ".hannibal").glob("cdk-*.lock")
        other = read_holder(lock)
        assert other is not None
        os.kill(other.process, signal.SIGSTOP)  # so that it is still there when the repeat looks
    repeat = hannibal.begin("stop", "--yes")
    assert repeat.stdout is not None
    next(line for line in repeat.stdout if f"waiting for {other.text}" in line)
    os.kill(other.process, signal.SIGCONT)
    output, errors = repeat.communicate(timeout=LIMIT_SECONDS)
    assert repeat.returncode == ExitCode.DONE, output + errors
    assert hannibal.statuses() == dict.fromkeys(names.PERSISTENT_STACKS, "CREATE_COMPLETE")


def test_pruning_leaves_the_newest(hannibal: Hannibal) -> None:
    while len(snapshots(hannibal)) < 2:
        stop(hannibal)
    hannibal("snapshots", "prune", "--keep", "1", "--dry-run")
    older, newest = sorted(snapshots(hannibal), key=lambda it: str(it["created"]))
    # Nobody has tagged it: it has only just been made.
    assert json.loads(hannibal("snapshots", "prune", "--keep", "1", "--yes", "--json"))["deleted"] == []
    untagged = hannibal("snapshots", "prune", "--keep", "1", "--untagged", "--yes", "--json")
    assert json.loads(untagged)["deleted"] == [older["name"]]
    (left,) = snapshots(hannibal)
    assert left["name"] == newest["name"]
