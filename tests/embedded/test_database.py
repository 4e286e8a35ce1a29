"""RDS with a real PostgreSQL: rows that outlive months and restarts, and what AWS would refuse."""

import json
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from botocore.exceptions import ClientError
from psycopg.conninfo import make_conninfo

from tests.support.embedded.database import authority
from tests.support.embedded.faults import fault
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded

PASSWORD = "correct-horse-1"
CLASS = "db.t4g.micro"


class Account:
    """Instances, snapshots and stacks of one server, and how they are waited for."""

    def __init__(self, server: EmbeddedAws) -> None:
        session = server.session()
        self.rds: Any = session.client("rds")
        self.stacks: Any = session.client("cloudformation")
        ec2 = session.client("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        self.subnets = [
            ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"ap-northeast-1{zone}")[
                "Subnet"
            ]["SubnetId"]
            for number, zone in enumerate("acc")
        ]

    def instance(self, name: str) -> dict[str, Any]:
        described: dict[str, Any] = self.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        return described

    def wait_for_instance(self, name: str, status: str = "available") -> dict[str, Any]:
        def reached() -> dict[str, Any] | None:
            described = self.instance(name)
            assert described["DBInstanceStatus"] != "failed"
            return described if described["DBInstanceStatus"] == status else None

        return wait_for(reached, f"{name} is {status}") or {}

    def delete(self, name: str, **final: Any) -> None:
        """Delete an instance and wait until it is gone."""
        self.rds.delete_db_instance(DBInstanceIdentifier=name, **(final or {"SkipFinalSnapshot": True}))
        self.wait_for_deletion(name)

    def wait_for_deletion(self, name: str) -> None:
        def gone() -> bool:
            found = self.rds.describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": [name]}])[
                "DBInstances"
            ]
            assert "failed" not in [it["DBInstanceStatus"] for it in found]
            return not found

        wait_for(gone, f"{name} is gone")

    def snapshots(self, name: str) -> list[dict[str, Any]]:
        listed: list[dict[str, Any]] = self.rds.describe_db_snapshots(DBInstanceIdentifier=name)["DBSnapshots"]
        return listed

    def create(self, name: str, **changed: Any) -> None:
        options = {
            "AllocatedStorage": 20,
            "DBInstanceClass": CLASS,
            "Engine": "postgres",
            "EngineVersion": "17.6",
            "MasterUserPassword": PASSWORD,
            "MasterUsername": "hannibal",
            "StorageType": "gp3",
        }
        self.rds.create_db_instance(DBInstanceIdentifier=name, **(options | changed))

    def connect(self, name: str, password: str = PASSWORD, **changed: str) -> "psycopg.Connection[tuple[Any, ...]]":
        endpoint = self.instance(name)["Endpoint"]
        wanted = {"user": "hannibal", "dbname": "postgres", "sslmode": "require", "password": password} | changed
        address = {"host": endpoint["Address"], "port": endpoint["Port"]}
        return psycopg.connect(make_conninfo(**address, **wanted), autocommit=True)

    def rows(self, name: str, password: str = PASSWORD) -> list[int]:
        with self.connect(name, password) as connection:
            return [row[0] for row in connection.execute("SELECT n FROM kept ORDER BY n")]

    def deploy(self, stack: str, resources: dict[str, Any], *, update: bool = False) -> str:
        """Create or update a stack and return the status that it ends in."""
        call = self.stacks.update_stack if update else self.stacks.create_stack
        call(StackName=stack, TemplateBody=json.dumps({"Resources": resources}))
        return self.wait_for_stack(stack)

    def destroy(self, stack: str) -> str:
        identifier = self.stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
        self.stacks.delete_stack(StackName=stack)
        return self.wait_for_stack(identifier)

    def wait_for_stack(self, stack: str) -> str:
        wait_for(lambda: not self.status(stack).endswith("_PROGRESS"), f"{stack} is stable")
        return self.status(stack)

    def status(self, stack: str) -> str:
        status: str = self.stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        return status

    def reasons(self, stack: str) -> str:
        events = self.stacks.describe_stack_events(StackName=stack)["StackEvents"]
        return "\n".join(event.get("ResourceStatusReason", "") for event in events)

    def resources(self, name: str | None, snapshot: str = "", **changed: Any) -> dict[str, Any]:
        """The resources of a database as CDK writes them; without a name CloudFormation gives one."""
        properties = {
            "AllocatedStorage": "20",
            "BackupRetentionPeriod": 7,
            "CopyTagsToSnapshot": True,
            "DBInstanceClass": CLASS,
            "DBParameterGroupName": {"Ref": "Parameters"},
            "DBSnapshotIdentifier": snapshot,
            "DBSubnetGroupName": {"Ref": "Subnets"},
            "Engine": "postgres",
            "EngineVersion": "17.6",
            "MasterUserPassword": PASSWORD,
            "MasterUsername": "hannibal",
            "StorageEncrypted": True,
            "StorageType": "gp3",
            "Tags": [{"Key": "Project", "Value": "hannibal"}],
        } | changed
        if name:
            properties["DBInstanceIdentifier"] = name
        return {
            "Subnets": {
                "Type": "AWS::RDS::DBSubnetGroup",
                "Properties": {"DBSubnetGroupDescription": "two zones", "SubnetIds": self.subnets[:2]},
            },
            "Parameters": {
                "Type": "AWS::RDS::DBParameterGroup",
                "Properties": {
                    "Description": "connections",
                    "Family": "postgres17",
                    "Parameters": {"max_connections": "100", "rds.force_ssl": "1"},
                },
            },
            "Database": {
                "Type": "AWS::RDS::DBInstance",
                "DeletionPolicy": "Snapshot",
                "UpdateReplacePolicy": "Snapshot",
                "Properties": properties,
            },
        }


@pytest.fixture(scope="module")
def account(embedded_aws: EmbeddedAws) -> Account:
    return Account(embedded_aws)


@pytest.fixture(scope="module")
def database(account: Account) -> Iterator[str]:
    """An instance that tests share; each leaves it available and with its password."""
    name = f"shared-{uuid4().hex[:6]}"
    account.rds.create_db_parameter_group(
        DBParameterGroupName=f"{name}-group", DBParameterGroupFamily="postgres17", Description="of the shared instance"
    )
    account.create(name, DBName="app", DBParameterGroupName=f"{name}-group", MultiAZ=False)
    created = account.instance(name)
    assert created["DBInstanceStatus"] == "creating"
    assert "Endpoint" not in created
    account.wait_for_instance(name)
    with account.connect(name) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    yield name
    account.delete(name)
    account.rds.delete_db_parameter_group(DBParameterGroupName=f"{name}-group")


def _refusal(error: pytest.ExceptionInfo[ClientError]) -> tuple[str, str]:
    answer = error.value.response["Error"]
    return answer["Code"], answer["Message"]


# -- an instance ------------------------------------------------------------------------------------------


def test_the_endpoint_is_on_this_machine_only(account: Account, database: str) -> None:
    endpoint = account.instance(database)["Endpoint"]
    assert endpoint["Address"] == "127.0.0.1"
    with socket.create_connection(("127.0.0.1", endpoint["Port"])):
        pass


def test_the_master_user_is_no_superuser_but_may_create(account: Account, database: str) -> None:
    with account.connect(database, dbname="app") as connection:
        assert connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone() == (False,)
        connection.execute("CREATE TABLE own (n int)")
        for extension in ("citext", '"uuid-ossp"', "pgcrypto", "vector"):
            connection.execute(f"CREATE EXTENSION {extension}")
        (identifier,) = connection.execute("SELECT uuid_generate_v4()").fetchone() or ("",)
        assert UUID(str(identifier)).version == 4
        connection.execute("CREATE ROLE reader LOGIN PASSWORD 'another-one-1'")


def test_a_connection_needs_the_password(account: Account, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        account.connect(database, "wrong-horse-1")


def test_a_connection_must_be_encrypted(account: Account, database: str) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"no pg_hba\.conf entry for host .*, no encryption"):
        account.connect(database, sslmode="disable")


def test_the_certificate_can_be_verified(
    embedded_aws: EmbeddedAws, account: Account, database: str, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    file.write_text(authority(embedded_aws))
    account.connect(database, sslmode="verify-full", sslrootcert=str(file)).close()


def test_parameters_are_applied_at_once_or_by_a_reboot(account: Account, database: str) -> None:
    def change(name: str, value: str, method: str) -> None:
        account.rds.modify_db_parameter_group(
            DBParameterGroupName=f"{database}-group",
            Parameters=[{"ParameterName": name, "ParameterValue": value, "ApplyMethod": method}],
        )

    def setting(name: str) -> object:
        with account.connect(database, sslmode="prefer") as connection:
            row = connection.execute(f"SHOW {name}").fetchone()
            return row and row[0]

    assert setting("max_connections") == "112"  # the default of the instance's class, which is not 100
    change("log_min_duration_statement", "250", "immediate")
    assert setting("log_min_duration_statement") == "250ms"
    change("rds.force_ssl", "0", "immediate")
    account.connect(database, sslmode="disable").close()
    change("rds.force_ssl", "1", "immediate")
    with pytest.raises(ClientError, match="cannot use immediate apply method for static parameter"):
        change("max_connections", "100", "immediate")
    with pytest.raises(ClientError, match="Could not find parameter with name: max_conections"):
        change("max_conections", "100", "immediate")
    change("max_connections", "100", "pending-reboot")
    assert setting("max_connections") == "112"
    assert account.instance(database)["DBParameterGroups"][0]["ParameterApplyStatus"] == "pending-reboot"
    account.rds.reboot_db_instance(DBInstanceIdentifier=database)
    described = account.wait_for_instance(database)
    assert described["DBParameterGroups"][0]["ParameterApplyStatus"] == "in-sync"
    assert setting("max_connections") == "100"


def test_the_master_password_can_be_changed(account: Account, database: str) -> None:
    account.rds.modify_db_instance(DBInstanceIdentifier=database, MasterUserPassword="another-horse-2")
    assert account.rows(database, "another-horse-2") == [1]
    with pytest.raises(psycopg.OperationalError):
        account.connect(database)
    account.rds.modify_db_instance(DBInstanceIdentifier=database, MasterUserPassword=PASSWORD)


def test_an_instance_stops_and_starts_at_the_same_port(account: Account, database: str) -> None:
    before = account.instance(database)["Endpoint"]
    account.rds.stop_db_instance(DBInstanceIdentifier=database)
    account.wait_for_instance(database, "stopped")
    with pytest.raises(psycopg.OperationalError, match="refused"):
        account.connect(database)
    with pytest.raises(ClientError, match="InvalidDBInstanceState"):
        account.rds.stop_db_instance(DBInstanceIdentifier=database)
    with pytest.raises(ClientError, match="not currently in the available state"):
        account.rds.create_db_snapshot(DBInstanceIdentifier=database, DBSnapshotIdentifier="of-what-is-stopped")
    with pytest.raises(ClientError, match="not currently in the available state"):
        account.rds.delete_db_instance(DBInstanceIdentifier=database, FinalDBSnapshotIdentifier="of-what-is-stopped")
    with pytest.raises(ClientError, match="InvalidDBInstanceState"):
        account.rds.modify_db_instance(DBInstanceIdentifier=database, BackupRetentionPeriod=3)
    account.rds.start_db_instance(DBInstanceIdentifier=database)
    assert account.wait_for_instance(database)["Endpoint"] == before
    assert account.rows(database) == [1]


def test_a_caller_sees_the_states_on_the_way(embedded_aws: EmbeddedAws, account: Account, database: str) -> None:
    """``creating`` and ``rebooting`` are those of other tests."""
    name = "passing"
    account.create(name)
    account.wait_for_instance(name)
    with fault(embedded_aws, "stopping_takes"):
        answer = account.rds.stop_db_instance(DBInstanceIdentifier=name)["DBInstance"]
        assert answer["DBInstanceStatus"] == account.instance(name)["DBInstanceStatus"] == "stopping"
        with pytest.raises(ClientError, match="InvalidDBInstanceState"):
            account.rds.start_db_instance(DBInstanceIdentifier=name)
    account.wait_for_instance(name, "stopped")
    with fault(embedded_aws, "starting_takes"):
        answer = account.rds.start_db_instance(DBInstanceIdentifier=name)["DBInstance"]
        assert answer["DBInstanceStatus"] == account.instance(name)["DBInstanceStatus"] == "starting"
        with pytest.raises(ClientError, match="InvalidDBInstanceState"):
            account.rds.stop_db_instance(DBInstanceIdentifier=name)
    account.wait_for_instance(name)
    modifications: list[tuple[str, dict[str, Any]]] = [
        ("modifying", {"BackupRetentionPeriod": 3, "ApplyImmediately": True}),
        ("resetting-master-credentials", {"MasterUserPassword": "another-horse-2"}),
    ]
    for status, changed in modifications:
        with fault(embedded_aws, "modifying_takes"):
            answer = account.rds.modify_db_instance(DBInstanceIdentifier=name, **changed)["DBInstance"]
            # As RDS: the answer is that of before.
            assert (answer["DBInstanceStatus"], account.instance(name)["DBInstanceStatus"]) == ("available", status)
            for refused in (account.rds.stop_db_instance, account.rds.modify_db_instance):
                with pytest.raises(ClientError, match="InvalidDBInstanceState"):
                    refused(DBInstanceIdentifier=name)
        account.wait_for_instance(name)
    with fault(embedded_aws, "modifying_takes"):
        # A tenth more at least, and for hours no second time; all else goes on meanwhile.
        account.rds.modify_db_instance(DBInstanceIdentifier=name, AllocatedStorage=21, ApplyImmediately=True)
        found = account.instance(name)
        assert (found["DBInstanceStatus"], found["AllocatedStorage"]) == ("storage-optimization", 22)
        with pytest.raises(ClientError, match="previous storage change is being optimized"):
            account.rds.modify_db_instance(DBInstanceIdentifier=name, AllocatedStorage=40, ApplyImmediately=True)
        account.rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier="while-optimized")
        account.rds.modify_db_instance(DBInstanceIdentifier=name, BackupRetentionPeriod=4, ApplyImmediately=True)
    account.wait_for_instance(name)
    account.rds.delete_db_snapshot(DBSnapshotIdentifier="while-optimized")
    with fault(embedded_aws, "deletion_takes"):
        account.rds.delete_db_instance(
            DBInstanceIdentifier=name, SkipFinalSnapshot=False, FinalDBSnapshotIdentifier="of-passing"
        )
        assert account.instance(name)["DBInstanceStatus"] == "deleting"
        assert account.snapshots(name) == []
        with pytest.raises(ClientError, match="already being deleted"):
            account.rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    account.wait_for_deletion(name)
    assert [it["DBSnapshotIdentifier"] for it in account.snapshots(name)] == ["of-passing"]
    account.rds.delete_db_snapshot(DBSnapshotIdentifier="of-passing")


def test_an_instance_is_refused_with_the_words_of_rds(account: Account, database: str) -> None:
    with pytest.raises(ClientError) as error:
        account.create(database)
    assert _refusal(error) == ("DBInstanceAlreadyExists", "DB instance already exists")
    with pytest.raises(ClientError) as error:
        account.create("other", MasterUserPassword='with"quote-1')
    assert _refusal(error)[0] == "InvalidParameterValue"
    assert "Only printable ASCII characters besides '/', '@', '\"', ' ' may be used." in _refusal(error)[1]
    with pytest.raises(ClientError) as error:
        account.create("other", DBSubnetGroupName="missing")
    assert _refusal(error)[0] == "DBSubnetGroupNotFoundFault"
    with pytest.raises(ClientError) as error:
        account.rds.modify_db_instance(DBInstanceIdentifier=database, AllocatedStorage=19)
    assert _refusal(error) == (
        "InvalidParameterCombination",
        "Invalid storage size for engine name postgres and storage type gp3: 19",
    )


def test_a_protected_instance_is_not_deleted(account: Account, database: str) -> None:
    account.rds.modify_db_instance(DBInstanceIdentifier=database, DeletionProtection=True)
    with pytest.raises(ClientError) as error:
        account.rds.delete_db_instance(DBInstanceIdentifier=database, SkipFinalSnapshot=True)
    assert _refusal(error) == (
        "InvalidParameterCombination",
        "Cannot delete protected DB Instance, please disable deletion protection and try again.",
    )
    account.rds.modify_db_instance(DBInstanceIdentifier=database, DeletionProtection=False)


# -- snapshots --------------------------------------------------------------------------------------------


def offered(account: Account) -> list[str]:
    pages = account.rds.get_paginator("describe_db_engine_versions").paginate(Engine="postgres")
    return [one["EngineVersion"] for page in pages for one in page["DBEngineVersions"]]


def test_a_snapshot_keeps_what_was_there_when_it_was_made(
    embedded_aws: EmbeddedAws, account: Account, database: str
) -> None:
    made = account.rds.create_db_snapshot(DBInstanceIdentifier=database, DBSnapshotIdentifier="keep-1")["DBSnapshot"]
    assert made["Status"] == "creating"
    assert "SnapshotCreateTime" not in made
    with account.connect(database) as connection:
        connection.execute("INSERT INTO kept VALUES (2)")
    found = account.snapshots(database)[0]
    assert found["Status"] == "available"
    assert found["SnapshotType"] == "manual"
    assert (found["MasterUsername"], found["EngineVersion"], found["AllocatedStorage"]) == ("hannibal", "17.6", 20)
    with pytest.raises(ClientError, match="a snapshot with the identifier keep-1 already exists"):
        account.rds.create_db_snapshot(DBInstanceIdentifier=database, DBSnapshotIdentifier="keep-1")
    # RDS withdraws minor versions, also of snapshots.
    with fault(embedded_aws, "version_withdrawn", "17.6"):
        assert "17.6" not in offered(account)
        with pytest.raises(ClientError, match=r"Cannot find version 17\.6 for postgres"):
            account.create("refused")
        account.rds.restore_db_instance_from_db_snapshot(
            DBInstanceIdentifier="restored-1", DBSnapshotIdentifier="keep-1", DBInstanceClass=CLASS
        )
    assert "17.6" in offered(account)
    assert account.wait_for_instance("restored-1")["EngineVersion"] == "17.7"
    with pytest.raises(ClientError, match=r"Cannot upgrade postgres from 17\.7 to 17\.6"):
        account.rds.modify_db_instance(DBInstanceIdentifier="restored-1", EngineVersion="17.6")
    assert account.rows("restored-1") == [1]  # with the password of the snapshot
    account.delete("restored-1", SkipFinalSnapshot=False, FinalDBSnapshotIdentifier="final-1")
    assert [snapshot["DBSnapshotIdentifier"] for snapshot in account.snapshots("restored-1")] == ["final-1"]
    for name in ("keep-1", "final-1"):
        account.rds.delete_db_snapshot(DBSnapshotIdentifier=name)
    assert account.snapshots(database) == []
    with pytest.raises(ClientError, match="DBSnapshot keep-1 not found"):
        account.rds.describe_db_snapshots(DBSnapshotIdentifier="keep-1")


def test_a_snapshot_is_copied_and_not_shared_with_others(account: Account, database: str) -> None:
    account.rds.create_db_snapshot(DBInstanceIdentifier=database, DBSnapshotIdentifier="copied")
    tags = [{"Key": "Project", "Value": "hannibal"}]
    copy = account.rds.copy_db_snapshot(
        SourceDBSnapshotIdentifier="copied", TargetDBSnapshotIdentifier="copy", Tags=tags
    )["DBSnapshot"]
    assert (copy["Status"], copy["SnapshotType"], copy["TagList"]) == ("available", "manual", tags)
    # Only of another region or account does RDS say what it was copied from; of the times only one changes.
    assert "SourceDBSnapshotIdentifier" not in copy
    (source,) = account.rds.describe_db_snapshots(DBSnapshotIdentifier="copied")["DBSnapshots"]
    assert copy["OriginalSnapshotCreateTime"] == source["SnapshotCreateTime"] < copy["SnapshotCreateTime"]
    with pytest.raises(ClientError) as taken:
        account.rds.copy_db_snapshot(SourceDBSnapshotIdentifier="copied", TargetDBSnapshotIdentifier="copy")
    assert _refusal(taken)[0] == "DBSnapshotAlreadyExists"
    account.rds.delete_db_snapshot(DBSnapshotIdentifier="copied")
    shared = {"DBSnapshotIdentifier": "copy", "AttributeName": "restore"}
    answer = account.rds.modify_db_snapshot_attribute(**shared, ValuesToAdd=["111122223333"])
    attributes = [{"AttributeName": "restore", "AttributeValues": ["111122223333"]}]
    assert answer["DBSnapshotAttributesResult"]["DBSnapshotAttributes"] == attributes
    account.rds.modify_db_snapshot_attribute(**shared, ValuesToRemove=["111122223333"])
    described = account.rds.describe_db_snapshot_attributes(DBSnapshotIdentifier="copy")
    assert described["DBSnapshotAttributesResult"]["DBSnapshotAttributes"][0]["AttributeValues"] == []
    account.rds.restore_db_instance_from_db_snapshot(
        DBInstanceIdentifier="from-a-copy", DBSnapshotIdentifier="copy", DBInstanceClass=CLASS
    )
    account.wait_for_instance("from-a-copy")
    assert account.rows("from-a-copy") == account.rows(database)
    account.delete("from-a-copy")
    account.rds.delete_db_snapshot(DBSnapshotIdentifier="copy")


def test_one_zone_has_nothing_to_fail_over_to(account: Account, database: str) -> None:
    with pytest.raises(ClientError) as error:
        account.rds.reboot_db_instance(DBInstanceIdentifier=database, ForceFailover=True)
    assert _refusal(error)[0] == "InvalidParameterCombination"


def test_two_changes_at_once_are_made_one_after_the_other(account: Account, database: str) -> None:
    def change(_number: int) -> str:
        try:
            account.rds.modify_db_instance(
                DBInstanceIdentifier=database, MasterUserPassword=PASSWORD, ApplyImmediately=True
            )
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return "changed"

    with ThreadPoolExecutor() as pool:
        outcomes = set(pool.map(change, range(6)))
    assert outcomes <= {"changed", "InvalidDBInstanceState"}
    account.wait_for_instance(database)
    assert account.rows(database)


@pytest.mark.parametrize("name", ["by hand", "by-hand-", "by--hand", "1st", "rds:automatic"])
def test_a_snapshot_has_a_name_that_rds_takes(account: Account, database: str, name: str) -> None:
    with pytest.raises(ClientError) as error:
        account.rds.create_db_snapshot(DBInstanceIdentifier=database, DBSnapshotIdentifier=name)
    assert _refusal(error)[0] == "InvalidParameterValue"
    assert "The parameter DBSnapshotIdentifier is not a valid identifier." in _refusal(error)[1]


def test_a_class_that_rds_lacks_is_refused(account: Account, database: str) -> None:
    with pytest.raises(ClientError) as error:
        account.rds.modify_db_instance(DBInstanceIdentifier=database, DBInstanceClass="db.t9.micro")
    assert _refusal(error) == ("InvalidParameterValue", "Invalid DB Instance class: db.t9.micro")
    with pytest.raises(ClientError) as error:
        account.rds.modify_db_instance(DBInstanceIdentifier=database, BackupRetentionPeriod=36)
    assert _refusal(error)[0] == "InvalidParameterValue"


def test_a_region_has_so_many_manual_snapshots(embedded_aws: EmbeddedAws, account: Account, database: str) -> None:
    order = embedded_aws.state_folder / "database" / "snapshots.json"
    used = len(account.rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"])
    order.write_text(f'{{"most": {used}}}')
    try:
        quotas = {it["AccountQuotaName"]: it for it in account.rds.describe_account_attributes()["AccountQuotas"]}
        assert quotas["ManualSnapshots"] == {"AccountQuotaName": "ManualSnapshots", "Used": used, "Max": used}
        refused = ("SnapshotQuotaExceeded", f"Cannot create more than {used} manual snapshots")
        with pytest.raises(ClientError) as error:
            account.rds.create_db_snapshot(DBInstanceIdentifier=database, DBSnapshotIdentifier="one-more")
        assert _refusal(error) == refused
        with pytest.raises(ClientError) as error:
            account.rds.delete_db_instance(DBInstanceIdentifier=database, FinalDBSnapshotIdentifier="one-more")
        assert _refusal(error) == refused
    finally:
        order.unlink()
    (found,) = account.rds.describe_db_instances(DBInstanceIdentifier=database)["DBInstances"]
    assert found["DBInstanceStatus"] == "available"


def test_an_instance_is_no_replica_and_no_member_of_a_cluster(account: Account, database: str) -> None:
    (found,) = account.rds.describe_db_instances(DBInstanceIdentifier=database)["DBInstances"]
    assert not {"DBClusterIdentifier", "MonitoringRoleArn", "ReadReplicaSourceDBInstanceIdentifier"} & found.keys()


def test_a_snapshot_that_is_being_made_cannot_be_used(
    embedded_aws: EmbeddedAws, account: Account, database: str
) -> None:
    order = embedded_aws.state_folder / "database" / "snapshots.json"
    # On a busy machine five calls take longer than one would think.
    order.write_text('{"seconds": 6}')
    account.rds.create_db_snapshot(DBInstanceIdentifier=database, DBSnapshotIdentifier="slow-1")
    order.unlink()
    found = account.snapshots(database)[0]
    assert found["Status"] == "creating"
    assert "SnapshotCreateTime" not in found
    with pytest.raises(ClientError) as error:
        account.rds.delete_db_snapshot(DBSnapshotIdentifier="slow-1")
    assert _refusal(error)[0] == "InvalidDBSnapshotState"
    restore = {"DBInstanceIdentifier": "too-early", "DBSnapshotIdentifier": "slow-1", "DBInstanceClass": CLASS}
    with pytest.raises(ClientError) as error:
        account.rds.restore_db_instance_from_db_snapshot(**restore)
    assert _refusal(error)[0] == "InvalidDBSnapshotState"
    wait_for(lambda: account.snapshots(database)[0]["Status"] == "available")
    with pytest.raises(ClientError) as error:
        account.rds.restore_db_instance_from_db_snapshot(**restore, DBName="app")
    assert _refusal(error) == ("InvalidParameterValue", "DBName must be null when Restoring for this Engine.")
    with pytest.raises(ClientError) as error:
        account.rds.restore_db_instance_from_db_snapshot(**restore, AllocatedStorage=19)
    assert _refusal(error)[1] == "Invalid storage size for engine name postgres and storage type gp3: 19"
    with pytest.raises(ClientError) as error:
        account.rds.restore_db_instance_from_db_snapshot(**restore | {"DBSnapshotIdentifier": "missing"})
    assert _refusal(error) == ("DBSnapshotNotFound", "DBSnapshot missing not found.")
    account.rds.delete_db_snapshot(DBSnapshotIdentifier="slow-1")


# -- groups -----------------------------------------------------------------------------------------------


def test_a_subnet_group_covers_two_zones(account: Account) -> None:
    with pytest.raises(ClientError) as error:
        account.rds.create_db_subnet_group(
            DBSubnetGroupName="one-zone", DBSubnetGroupDescription="c and c", SubnetIds=account.subnets[1:]
        )
    code, message = _refusal(error)
    assert code == "DBSubnetGroupDoesNotCoverEnoughAZs"
    assert message == (
        "DB Subnet Group doesn't meet availability zone coverage requirement. Please add subnets to cover at least 2 "
        "availability zones. Current coverage: 1"
    )


def test_a_group_in_use_is_not_deleted(account: Account, database: str) -> None:
    with pytest.raises(ClientError) as error:
        account.rds.delete_db_parameter_group(DBParameterGroupName=f"{database}-group")
    assert _refusal(error)[0] == "InvalidDBParameterGroupState"
    assert f"are still members of this parameter group {database}-group" in _refusal(error)[1]


# -- CloudFormation ---------------------------------------------------------------------------------------


def test_a_stack_changes_its_database_in_place_and_never_replaces_it(account: Account) -> None:
    stack, name = "in-place", "in-place-db"
    assert account.deploy(stack, account.resources(name.title())) == "CREATE_COMPLETE"
    before = account.instance(name)
    with account.connect(name) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        assert connection.execute("SHOW max_connections").fetchone() == ("100",)

    changes = {"AllocatedStorage": "30", "DBInstanceClass": "db.t4g.small", "MasterUserPassword": "another-horse-2"}
    assert account.deploy(stack, account.resources(name.title(), **changes), update=True) == "UPDATE_COMPLETE"
    after = account.instance(name)
    assert (after["AllocatedStorage"], after["DBInstanceClass"]) == (30, "db.t4g.small")
    assert (after["DbiResourceId"], after["Endpoint"]) == (before["DbiResourceId"], before["Endpoint"])
    assert account.rows(name, "another-horse-2") == []

    account.rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier="other")
    replaced = account.resources(name.title(), "other", **changes)
    assert account.deploy(stack, replaced, update=True) == "UPDATE_ROLLBACK_COMPLETE"
    assert (
        "CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename in-place-db and "
        "update the stack again."
    ) in account.reasons(stack)

    smaller = account.resources(name.title(), **changes | {"AllocatedStorage": "20"})
    assert account.deploy(stack, smaller, update=True) == "UPDATE_ROLLBACK_COMPLETE"
    assert "Invalid storage size for engine name postgres and storage type gp3: 20" in account.reasons(stack)

    group = account.instance(name)["DBSubnetGroup"]["DBSubnetGroupName"]
    with pytest.raises(ClientError) as error:
        account.rds.delete_db_subnet_group(DBSubnetGroupName=group)
    assert _refusal(error) == (
        "InvalidDBSubnetGroupStateFault",
        f"Cannot delete the subnet group '{group}' because at least one database instance: {name} is still using it.",
    )
    assert account.destroy(stack) == "DELETE_COMPLETE"
    names = [snapshot["DBSnapshotIdentifier"] for snapshot in account.snapshots(name)]
    assert [known for known in names if known.startswith("in-place-snapshot-database-")]


def test_a_database_without_a_fixed_name_is_replaced_by_a_changed_snapshot_only(account: Account) -> None:
    stack = "replaced"
    assert account.deploy(stack, account.resources(None)) == "CREATE_COMPLETE"
    first = account.stacks.describe_stack_resource(StackName=stack, LogicalResourceId="Database")
    name = first["StackResourceDetail"]["PhysicalResourceId"]
    with account.connect(name) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    account.rds.create_db_snapshot(DBInstanceIdentifier=name, DBSnapshotIdentifier="replacing")
    with account.connect(name) as connection:
        connection.execute("INSERT INTO kept VALUES (2)")
    assert account.deploy(stack, account.resources(None, "replacing"), update=True) == "UPDATE_COMPLETE"
    second = account.stacks.describe_stack_resource(StackName=stack, LogicalResourceId="Database")
    successor = second["StackResourceDetail"]["PhysicalResourceId"]
    assert successor != name
    assert account.rows(successor) == [1]
    final = [snapshot["DBSnapshotIdentifier"] for snapshot in account.snapshots(name)]
    assert [known for known in final if known.startswith("replaced-snapshot-database-")]  # UpdateReplacePolicy

    account.deploy(stack, account.resources(None, "", BackupRetentionPeriod=8), update=True)
    third = account.stacks.describe_stack_resource(StackName=stack, LogicalResourceId="Database")
    assert third["StackResourceDetail"]["PhysicalResourceId"] == successor
    assert account.instance(successor)["BackupRetentionPeriod"] == 8
    account.destroy(stack)


def test_a_restore_that_rds_refuses_fails_the_stack_with_its_words(account: Account) -> None:
    status = account.deploy("refused", account.resources("refused-db", "missing"))
    assert status == "ROLLBACK_COMPLETE"
    assert "DBSnapshot missing not found." in account.reasons("refused")
    account.destroy("refused")
    with pytest.raises(ClientError, match="DBInstanceNotFound"):
        account.instance("refused-db")


def test_a_stack_that_wants_a_taken_name_leaves_that_database_alone(account: Account, database: str) -> None:
    """Whatever else is wrong with it, here the snapshot: a failed creation deletes what is its own."""
    template = json.dumps({"Resources": account.resources(database, "missing")})
    account.stacks.create_stack(StackName="taken", TemplateBody=template, DisableValidation=True)
    assert account.wait_for_stack("taken") == "ROLLBACK_COMPLETE"
    assert "DB instance already exists" in account.reasons("taken")
    account.destroy("taken")
    assert account.instance(database)["DBInstanceStatus"] == "available"


# -- months and restarts ----------------------------------------------------------------------------------


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[EmbeddedAws]:
    server = EmbeddedAws(tmp_path, options=("--clock-factor", "60"))
    server.start()
    yield server
    server.close()


def test_rows_outlive_months_and_restarts(own_server: EmbeddedAws) -> None:
    account = Account(own_server)
    name, snapshot, password = "months-db", "", ""
    for month in range(3):
        password = f"password-of-month-{month}"
        resources = account.resources(name, snapshot, MasterUserPassword=password)
        assert account.deploy("Months", resources) == "CREATE_COMPLETE"
        with account.connect(name, password) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
            connection.execute("INSERT INTO kept VALUES (%s)", (month,))
        if month == 1:
            account.rds.stop_db_instance(DBInstanceIdentifier=name)
            account.wait_for_instance(name, "stopped")
            _restart(own_server, signal.SIGTERM)
            assert account.instance(name)["DBInstanceStatus"] == "stopped"
            account.rds.start_db_instance(DBInstanceIdentifier=name)
            account.wait_for_instance(name)
            assert account.rows(name, password) == [0, 1]
        assert account.destroy("Months") == "DELETE_COMPLETE"
        made = account.snapshots(name)
        assert len(made) == month + 1
        assert all(found["DBSnapshotIdentifier"].startswith("months-snapshot-database-") for found in made)
        assert all(found["TagList"] == [{"Key": "Project", "Value": "hannibal"}] for found in made)
        snapshot = max(made, key=lambda found: found["SnapshotCreateTime"])["DBSnapshotIdentifier"]
    assert account.deploy("Months", account.resources(name, snapshot)) == "CREATE_COMPLETE"
    assert account.rows(name) == [0, 1, 2]

    # Killed: its databases end with it, and are there again at the same address.
    endpoint = account.instance(name)["Endpoint"]
    time.sleep(2.1)  # the record of the instance is saved every two seconds
    _restart(own_server, signal.SIGKILL)
    assert account.instance(name)["Endpoint"] == endpoint
    assert account.rows(name) == [0, 1, 2]
    with account.connect(name), account.connect(name):
        assert _wait_for_metric(own_server, name, "DatabaseConnections", at_least=2) == 2
    assert _wait_for_metric(own_server, name, "FreeStorageSpace", at_least=1) > 19 * 2**30


# -- a moment of before, and another name -----------------------------------------------------------------


def restored(account: Account, name: str, source: str, moment: datetime | None) -> None:
    when: dict[str, Any] = {"RestoreTime": moment} if moment else {"UseLatestRestorableTime": True}
    account.rds.restore_db_instance_to_point_in_time(
        SourceDBInstanceIdentifier=source, TargetDBInstanceIdentifier=name, **when
    )
    account.wait_for_instance(name)


def backup_window(account: Account, name: str) -> dict[str, datetime]:
    backups = account.rds.describe_db_instance_automated_backups(DBInstanceIdentifier=name)[
        "DBInstanceAutomatedBackups"
    ]
    window: dict[str, datetime] = backups[0]["RestoreWindow"]
    return window


def test_an_instance_goes_back_to_a_moment_and_takes_over_the_name(own_server: EmbeddedAws) -> None:
    account = Account(own_server)
    account.create("month", BackupRetentionPeriod=7, EngineVersion="17.6")
    account.wait_for_instance("month")
    with account.connect("month") as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
        moment = datetime.now(UTC)
        time.sleep(0.1)
        connection.execute("INSERT INTO kept VALUES (2)")
    wait_for(lambda: backup_window(account, "month").get("LatestTime", moment) > moment, "the log is uploaded")
    assert account.instance("month")["LatestRestorableTime"] > moment
    _restart(own_server, signal.SIGKILL)

    restored(account, "yesterday", "month", moment)
    assert account.rows("yesterday") == [1]
    assert account.rows("month") == [1, 2]
    new = account.instance("yesterday")
    assert (new["BackupRetentionPeriod"], new["MasterUsername"]) == (7, "hannibal")
    assert new["DBParameterGroups"][0]["DBParameterGroupName"].startswith("default.")

    # One takes over from the other by its name: the address is made of it, whoever has it.
    before = account.instance("month")["Endpoint"]
    rename = {"ApplyImmediately": True, "DBInstanceIdentifier": "month", "NewDBInstanceIdentifier": "month-before"}
    with fault(own_server, "rename_takes"):
        asked = account.rds.modify_db_instance(**rename)["DBInstance"]
        assert asked["PendingModifiedValues"]["DBInstanceIdentifier"] == "month-before"
        assert account.instance("month")["DBInstanceStatus"] == "renaming"
        with pytest.raises(ClientError) as error:
            account.rds.modify_db_instance(**rename)
        assert error.value.response["Error"]["Code"] == "InvalidDBInstanceState"
        _restart(own_server, signal.SIGKILL)  # a restart completes what had begun
    account.wait_for_instance("month-before")
    with pytest.raises(ClientError, match="DBInstanceNotFound"):
        account.instance("month")
    assert account.rows("month-before") == [1, 2]
    assert account.instance("month-before")["Endpoint"] != before

    account.rds.modify_db_instance(
        DBInstanceIdentifier="yesterday", NewDBInstanceIdentifier="month", ApplyImmediately=True
    )
    wait_for(lambda: {it["DBInstanceIdentifier"] for it in described(account)} == {"month", "month-before"})
    taken_over = account.wait_for_instance("month")
    assert taken_over["Endpoint"] == before
    assert taken_over["DBInstanceArn"].endswith(":db:month")
    assert account.rows("month") == [1]

    # Its own backups begin anew, and what it was restored from can be restored again.
    with account.connect("month") as connection:
        connection.execute("INSERT INTO kept VALUES (3)")
        later = datetime.now(UTC)
        time.sleep(0.1)
        connection.execute("DELETE FROM kept")
    wait_for(lambda: backup_window(account, "month").get("LatestTime", later) > later)
    restored(account, "again", "month", later)
    assert account.rows("again") == [1, 3]
    account.rds.stop_db_instance(DBInstanceIdentifier="month-before")
    account.wait_for_instance("month-before", "stopped")
    restored(account, "latest", "month-before", None)
    assert account.rows("latest") == [1, 2]
    _refused_restores(account)


def test_a_deletion_is_completed_after_a_restart(own_server: EmbeddedAws) -> None:
    """What a caller was answered goes on, with its final snapshot."""
    account = Account(own_server)
    account.create("going")
    account.wait_for_instance("going")
    with account.connect("going") as connection:
        connection.execute("CREATE TABLE kept (n int)")
    with fault(own_server, "deletion_takes"):
        account.rds.delete_db_instance(
            DBInstanceIdentifier="going", SkipFinalSnapshot=False, FinalDBSnapshotIdentifier="of-going"
        )
        _restart(own_server, signal.SIGKILL)
    account.wait_for_deletion("going")
    assert [it["DBSnapshotIdentifier"] for it in account.snapshots("going")] == ["of-going"]
    account.rds.delete_db_snapshot(DBSnapshotIdentifier="of-going")


def test_an_instance_whose_final_snapshot_fails_can_be_deleted_again(
    embedded_aws: EmbeddedAws, account: Account
) -> None:
    """Such as on a full disk: a stack's instance, and one of a request, run as before."""
    assert account.deploy("Full", account.resources("full-db")) == "CREATE_COMPLETE"
    snapshots = embedded_aws.state_folder / "database" / "snapshots"
    snapshots.mkdir(exist_ok=True)
    renamed = snapshots.rename(snapshots.with_name("aside"))
    snapshots.touch()  # no copy can be made below a file
    try:
        assert account.destroy("Full") == "DELETE_FAILED", account.reasons("Full")
        account.connect("full-db").close()
        account.rds.delete_db_instance(DBInstanceIdentifier="full-db", FinalDBSnapshotIdentifier="of-full")
        account.wait_for_instance("full-db")
        account.connect("full-db").close()
    finally:
        snapshots.unlink()
        renamed.rename(snapshots)
    assert account.destroy("Full") == "DELETE_COMPLETE", account.reasons("Full")
    (final,) = account.snapshots("full-db")
    account.rds.delete_db_snapshot(DBSnapshotIdentifier=final["DBSnapshotIdentifier"])


def described(account: Account) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = account.rds.describe_db_instances()["DBInstances"]
    return found


def _refused_restores(account: Account) -> None:
    window = backup_window(account, "month")
    for moment in (window["EarliestTime"] - timedelta(seconds=2), datetime.now(UTC) + timedelta(minutes=1)):
        with pytest.raises(ClientError) as error:
            restored(account, "refused", "month", moment)
        assert error.value.response["Error"]["Code"] == "InvalidParameterValue"
    with pytest.raises(ClientError) as error:
        restored(account, "latest", "month", None)
    assert _refusal(error) == ("DBInstanceAlreadyExists", "DB instance already exists")
    account.rds.modify_db_instance(DBInstanceIdentifier="again", BackupRetentionPeriod=0, ApplyImmediately=True)
    with pytest.raises(ClientError) as error:
        restored(account, "refused", "again", None)
    assert error.value.response["Error"]["Code"] == "PointInTimeRestoreNotEnabled"
    assert "LatestRestorableTime" not in account.instance("again")
    with pytest.raises(ClientError) as error:
        account.rds.modify_db_instance(
            DBInstanceIdentifier="again", NewDBInstanceIdentifier="latest", ApplyImmediately=True
        )
    assert error.value.response["Error"]["Code"] == "DBInstanceAlreadyExists"


def _wait_for_metric(server: EmbeddedAws, name: str, metric: str, *, at_least: float) -> float:
    cloudwatch = server.session().client("cloudwatch")

    def highest() -> float:
        points = cloudwatch.get_metric_statistics(
            Namespace="AWS/RDS",
            MetricName=metric,
            Dimensions=[{"Name": "DBInstanceIdentifier", "Value": name}],
            StartTime=datetime.now(UTC) - timedelta(minutes=5),
            EndTime=datetime.now(UTC) + timedelta(minutes=1),
            Period=60,
            Statistics=["Maximum"],
        )["Datapoints"]
        found = max((point["Maximum"] for point in points), default=0.0)
        return found if found >= at_least else 0.0

    return wait_for(highest, f"{metric} has arrived")


def _restart(server: EmbeddedAws, number: signal.Signals) -> None:
    server.end(number)
    server.start()
