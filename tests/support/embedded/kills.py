"""Kills the embedded AWS again and again while months are started, used and ended, and looks for what it has lost.

``python -m tests.support.embedded.kills --kills 200 --seed 1`` prints each kill and ends with an error at the first
loss. What a caller was told must be there afterwards: rows, snapshots, parameters, objects, secrets, task definitions,
and the end of each operation. The repeat of an interrupted operation must end well.
"""

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.embedded.conftest import EmbeddedAws
from tests.support.embedded.database import connect
from tests.support.waiting import LIMIT_SECONDS

STACK, DATABASE, BUCKET, SECRET, PARAMETER = "StorageStack", "kept-db", "kept-bucket", "kept/secret", "/kept/release"
_PASSWORD = "correct-horse-1"
# A start or an end of a month makes about as many writes.
_MOST_WRITES = 900
_MOST_SECONDS = 7.0
TEMPLATE = {
    "Parameters": {"Snapshot": {"Type": "String", "Default": ""}},
    "Resources": {
        "Network": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.9.0.0/16"}},
        **{
            f"Subnet{zone}": {
                "Type": "AWS::EC2::Subnet",
                "Properties": {
                    "VpcId": {"Ref": "Network"},
                    "CidrBlock": f"10.9.{number}.0/24",
                    "AvailabilityZone": f"ap-northeast-1{zone}",
                },
            }
            for number, zone in enumerate("ac")
        },
        "Group": {
            "Type": "AWS::RDS::DBSubnetGroup",
            "Properties": {
                "DBSubnetGroupName": "kept-group",
                "DBSubnetGroupDescription": "of the database",
                "SubnetIds": [{"Ref": "Subneta"}, {"Ref": "Subnetc"}],
            },
        },
        "Database": {
            "Type": "AWS::RDS::DBInstance",
            "DeletionPolicy": "Snapshot",
            "Properties": {
                "DBInstanceIdentifier": DATABASE,
                "DBInstanceClass": "db.t4g.micro",
                "Engine": "postgres",
                "AllocatedStorage": "20",
                "MasterUsername": "hannibal",
                "MasterUserPassword": _PASSWORD,
                "DBSubnetGroupName": {"Ref": "Group"},
                "DBSnapshotIdentifier": {"Ref": "Snapshot"},
            },
        },
        "Cluster": {"Type": "AWS::ECS::Cluster", "Properties": {"ClusterName": "kept-cluster"}},
        "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/kept"}},
    },
}
_GONE = (BotoCoreError, psycopg.OperationalError)


class LostError(AssertionError):
    """Something is gone that a caller was told of, or a repeat did not end well."""


class Kills:
    """One server that is killed, and what it must still know.

    Args:
        server: not started yet.
        seed: decides when it is killed and what is done meanwhile.
    """

    def __init__(self, server: EmbeddedAws, seed: int) -> None:
        self._server = server
        self._random = random.Random(seed)  # noqa: S311 - no secret
        self._clients: dict[str, Any] = {}
        self._rows: set[int] = set()
        self._kept: dict[str, set[str]] = {}
        self._snapshots: set[str] = set()
        self._numbers = iter(range(1, 1_000_000))
        self.kills = 0
        self.months = 0
        self.writes = 0

    def run(self, kills: int) -> None:
        """Kill so many times, then look once more without a kill.

        Raises:
            LostError: something is lost.
        """
        while self.kills < kills:
            kill = self._start()
            try:
                while True:
                    self._step()
            except _GONE:
                self._reap()
                self.kills += 1
                print(f"{self.kills:4}: {kill}; {self.months} months, {self.writes} writes", flush=True)
        self._server.start()
        try:
            while self._status() != "CREATE_COMPLETE":
                self._step()
            self._look()
        finally:
            self._server.close()

    # -- killing ---------------------------------------------------------------------------------------------
    def _start(self) -> str:
        if self._random.random() < 0.5:
            number = self._random.randint(1, _MOST_WRITES)
            try:
                self._server.start(killed_at_write=number)
            except AssertionError:
                if self._server.exit_code is None:
                    raise  # it does not start, though it was not killed
            return f"before write {number}"
        seconds = self._random.uniform(0.2, _MOST_SECONDS)
        self._server.start()
        timer = threading.Timer(seconds, self._server.kill)
        timer.daemon = True
        timer.start()
        return f"after {seconds:.3f} s"

    def _reap(self) -> None:
        code = self._server.wait()
        if code != -signal.SIGKILL:
            raise LostError(f"the server ended by itself, with exit code {code}: {self._server.log_file}")

    # -- what is done ----------------------------------------------------------------------------------------
    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._make_client(service)
        return self._clients[service]

    def _make_client(self, service: str) -> Any:
        config: Any = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=LIMIT_SECONDS)
        session: Any = self._server.session()
        return session.client(service, config=config)

    def _step(self) -> None:
        """The next thing that an operator would do: an interrupted operation is repeated first."""
        status = self._status()
        if status.endswith("_IN_PROGRESS"):
            time.sleep(0.05)
        elif status == "":
            self._begin_month()
        elif status == "CREATE_COMPLETE":
            self._look()
            for _ in range(self._random.randint(1, 4)):
                self._random.choice((self._insert, self._write, self._write))()
            if self._random.random() < 0.7:
                self._client("cloudformation").delete_stack(StackName=STACK)
        elif status in ("ROLLBACK_FAILED", "DELETE_FAILED"):
            self._see_the_interruption(status)
            self._client("cloudformation").delete_stack(StackName=STACK)
        else:
            self._see_the_interruption(status)

    def _see_the_interruption(self, status: str) -> None:
        """A stack that failed without a kill is a repeat that does not end well."""
        events = self._client("cloudformation").describe_stack_events(StackName=STACK)["StackEvents"]
        if "embedded AWS ended" not in events[0].get("ResourceStatusReason", ""):
            reasons = [one["ResourceStatusReason"] for one in events if one["ResourceStatus"].endswith("_FAILED")]
            raise LostError(f"the stack is {status}: {reasons}")

    def _status(self) -> str:
        """Of the stack; empty between two months."""
        try:
            (stack,) = self._client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        except ClientError:
            return ""
        return str(stack["StackStatus"])

    def _begin_month(self) -> None:
        newest = max(self._read_snapshots(), key=lambda one: one["SnapshotCreateTime"], default=None)
        if newest is None and self._rows:
            raise LostError("there were rows, and there is no snapshot")
        self._client("cloudformation").create_stack(
            StackName=STACK,
            TemplateBody=json.dumps(TEMPLATE),
            Parameters=[
                {"ParameterKey": "Snapshot", "ParameterValue": newest["DBSnapshotIdentifier"] if newest else ""}
            ],
        )
        self.months += 1

    def _insert(self) -> None:
        number = next(self._numbers)
        with self._connect() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
            connection.execute("INSERT INTO kept VALUES (%s)", (number,))
        self._rows.add(number)
        self.writes += 1

    def _write(self) -> None:
        """One write that is answered, of one of five services."""
        value = str(next(self._numbers))
        kind = self._random.choice(("parameter", "object", "secret", "definition", "log"))
        if kind == "parameter":
            self._client("ssm").put_parameter(Name=f"{PARAMETER}/{value}", Value=value, Type="String")
        elif kind == "object":
            with suppress(ClientError):  # it is there already
                place = {"LocationConstraint": "ap-northeast-1"}
                self._client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
            self._client("s3").put_object(Bucket=BUCKET, Key=value, Body=value.encode())
        elif kind == "secret":
            self._client("secretsmanager").create_secret(Name=f"{SECRET}/{value}", SecretString=value)
        elif kind == "definition":
            container = {"name": "api", "image": f"api:{value}", "memory": 128}
            self._client("ecs").register_task_definition(family=f"kept-{value}", containerDefinitions=[container])
        else:
            self._client("logs").create_log_stream(logGroupName="/kept", logStreamName=value)
            return  # goes with the month's log group
        self._kept.setdefault(kind, set()).add(value)
        self.writes += 1

    # -- what must be there ----------------------------------------------------------------------------------
    def _look(self) -> None:
        with self._connect() as connection:
            table = connection.execute("SELECT to_regclass('kept')").fetchall()[0][0]
            rows = {row[0] for row in connection.execute("SELECT number FROM kept")} if table else set()
        self._compare("rows", {str(one) for one in self._rows}, {str(one) for one in rows})
        self._read_snapshots()
        pages = self._client("ssm").get_paginator("get_parameters_by_path").paginate(Path=PARAMETER)
        self._compare("parameter", None, {one["Value"] for page in pages for one in page["Parameters"]})
        if "object" in self._kept:
            pages = self._client("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
            found = {one["Key"] for page in pages for one in page.get("Contents", [])}
            self._compare("object", None, found)
            key = self._random.choice(sorted(self._kept["object"]))
            body = self._client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
            self._compare("content of an object", {key}, {body.decode()})
        pages = self._client("secretsmanager").get_paginator("list_secrets").paginate()
        self._compare("secret", None, {one["Name"].rpartition("/")[2] for page in pages for one in page["SecretList"]})
        pages = self._client("ecs").get_paginator("list_task_definition_families").paginate(familyPrefix="kept-")
        families = {one.removeprefix("kept-") for page in pages for one in page["families"]}
        self._compare("definition", None, families)

    def _read_snapshots(self) -> list[dict[str, Any]]:
        pages = self._client("rds").get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=DATABASE)
        found = [one for page in pages for one in page["DBSnapshots"]]
        names = {one["DBSnapshotIdentifier"] for one in found}
        self._compare("snapshots", self._snapshots, names)
        self._snapshots |= names
        return found

    def _compare(self, what: str, told: set[str] | None, found: set[str]) -> None:
        lost = (self._kept.get(what, set()) if told is None else told) - found
        if lost:
            raise LostError(f"kill {self.kills}: lost {what}: {sorted(lost)}")

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        (instance,) = self._client("rds").describe_db_instances(DBInstanceIdentifier=DATABASE)["DBInstances"]
        if instance["DBInstanceStatus"] != "available":
            raise LostError(f"the database of a complete stack is {instance['DBInstanceStatus']}")
        port = instance["Endpoint"]["Port"]
        return connect(self._server, f"postgresql://hannibal:{_PASSWORD}@localhost:{port}/postgres?sslmode=verify-full")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="kills-") as folder:
        server = EmbeddedAws(Path(folder))
        began = time.monotonic()
        try:
            kills = Kills(server, options.seed)
            kills.run(options.kills)
        except LostError as error:
            subprocess.run(["tail", "-n", "30", str(server.log_file)], check=False)
            sys.exit(str(error))
        finally:
            server.close()
        minutes = (time.monotonic() - began) / 60
        print(
            f"{kills.kills} kills, {kills.months} months, {kills.writes} writes in {minutes:.0f} minutes: nothing lost"
        )


if __name__ == "__main__":
    main()
