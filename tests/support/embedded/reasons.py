"""Why a stack, task, deployment or database is in its state, printed with each failed test.

An assertion shows a status only, and no other process can ask the server afterwards.
"""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError

if TYPE_CHECKING:
    from tests.support.embedded.server import EmbeddedAws

_MOST_LINES: Final = 100
_LATEST_STACKS: Final = 6  # a server that tests share has hundreds
_QUICKLY: Final = Config(connect_timeout=10, read_timeout=30, retries={"total_max_attempts": 1})
_servers: Final[list["EmbeddedAws"]] = []
# How far the log of each server was read, after the former test.
_positions: Final[dict[Path, int]] = {}
# Servers that did not answer once: each further question would take half a minute.
_silent: Final[set[str]] = set()


def explain_failures_of(server: "EmbeddedAws") -> None:
    """Print this server's reasons with each test that fails from now on."""
    _servers.append(server)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the reasons to the report of a failure."""
    report = yield
    for server in _servers:
        if report.failed and (lines := list(_log(server.log_file))):
            report.sections.append((f"log of {server.endpoint}", "\n".join(lines[-_MOST_LINES:])))
        if report.failed and server.runs:
            report.sections.append((f"reasons of {server.endpoint}", "\n".join(_reasons(server))))
        if call.when == "teardown" and server.log_file.exists():
            _positions[server.log_file] = server.log_file.stat().st_size
    return report


def _log(file: Path) -> Iterator[str]:
    """The lines of a log since the former test, without those that only inform."""
    if file.exists():
        with file.open(encoding="utf-8", errors="replace") as opened:
            opened.seek(_positions.get(file, 0))
            yield from (line.rstrip() for line in opened if " INFO " not in line)


def _reasons(server: "EmbeddedAws") -> Iterator[str]:
    def client(service: str) -> Any:
        session: Any = server.session()
        return session.client(service, config=_QUICKLY)

    for read in (_of_stacks, _of_tasks, _of_deployments, _of_databases):
        if server.endpoint in _silent:
            yield "it did not answer, and is not asked again"
            return
        try:
            yield from list(read(client))[:_MOST_LINES]
        except (ConnectTimeoutError, ReadTimeoutError) as error:
            _silent.add(server.endpoint)
            yield f"{read.__name__}: {error!r}"
        except Exception as error:  # noqa: BLE001 - another failure must not hide the test's
            yield f"{read.__name__}: {error!r}"


def _of_stacks(client: Callable[[str], Any]) -> Iterator[str]:
    """The events of the latest stacks that have a reason, the latest first."""
    stacks = client("cloudformation")
    known = stacks.get_paginator("list_stacks").paginate().build_full_result()["StackSummaries"]
    known.sort(key=lambda stack: stack.get("LastUpdatedTime", stack["CreationTime"]), reverse=True)
    for stack in known[:_LATEST_STACKS]:
        yield f"{stack['StackName']} is {stack['StackStatus']}"
        for event in stacks.describe_stack_events(StackName=stack["StackId"])["StackEvents"]:
            if reason := event.get("ResourceStatusReason"):
                yield f"  {event['LogicalResourceId']} {event['ResourceStatus']}: {reason}"


def _of_tasks(client: Callable[[str], Any]) -> Iterator[str]:
    ecs = client("ecs")
    for cluster in ecs.list_clusters()["clusterArns"]:
        if tasks := ecs.list_tasks(cluster=cluster, desiredStatus="STOPPED")["taskArns"]:
            for task in ecs.describe_tasks(cluster=cluster, tasks=tasks[:_MOST_LINES])["tasks"]:
                yield f"{task['taskArn']} stopped: {task.get('stoppedReason')}"


def _of_deployments(client: Callable[[str], Any]) -> Iterator[str]:
    codedeploy = client("codedeploy")
    for number in codedeploy.list_deployments()["deployments"][:_MOST_LINES]:
        info = codedeploy.get_deployment(deploymentId=number)["deploymentInfo"]
        yield f"deployment {number} is {info['status']}: {info.get('errorInformation')}"


def _of_databases(client: Callable[[str], Any]) -> Iterator[str]:
    for database in client("rds").describe_db_instances()["DBInstances"]:
        yield f"database {database['DBInstanceIdentifier']} is {database['DBInstanceStatus']}"
