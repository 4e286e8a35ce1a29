"""The system's own templates, on a server that is killed while months are started, used, released to and ended.

Afterwards there must be every written row, every snapshot, and the image of the last successful release. An
interrupted start or stop is repeated as with `cdk deploy` and `cdk destroy`, an interrupted release by the same
command.
"""

import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from botocore.exceptions import ClientError
from typer.testing import Result

from installation import names
from ops.errors import ExitCode
from tests.support.embedded.database import connect
from tests.support.embedded.killing import GONE, Killing, LostError
from tests.support.embedded.running_month import Hannibal, RunningMonth
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import wait_for

_MONTH = (names.STORAGE_STACK, names.COMPUTE_STACK)
_MOST_ROLLBACKS = 2
_DELETED_FIRST = ("ROLLBACK_FAILED", "ROLLBACK_COMPLETE", "CREATE_FAILED", "DELETE_FAILED")


def month_server(folder: Path) -> EmbeddedAws:
    """A server on which a month passes quickly."""
    return EmbeddedAws(folder, options=("--clock-factor", "60"))


class ServerGoneError(ConnectionError):
    """The command could not reach AWS, because it was killed."""


class MonthKills(Killing):
    """StorageStack and ComputeStack, rows in their database, and releases by `hannibal release`."""

    most_writes = 2500
    most_seconds = 12.0
    gone = (*GONE, ServerGoneError)

    def __init__(self, server: EmbeddedAws, assembly: Path, seed: int) -> None:
        """Deploy everything once without a kill, and end the server."""
        super().__init__(server, seed)
        server.start()
        self._month = RunningMonth(server, assembly)
        server.end()
        self._project = self._month.names
        self._patch = pytest.MonkeyPatch()
        self._hannibal = Hannibal(self._month, self._patch)
        self._snapshots: set[str] = set()
        self._released = ""
        self._releasing = ""
        self._stopping = False
        self._rollbacks = 0
        self.releases = 0

    def close(self) -> None:
        """Restore the environment variables."""
        self._patch.undo()

    def told(self) -> str:
        return f"{super().told()}, {self.releases} releases"

    def is_complete(self) -> bool:
        complete = all(self._status(stack) == "CREATE_COMPLETE" for stack in _MONTH)
        return complete and not self._releasing and not self._stopping

    # -- what is done ----------------------------------------------------------------------------------------
    def step(self) -> None:
        states = {stack: self._status(stack) for stack in _MONTH}
        if any(state.endswith("_IN_PROGRESS") for state in states.values()):
            time.sleep(0.05)
        elif self._stopping:
            self._stop(states)
        elif any(state != "CREATE_COMPLETE" for state in states.values()):
            self._start_month(states)
        elif self._releasing:
            self._release(self._releasing)
        else:
            self._use()

    def _use(self) -> None:
        self.look()
        for _ in range(self.random.randint(1, 3)):
            self._insert()
        if self.random.random() < 0.5:
            self._release(f"example/api:{self.next_number()}")
        if self.random.random() < 0.5:
            self._stopping = True

    def _stop(self, states: dict[str, str]) -> None:
        """ComputeStack first, as `cdk destroy StorageStack` does."""
        stack = next((one for one in reversed(_MONTH) if states[one]), None)
        if stack is None:
            self._stopping = False
            self._read_snapshots(expected=bool(self._rows))
            return
        if states[stack] not in ("CREATE_COMPLETE", "DELETE_COMPLETE"):
            self.see_the_interruption(stack, states[stack])
        self.client("cloudformation").delete_stack(StackName=stack)

    def _start_month(self, states: dict[str, str]) -> None:
        stack = next(one for one in _MONTH if states[one] != "CREATE_COMPLETE")
        state = states[stack]
        if not state:
            self.client("cloudformation").create_stack(**self._month.request(stack))
            self.months += stack == names.STORAGE_STACK
        elif state in _DELETED_FIRST:
            self.see_the_interruption(stack, state)
            self.client("cloudformation").delete_stack(StackName=stack)
        else:
            raise LostError(f"{stack} is {state}")

    def _status(self, stack: str) -> str:
        """Status of a stack; empty if it does not exist."""
        try:
            (found,) = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        except ClientError:
            return ""
        return str(found["StackStatus"])

    def _release(self, image: str) -> None:
        """Release, or repeat an interrupted release when its deployment has ended."""
        repeated, self._releasing = self._releasing == image, image
        wait_for(lambda: not self._running_deployments(), "no deployment runs")
        result = self._command("release", "--image", image, "--yes")
        if result.exit_code == ExitCode.ROLLED_BACK and self._rollbacks < _MOST_ROLLBACKS:
            # Not an error: its hook found no task at the test listener in time. It is repeated, as by a person.
            self._rollbacks += 1
            return
        self._rollbacks = 0
        if result.exit_code != ExitCode.DONE:
            raise LostError(f"release {'again' if repeated else ''}: {result.exit_code}: {result.output}")
        self._releasing, self._released = "", image
        self.releases += 1
        self._see_the_release()

    def _running_deployments(self) -> list[str]:
        found: list[str] = self.client("codedeploy").list_deployments(
            applicationName=self._project.codedeploy_application,
            deploymentGroupName=self._project.codedeploy_group,
            includeOnlyStatuses=["Created", "Queued", "InProgress", "Ready"],
        )["deployments"]
        return found

    def _command(self, *arguments: str) -> Result:
        result = self._hannibal(*arguments)
        if self.server.exit_code is not None or result.exit_code == ExitCode.UNREACHABLE:
            raise ServerGoneError
        return result

    # -- what must be there ----------------------------------------------------------------------------------
    def look(self) -> None:
        with self._connect() as connection:
            self._see_rows(connection, "rows", self._rows)
        self._read_snapshots(expected=False)
        if self._released and not self._releasing:
            self._see_the_release()

    def _see_the_release(self) -> None:
        value = self.client("ssm").get_parameter(Name=self._project.release_parameter)["Parameter"]["Value"]
        if self._released not in value:
            raise LostError(f"kill {self.kills}: {self._released} was released, and the record says {value}")
        (service,) = self.client("ecs").describe_services(
            cluster=self._project.cluster, services=[self._project.service]
        )["services"]
        primary = next(one for one in service["taskSets"] if one["status"] == "PRIMARY")
        definition = self.client("ecs").describe_task_definition(taskDefinition=primary["taskDefinition"])
        images = [one["image"] for one in definition["taskDefinition"]["containerDefinitions"]]
        if self._released not in images:
            raise LostError(f"kill {self.kills}: {self._released} was released, and {images} run")

    def _read_snapshots(self, *, expected: bool) -> None:
        pages = self.client("rds").get_paginator("describe_db_snapshots").paginate(SnapshotType="manual")
        found = {one["DBSnapshotIdentifier"] for page in pages for one in page["DBSnapshots"]}
        self.compare("snapshots", self._snapshots, found)
        self._snapshots |= found
        if expected and not found:
            raise LostError("there were rows, and there is no snapshot")

    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        (stack,) = self.client("cloudformation").describe_stacks(StackName=names.STORAGE_STACK)["Stacks"]
        secret = next(one["OutputValue"] for one in stack["Outputs"] if one["OutputKey"] == names.DATABASE_URL_OUTPUT)
        url = self.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
        return connect(self.server, url)
