"""A small stack with a database, whose server is killed while months of it are started, used and ended.

Acknowledged writes must exist afterwards: rows, snapshots, parameters, objects, secrets, task definitions, the
records of seven other services, and the end of each operation. A snapshot must not exist after an acknowledged
deletion. The repetition of an interrupted operation must succeed. Meanwhile, other instances are restored, from
snapshots and to points in time.
"""

import json
import time
from contextlib import suppress
from typing import Any

import psycopg
from botocore.exceptions import ClientError

from tests.support.embedded import kept_records
from tests.support.embedded.database import connect
from tests.support.embedded.killing import Killing, LostError
from tests.support.embedded.server import EmbeddedAws

STACK, DATABASE, BUCKET, SECRET, PARAMETER = "StorageStack", "kept-db", "kept-bucket", "kept/secret", "/kept/release"
_RESTORED = "kept-db-restored"
_PASSWORD = "correct-horse-1"
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


class Kills(Killing):
    """A small stack with a database, and writes of twelve services."""

    def __init__(self, server: EmbeddedAws, seed: int) -> None:
        super().__init__(server, seed)
        self._kept: dict[str, set[str]] = {}
        self._snapshots: set[str] = set()
        self._deleted: set[str] = set()
        self._rows_in: dict[str, set[int]] = {}  # by snapshot
        self._least: set[int] = set()  # the rows that a restore must have

    def is_complete(self) -> bool:
        return self._status() == "CREATE_COMPLETE" and not self._restored()

    # -- what is done ----------------------------------------------------------------------------------------
    def step(self) -> None:
        status = self._status()
        if status.endswith("_IN_PROGRESS"):
            time.sleep(0.05)
        elif status == "":
            self._begin_month()
        elif status == "CREATE_COMPLETE":
            self._use()
        elif status in ("ROLLBACK_FAILED", "DELETE_FAILED"):
            self.see_the_interruption(STACK, status)
            self.client("cloudformation").delete_stack(StackName=STACK)
        else:
            self.see_the_interruption(STACK, status)

    def _use(self) -> None:
        if restored := self._restored():
            self._end_restore(restored)
            return
        self.look()
        for _ in range(self.random.randint(1, 4)):
            self.random.choice((self._insert, self._write, self._write, self._record, self._take, self._drop))()
        if self.random.random() < 0.3:
            self._restore()
        elif self.random.random() < 0.7:
            self.client("cloudformation").delete_stack(StackName=STACK)

    def _status(self) -> str:
        """Status of the stack; empty between two months."""
        try:
            (stack,) = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        except ClientError:
            return ""
        return str(stack["StackStatus"])

    def _begin_month(self) -> None:
        newest = max(self._read_snapshots(), key=lambda one: one["SnapshotCreateTime"], default=None)
        if newest is None and self._rows:
            raise LostError("there were rows, and there is no snapshot")
        self.client("cloudformation").create_stack(
            StackName=STACK,
            TemplateBody=json.dumps(TEMPLATE),
            Parameters=[
                {"ParameterKey": "Snapshot", "ParameterValue": newest["DBSnapshotIdentifier"] if newest else ""}
            ],
        )
        self.months += 1

    def _write(self) -> None:
        """Do one write of one of five services, and remember it once it is answered."""
        value = str(self.next_number())
        kind = self.random.choice(("parameter", "object", "secret", "definition", "log"))
        if kind == "parameter":
            self.client("ssm").put_parameter(Name=f"{PARAMETER}/{value}", Value=value, Type="String")
        elif kind == "object":
            with suppress(ClientError):  # it already exists
                place = {"LocationConstraint": "ap-northeast-1"}
                self.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
            self.client("s3").put_object(Bucket=BUCKET, Key=value, Body=value.encode())
        elif kind == "secret":
            self.client("secretsmanager").create_secret(Name=f"{SECRET}/{value}", SecretString=value)
        elif kind == "definition":
            container = {"name": "api", "image": f"api:{value}", "memory": 128}
            self.client("ecs").register_task_definition(family=f"kept-{value}", containerDefinitions=[container])
        else:
            self.client("logs").create_log_stream(logGroupName="/kept", logStreamName=value)
            return  # is deleted with the month's log group
        self._kept.setdefault(kind, set()).add(value)
        self.writes += 1

    def _record(self) -> None:
        kind = self.random.choice(sorted(kept_records.MAKE))
        name = f"{kept_records.BEGINNING}{self.next_number()}"
        kept_records.MAKE[kind](self.client, name)
        self._kept.setdefault(kind, set()).add(name)
        self.writes += 1

    def _take(self) -> None:
        """Take a manual snapshot of the current rows."""
        name = f"{DATABASE}-by-hand-{self.next_number()}"
        self.client("rds").create_db_snapshot(DBInstanceIdentifier=DATABASE, DBSnapshotIdentifier=name)
        self._snapshots.add(name)
        self._rows_in[name] = set(self._rows)
        self.writes += 1

    def _drop(self) -> None:
        """Delete a snapshot other than the newest. Until the answer, it may exist or not."""
        oldest = sorted(self._read_snapshots(), key=lambda one: one["SnapshotCreateTime"])[:-1]
        if not oldest:
            return
        name = self.random.choice(oldest)["DBSnapshotIdentifier"]
        self._snapshots.discard(name)
        self.client("rds").delete_db_snapshot(DBSnapshotIdentifier=name)
        self._deleted.add(name)
        self.writes += 1

    def _restore(self) -> None:
        """Start to restore another instance, from the newest snapshot or to the latest restorable time."""
        snapshots = self._read_snapshots()
        if not snapshots or self.random.random() < 0.5:
            # Rows since the last copy of the log may be lost: up to five minutes on AWS.
            self._least = set()
            rds = self.client("rds")
            with suppress(rds.exceptions.InvalidDBInstanceStateFault):  # it has no restorable time yet
                rds.restore_db_instance_to_point_in_time(
                    SourceDBInstanceIdentifier=DATABASE,
                    TargetDBInstanceIdentifier=_RESTORED,
                    UseLatestRestorableTime=True,
                )
        else:
            newest = max(snapshots, key=lambda one: one["SnapshotCreateTime"])["DBSnapshotIdentifier"]
            self._least = self._rows_in.get(newest, set())
            self.client("rds").restore_db_instance_from_db_snapshot(
                DBInstanceIdentifier=_RESTORED, DBSnapshotIdentifier=newest, DBSubnetGroupName="kept-group"
            )

    def _restored(self) -> str:
        """State of the restored instance; empty where there is none."""
        try:
            (found,) = self.client("rds").describe_db_instances(DBInstanceIdentifier=_RESTORED)["DBInstances"]
        except ClientError:
            return ""
        return str(found["DBInstanceStatus"])

    def _end_restore(self, state: str) -> None:
        """Check the restored instance when it is available, and delete it; after a kill it may have failed."""
        if state not in ("available", "failed") and not state.startswith("incompatible-"):
            time.sleep(0.05)
            return
        if state == "available":
            with self._connect(_RESTORED) as connection:
                self._see_rows(connection, "rows of a restore", self._least)
        self.client("rds").delete_db_instance(DBInstanceIdentifier=_RESTORED, SkipFinalSnapshot=True)

    # -- what must be there ----------------------------------------------------------------------------------
    def look(self) -> None:
        with self._connect() as connection:
            self._see_rows(connection, "rows", self._rows)
        self._read_snapshots()
        pages = self.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=PARAMETER)
        self._compare("parameter", None, {one["Value"] for page in pages for one in page["Parameters"]})
        if "object" in self._kept:
            pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
            found = {one["Key"] for page in pages for one in page.get("Contents", [])}
            self._compare("object", None, found)
            key = self.random.choice(sorted(self._kept["object"]))
            body = self.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read()
            self._compare("content of an object", {key}, {body.decode()})
        pages = self.client("secretsmanager").get_paginator("list_secrets").paginate()
        self._compare("secret", None, {one["Name"].rpartition("/")[2] for page in pages for one in page["SecretList"]})
        pages = self.client("ecs").get_paginator("list_task_definition_families").paginate(familyPrefix="kept-")
        families = {one.removeprefix("kept-") for page in pages for one in page["families"]}
        self._compare("definition", None, families)
        for kind in sorted(kept_records.READ):
            if kind in self._kept:
                self._compare(kind, None, kept_records.READ[kind](self.client))

    def _read_snapshots(self) -> list[dict[str, Any]]:
        pages = self.client("rds").get_paginator("describe_db_snapshots").paginate(DBInstanceIdentifier=DATABASE)
        found = [one for page in pages for one in page["DBSnapshots"]]
        names = {one["DBSnapshotIdentifier"] for one in found}
        self._compare("snapshots", self._snapshots, names)
        if back := self._deleted & names:
            raise LostError(f"kill {self.kills}: snapshots were deleted, and are there again: {sorted(back)}")
        self._snapshots |= names
        return found

    def _compare(self, subject: str, reported: set[str] | None, found: set[str]) -> None:
        self.compare(subject, self._kept.get(subject, set()) if reported is None else reported, found)

    def _connect(self, name: str = DATABASE) -> psycopg.Connection[tuple[Any, ...]]:
        (instance,) = self.client("rds").describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        if instance["DBInstanceStatus"] != "available":
            raise LostError(f"the database of a complete stack is {instance['DBInstanceStatus']}")
        port = instance["Endpoint"]["Port"]
        return connect(self.server, f"postgresql://hannibal:{_PASSWORD}@localhost:{port}/postgres?sslmode=verify-full")
