"""Whole months with the unmodified CDK command line: what was written in one is read in the next."""

import copy
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from installation import names
from ops.errors import ExitCode
from tests.conftest import ROOT
from tests.support import forked_command
from tests.support.embedded import small_assembly
from tests.support.embedded.database import connect
from tests.support.embedded.faults import fault
from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.small_assembly import parameter
from tests.support.waiting import LIMIT_SECONDS, wait_for

pytestmark = pytest.mark.embedded
CLI = ROOT / "node_modules/.bin/cdk"


class Cdk:
    """The CDK command line against one embedded AWS, with the assembly of the session."""

    def __init__(self, server: EmbeddedAws, assembly: Path) -> None:
        self.server, self.assembly = server, assembly
        self._arguments = ["--app", str(assembly)]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [CLI, *arguments, *self._arguments],
            cwd=ROOT,
            env=self.server.environment | {"CI": "true"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        )

    def __call__(self, *arguments: str, succeeds: bool = True) -> str:
        process = self.start(*arguments)
        output, _ = process.communicate(timeout=LIMIT_SECONDS)
        assert (process.returncode == 0) is succeeds, output
        return output

    def start_month(self) -> str:
        return self("deploy", names.COMPUTE_STACK, "--require-approval", "never")

    def end_month(self) -> str:
        return self("destroy", names.STORAGE_STACK, "--force")


def statuses(server: EmbeddedAws) -> dict[str, str]:
    """The application's stacks and how they are; those that are deleted are left out."""
    stacks = server.session().client("cloudformation").describe_stacks()["Stacks"]
    return {it["StackName"]: it["StackStatus"] for it in stacks if it["StackName"] in names.ALL_STACKS}


def output(server: EmbeddedAws, stack: str, name: str) -> str:
    (found,) = server.session().client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    value: str = next(it["OutputValue"] for it in found["Outputs"] if it["OutputKey"] == name)
    return value


def database(server: EmbeddedAws) -> psycopg.Connection[tuple[Any, ...]]:
    """A connection by the very string that the service gets."""
    secret = output(server, names.STORAGE_STACK, "DatabaseUrlSecret")
    url = server.session().client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    return connect(server, url)


def password(server: EmbeddedAws) -> str:
    """The master user's, as it stands in the secret by its kept name."""
    found = server.session().client("secretsmanager").get_secret_value(SecretId="hannibal/db/password")
    value: str = json.loads(found["SecretString"])["password"]
    return value


@pytest.fixture(scope="module")
def month(assembly: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cdk]:
    """A server on which everything was deployed once."""
    server = EmbeddedAws(tmp_path_factory.mktemp("months"), options=("--clock-factor", "60"))
    cdk = Cdk(server, assembly("dev"))
    try:
        server.start()
        cdk("bootstrap")
        cdk("deploy", "--all", "--require-approval", "never")
        yield cdk
    finally:
        server.close()


def test_all_eight_stacks_are_created(month: Cdk) -> None:
    assert statuses(month.server) == dict.fromkeys(names.ALL_STACKS, "CREATE_COMPLETE")


def test_what_is_deployed_is_what_is_synthesized(month: Cdk) -> None:
    differences = month("diff", "--all", "--fail")
    assert "Number of stacks with differences: 0" in differences


# The command is killed right after AWS has answered what changes something, for the Nth time.
KILLED = """
import os, signal
from botocore.client import BaseClient
asked, left = BaseClient._make_api_call, [{}]
def ask(client, operation, arguments):
    answer = asked(client, operation, arguments)
    if client.meta.service_model.service_name == "rds" and not operation.startswith("Describe"):
        left[0] -= 1
        print("changed by", operation, flush=True)
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
    return answer
BaseClient._make_api_call = ask
"""


def hannibal(server: EmbeddedAws, *arguments: str, killed_after: int = 0) -> tuple[str, bool]:
    """What the command prints, and whether it came to its end."""
    done = forked_command.run(
        *arguments,
        folder=ROOT,
        environment=server.environment | {"COLUMNS": "160"},
        prelude=KILLED.format(killed_after) if killed_after else "",
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stdout + done.stderr
    return done.stdout, done.returncode == 0


def said(server: EmbeddedAws, *arguments: str, code: int = 0) -> str:
    """All that the command prints, in one line."""
    done = forked_command.run(*arguments, folder=ROOT, environment=server.environment | {"COLUMNS": "400"})
    assert done.returncode == code, done.stdout + done.stderr
    return " ".join((done.stdout + done.stderr).split())


def kill_at_every_step(server: EmbeddedAws, *arguments: str) -> list[str]:
    """Run a command again and again, killed after each single change; what was its last change each time.

    Where the change shows nowhere, as that of a password, the next run is killed after the change that follows.
    """
    rds, steps = server.session().client("rds"), list[str]()
    number, seen = 1, ""
    while True:
        output, ended = hannibal(server, *arguments, killed_after=number)
        if ended:
            return steps
        steps.append([line for line in output.splitlines() if line.startswith("changed by")][-1].split()[-1])
        assert len(steps) < 20, steps
        wait_for(lambda: "renaming" not in _states(rds))  # until then a restore is refused, and says so
        found = rds.describe_db_instances()["DBInstances"]
        keys = ("DBInstanceIdentifier", "DbiResourceId", "TagList", "DeletionProtection")
        now = repr([[it.get(key) for key in keys] for it in found])
        number, seen = (number + 1 if now == seen else 1), now


def _states(rds: Any) -> set[str]:
    return {it["DBInstanceStatus"] for it in rds.describe_db_instances()["DBInstances"]}


def drifted(server: EmbeddedAws) -> list[str]:
    """Resources of the month's database that are not as their stack says."""
    cloudformation = server.session().client("cloudformation")
    detection = cloudformation.detect_stack_drift(StackName=names.STORAGE_STACK)["StackDriftDetectionId"]

    def ended() -> bool:
        found = cloudformation.describe_stack_drift_detection_status(StackDriftDetectionId=detection)
        return bool(found["DetectionStatus"] != "DETECTION_IN_PROGRESS")

    wait_for(ended)
    found = cloudformation.describe_stack_resource_drifts(StackName=names.STORAGE_STACK)["StackResourceDrifts"]
    return sorted(it["LogicalResourceId"] for it in found if it["StackResourceDriftStatus"] != "IN_SYNC")


def test_rows_of_before_come_back_though_the_restore_is_killed_at_every_step(month: Cdk) -> None:
    server = month.server
    rds, cloudformation = server.session().client("rds"), server.session().client("cloudformation")
    before, stacks = drifted(server), cloudformation.describe_stacks()["Stacks"]
    name = "nestjs-hannibal-3-db"
    with database(server) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1), (2)")
        until = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=1)  # as people write it
        moment = until.isoformat()
        wait_for(lambda: datetime.now(UTC) > until)
        connection.execute("DELETE FROM kept WHERE n = 2")
    described = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]

    def restorable() -> bool:
        latest = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0].get("LatestRestorableTime")
        return latest is not None and latest > until

    wait_for(restorable)
    assert "renam" in hannibal(server, "restore", "--to", moment, "--dry-run")[0]
    steps = kill_at_every_step(server, "restore", "--to", moment, "--yes")
    assert {*steps} == {
        *("RestoreDBInstanceToPointInTime", "ModifyDBInstance", "AddTagsToResource", "RemoveTagsFromResource"),
    }
    assert steps.count("ModifyDBInstance") >= 3, steps
    assert "is done. To repeat it" in hannibal(server, "restore", "--to", moment, "--yes")[0]
    with database(server) as connection:  # by the very string that the service has had all the time
        assert connection.execute("SELECT n FROM kept ORDER BY n").fetchall() == [(1,), (2,)]
    now = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    assert now["DbiResourceId"] != described["DbiResourceId"]
    own = ("DbiResourceId", "InstanceCreateTime", "LatestRestorableTime", "TagList")
    assert {key: value for key, value in now.items() if key not in own} == {
        key: value for key, value in described.items() if key not in own
    }
    tags = [{it["Key"]: it["Value"] for it in each["TagList"]} for each in (described, now)]
    assert tags[1] == {key: value for key, value in tags[0].items() if not key.startswith("aws:")}
    assert drifted(server) == before

    (former,) = (it for it in rds.describe_db_instances()["DBInstances"] if it["DBInstanceIdentifier"] != name)
    assert former["DBInstanceIdentifier"].startswith(f"{name}-before-")
    assert former["DeletionProtection"]
    assert former["DBInstanceIdentifier"] in hannibal(server, "restore", "--let-go", "--dry-run")[0]
    assert "DeleteDBInstance" in kill_at_every_step(server, "restore", "--let-go", "--yes")
    assert [it["DBInstanceIdentifier"] for it in rds.describe_db_instances()["DBInstances"]] == [name]
    (final,) = rds.describe_db_snapshots(DBInstanceIdentifier=former["DBInstanceIdentifier"])["DBSnapshots"]
    assert (final["DBSnapshotIdentifier"], final["Status"]) == (f"{former['DBInstanceIdentifier']}-final", "available")
    rds.delete_db_snapshot(DBSnapshotIdentifier=final["DBSnapshotIdentifier"])
    assert [it.get("LastUpdatedTime") for it in cloudformation.describe_stacks()["Stacks"]] == [
        it.get("LastUpdatedTime") for it in stacks
    ]


def test_a_database_that_rds_has_given_up_is_replaced_as_the_doctor_says(month: Cdk) -> None:
    """Each command is one that was printed before it."""
    server, name = month.server, "nestjs-hannibal-3-db"
    rds = server.session().client("rds")
    with database(server) as connection:
        connection.execute("CREATE TABLE rescued (n int)")
        connection.execute("INSERT INTO rescued VALUES (1)")
    written = datetime.now(UTC)

    def restorable() -> bool:
        found = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        return bool(found["LatestRestorableTime"] > written)

    wait_for(restorable)
    with fault(server, "database_fails", name):
        wait_for(lambda: rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] == "failed")
    assert "the database is failed: `hannibal doctor database`" in said(server, "status")
    advised = said(server, "doctor", "database", code=ExitCode.UNHEALTHY)
    assert "hannibal restore --env dev --to TIME" in advised
    latest = hannibal(server, "restore")[0].partition(" to ")[2].split("\n")[0].strip().replace(" ", "T")
    to = ("restore", "--to", latest, "--yes")
    advised = said(server, *to, code=ExitCode.FAILED)
    assert "the copy is ready" in advised
    command = re.search(r"`aws (rds delete-db-instance [^`]*)`", advised)
    assert command
    subprocess.run([sys.executable, "-m", "awscli", *command[1].split()], env=server.environment, check=True)
    wait_for(lambda: name not in {it["DBInstanceIdentifier"] for it in rds.describe_db_instances()["DBInstances"]})
    assert "a restore to" in said(server, "stop", "--yes", code=ExitCode.REFUSED)
    assert "Done: the rows are those of" in hannibal(server, *to)[0]
    with database(server) as connection:  # by the string that the service has had all the time
        assert connection.execute("SELECT n FROM rescued").fetchall() == [(1,)]
    assert [it["DBInstanceIdentifier"] for it in rds.describe_db_instances()["DBInstances"]] == [name]
    hannibal(server, "doctor", "database")


def end_and_start_without_waiting(month: Cdk) -> None:
    """End a month in express mode, and start the next one while the database is still being deleted."""
    server = month.server
    rds, cloudformation = server.session().client("rds"), server.session().client("cloudformation")
    with fault(server, "deletion_takes"):
        before = rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
        ended = month("destroy", names.STORAGE_STACK, "--force", "--express")
        assert names.STORAGE_STACK not in statuses(server), ended
        assert [it["DBInstanceStatus"] for it in rds.describe_db_instances()["DBInstances"]] == ["deleting"]
        assert rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"] == before
        refused = month("deploy", names.STORAGE_STACK, "--require-approval", "never", succeeds=False)
        assert "Resource of type 'AWS::RDS::DBInstance' with identifier" in refused
        # Without validation, so that the function itself meets the instance that goes and the snapshot that comes.
        cloudformation.delete_stack(StackName=names.STORAGE_STACK)
        cloudformation.create_stack(
            StackName=names.STORAGE_STACK,
            TemplateBody=(month.assembly / f"{names.STORAGE_STACK}.template.json").read_text(),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            DisableValidation=True,
        )

        def asked() -> bool:
            events = cloudformation.describe_stack_events(StackName=names.STORAGE_STACK)["StackEvents"]
            return any(it["ResourceType"] == names.RESTORE_POINT_TYPE for it in events)

        wait_for(asked)
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=names.STORAGE_STACK, WaiterConfig={"Delay": 1, "MaxAttempts": int(LIMIT_SECONDS)}
    )


def test_a_row_is_read_in_each_of_the_next_two_months(month: Cdk) -> None:
    server = month.server
    with database(server) as connection:
        connection.execute("CREATE TABLE diary (month text)")
        connection.execute("INSERT INTO diary VALUES ('first')")
    passwords = [password(server)]
    for number, name in enumerate(("second", "third"), start=1):
        if name == "third":
            end_and_start_without_waiting(month)
        else:
            month.end_month()
            assert statuses(server) == dict.fromkeys(names.PERSISTENT_STACKS, "CREATE_COMPLETE")
        month.start_month()
        assert statuses(server).keys() == {*names.PERSISTENT_STACKS, names.STORAGE_STACK, names.COMPUTE_STACK}
        with database(server) as connection:
            assert len(connection.execute("SELECT month FROM diary").fetchall()) == number
            connection.execute("INSERT INTO diary VALUES (%s)", (name,))
        passwords.append(password(server))
    assert len(set(passwords)) == len(passwords), "each month has another one"
    snapshots = server.session().client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]
    assert len(snapshots) == 2


def test_a_deployment_in_the_middle_of_a_month_keeps_the_instance(month: Cdk) -> None:
    rds = month.server.session().client("rds")
    before, kept = rds.describe_db_instances()["DBInstances"][0]["DbiResourceId"], password(month.server)
    month("deploy", names.STORAGE_STACK, "--exclusively", "--force", "--require-approval", "never")
    assert rds.describe_db_instances()["DBInstances"][0]["DbiResourceId"] == before
    assert password(month.server) == kept


def test_termination_protection_keeps_what_outlives_the_month(month: Cdk) -> None:
    refusal = month("destroy", names.GUARDRAIL_STACK, "--force", "--exclusively", succeeds=False)
    assert "TerminationProtection" in refusal
    assert statuses(month.server)[names.GUARDRAIL_STACK] == "CREATE_COMPLETE"


def test_destroying_twice_is_destroying_once(month: Cdk) -> None:
    month.end_month()
    month.end_month()
    assert set(statuses(month.server)) == set(names.PERSISTENT_STACKS)


def test_tls_to_the_origin_is_turned_on_and_off_between_two_months(month: Cdk, assembly: Callable[[str], Path]) -> None:
    """A group takes 60 rules, CloudFront's list counts as 55, and CloudFormation makes a rule before it deletes one."""
    server = month.server
    ec2, cloudformation = server.session().client("ec2"), server.session().client("cloudformation")
    own, now = (
        json.loads((assembly(variant) / f"{names.NETWORK_STACK}.template.json").read_text())
        for variant in ("dev", "zone")
    )

    def admitted() -> list[int]:
        """Ports that CloudFront reaches, in all groups."""
        filters: Any = [{"Name": "vpc-id", "Values": [output(server, names.NETWORK_STACK, "VpcId")]}]
        groups = ec2.describe_security_groups(Filters=filters)["SecurityGroups"]
        rules = [rule for group in groups for rule in group["IpPermissions"] if rule["PrefixListIds"]]
        return sorted(rule["FromPort"] for rule in rules)

    def update(template: Any) -> list[int]:
        cloudformation.update_stack(
            StackName=names.NETWORK_STACK, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"]
        )
        waiter = cloudformation.get_waiter("stack_update_complete")
        waiter.wait(StackName=names.NETWORK_STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 900})
        return admitted()

    assert admitted() == [80, 443]
    assert update(now) == [443]

    # As this stack was with a zone before there was a second group: the only group let CloudFront in by TLS.
    former = copy.deepcopy(own)
    resources = former["Resources"]
    (only,) = (key for key in resources if key.startswith("SecurityGroupsLoadBalancerFromCloudFront"))
    resources[only]["Properties"] |= {"FromPort": 443, "ToPort": 443}
    former["Resources"] = {key: it for key, it in resources.items() if "LoadBalancerTls" not in key}
    assert update(former) == [443]
    assert update(now) == [443]
    assert update(own) == [80, 443]


def test_a_deployment_that_was_killed_half_way_is_repeated(month: Cdk) -> None:
    server = month.server
    process = month.start("deploy", names.COMPUTE_STACK, "--require-approval", "never")

    def begun() -> bool:
        assert process.poll() is None, process.communicate()[0]
        return names.STORAGE_STACK in statuses(server)

    wait_for(begun)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=LIMIT_SECONDS)
    month.start_month()
    assert statuses(server)[names.COMPUTE_STACK] == "CREATE_COMPLETE"
    with database(server) as connection:
        assert connection.execute("SELECT count(*) FROM diary").fetchone() == (3,)


def test_a_snapshot_that_is_still_being_made_is_waited_for(month: Cdk) -> None:
    server = month.server
    order = server.state_folder / "database" / "snapshots.json"
    order.write_text(json.dumps({"seconds": 300}))  # five seconds at this clock
    try:
        server.session().client("rds").create_db_snapshot(
            DBSnapshotIdentifier="by-hand",
            DBInstanceIdentifier=output(server, names.STORAGE_STACK, "DatabaseIdentifier"),
        )
    finally:
        order.unlink()
    month.end_month()
    month.start_month()
    with database(server) as connection:
        assert connection.execute("SELECT count(*) FROM diary").fetchone() == (3,)


def test_a_newest_snapshot_that_failed_stops_the_start_and_says_so(month: Cdk) -> None:
    server = month.server
    rds = server.session().client("rds")
    order = server.state_folder / "database" / "snapshots.json"
    order.write_text(json.dumps({"outcome": "failed"}))
    try:
        rds.create_db_snapshot(
            DBSnapshotIdentifier="broken",
            DBInstanceIdentifier=output(server, names.STORAGE_STACK, "DatabaseIdentifier"),
        )
    finally:
        order.unlink()
    # The final snapshot would be newer and good; without it the failed one is the newest.
    month.end_month()
    good = [s["DBSnapshotIdentifier"] for s in rds.describe_db_snapshots()["DBSnapshots"] if s["Status"] == "available"]
    newest = max(good, key=lambda name: str(_created(rds, name)))
    rds.delete_db_snapshot(DBSnapshotIdentifier=newest)
    refusal = month("deploy", names.STORAGE_STACK, "--require-approval", "never", succeeds=False)
    assert "broken, and it is failed" in refusal
    rds.delete_db_snapshot(DBSnapshotIdentifier="broken")
    month.start_month()


def _created(rds: Any, name: str) -> object:
    return rds.describe_db_snapshots(DBSnapshotIdentifier=name)["DBSnapshots"][0]["SnapshotCreateTime"]


def test_the_cdks_other_commands_work_as_the_runbook_says(month: Cdk, tmp_path: Path) -> None:
    """Find a failure and take it back, adopt what exists, rename what stays, look for what nobody uses."""
    session = month.server.session()
    cloudformation, ssm = session.client("cloudformation"), session.client("ssm")
    one = {"One": parameter("/small/one", "1")}
    body = json.dumps({"Resources": one})
    cloudformation.create_stack(StackName=small_assembly.NAME, TemplateBody=body)
    cloudformation.get_waiter("stack_create_complete").wait(
        StackName=small_assembly.NAME, WaiterConfig={"Delay": 1, "MaxAttempts": 900}
    )
    ssm.put_parameter(Name="/small/taken", Type="String", Value="by hand")
    failing = {"One": parameter("/small/one", "2"), "Taken": parameter("/small/taken", "x")}
    body = json.dumps({"Resources": failing})
    # Without validation, which would find the name before anything changes.
    cloudformation.update_stack(
        StackName=small_assembly.NAME, TemplateBody=body, DisableRollback=True, DisableValidation=True
    )

    def status() -> str:
        found: str = cloudformation.describe_stacks(StackName=small_assembly.NAME)["Stacks"][0]["StackStatus"]
        return found

    wait_for(lambda: status() == "UPDATE_FAILED")
    failed = Cdk(month.server, small_assembly.write(tmp_path / "failing", failing))
    diagnosis = failed("diagnose", small_assembly.NAME, "--unstable", "diagnose", succeeds=False)
    assert "The parameter already exists" in diagnosis
    failed("rollback", small_assembly.NAME, "--toolkit-stack-name", "CDKToolkit")
    assert (status(), ssm.get_parameter(Name="/small/one")["Parameter"]["Value"]) == ("UPDATE_ROLLBACK_COMPLETE", "1")

    session.client("s3").create_bucket(
        Bucket="small-kept", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    bucket = {"Type": "AWS::S3::Bucket", "DeletionPolicy": "Retain", "Properties": {"BucketName": "small-kept"}}
    (tmp_path / "mapping.json").write_text(json.dumps({"Kept": {"BucketName": "small-kept"}}))
    adopting = Cdk(month.server, small_assembly.write(tmp_path / "adopting", {**one, "Kept": bucket}))
    adopting("import", small_assembly.NAME, "--resource-mapping", str(tmp_path / "mapping.json"))
    assert status() == "IMPORT_COMPLETE"

    renamed = {"Renamed": one["One"], "Kept": bucket}
    renaming = Cdk(month.server, small_assembly.write(tmp_path / "renaming", renamed))
    renaming("refactor", "--unstable", "refactor", "--force")
    resources = cloudformation.describe_stack_resources(StackName=small_assembly.NAME)["StackResources"]
    physical = {it["LogicalResourceId"]: it["PhysicalResourceId"] for it in resources}
    assert physical == {"Renamed": "/small/one", "Kept": "small-kept"}
    assert "There were no differences" in renaming("diff", small_assembly.NAME, "--method", "template")

    unused = month("gc", "--unstable", "gc", "--action", "print", "--type", "s3", "--confirm", "false")
    assert "eligible for deletion" in unused
    cloudformation.delete_stack(StackName=small_assembly.NAME)


def test_a_configuration_that_does_not_fit_is_one_message(month: Cdk, tmp_path: Path) -> None:
    result = subprocess.run(
        [CLI, "synth", "-c", "env=staging", "--output", str(tmp_path)],
        cwd=ROOT,
        env=month.server.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=LIMIT_SECONDS,
    )
    assert result.returncode != 0
    assert "staging.yaml; environments are: dev, prod" in result.stderr
    assert "Traceback" not in result.stderr
