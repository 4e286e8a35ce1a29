"""Logs that are longer than one page of FilterLogEvents."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from installation.names import Names
from installation.settings import Settings
from installation.settings.file import load_settings
from ops.service.logs import read_lines
from tests.support.aws import aws_of
from tests.support.embedded.server import EmbeddedAws

pytestmark = pytest.mark.embedded
_LINES = 24_000
_BATCH = 8_000


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings("dev").model_copy(update={"project": "many-lines"})


@pytest.fixture(scope="module")
def project(settings: Settings) -> Names:
    return settings.names


@pytest.fixture(scope="module")
def logs(embedded_aws: EmbeddedAws, project: Names) -> Iterator[Any]:
    """A client of a service whose log group has 24,000 lines of two tasks, most of them of one millisecond."""
    client: Any = embedded_aws.session().client("logs")
    group = project.service_log_group
    client.create_log_group(logGroupName=group)
    now = int(time.time() * 1000)
    for number, task in enumerate(("t1", "t2", "t1")):
        stream = f"ecs/{project.container}/{task}"
        if number < 2:
            client.create_log_stream(logGroupName=group, logStreamName=stream)
        events = [
            {
                "timestamp": now - (5000 if line < 3 else 1000),
                "message": f"{number}-{line} {'GET /' if line % 2 else 'POST /'}",
            }
            for line in range(_BATCH)
        ]
        client.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    yield client
    client.delete_log_group(logGroupName=group)


def test_the_command_reads_all_lines_once(logs: Any, settings: Settings) -> None:
    start = datetime.fromtimestamp(time.time() - 3600, UTC)
    aws = aws_of(logs=logs, settings=settings)
    lines = list(read_lines(aws, start=start))

    assert len(lines) == len({line.message for line in lines}) == _LINES
    assert [line.time for line in lines] == sorted(line.time for line in lines)
    assert sum(1 for _ in read_lines(aws, start=start, task="t2")) == _BATCH
    assert sum(1 for _ in read_lines(aws, start=start, pattern="POST")) == _LINES / 2


def test_a_page_has_10000_events_or_as_many_as_asked_for_or_a_megabyte(logs: Any, project: Names) -> None:
    def page(**request: Any) -> Any:
        return logs.filter_log_events(logGroupName=project.service_log_group, **request)

    assert len(page()["events"]) == 10_000
    first = page(limit=5)
    second = page(limit=7, nextToken=first["nextToken"])
    assert [e["message"][:3] for e in first["events"]] == ["0-0", "0-1", "0-2", "1-0", "1-1"]
    assert [e["message"][:3] for e in second["events"][:4]] == ["1-2", "2-0", "2-1", "2-2"]
    assert len(second["events"]) == 7
    stream = f"ecs/{project.container}/t2"
    long = [{"timestamp": int(time.time() * 1000), "message": "x" * 250_000} for _ in range(5)]
    for event in long:
        logs.put_log_events(logGroupName=project.service_log_group, logStreamName=stream, logEvents=[event])
    found = page(filterPattern="xxx")
    assert len(found["events"]) == 4
    assert len(page(filterPattern="xxx", nextToken=found["nextToken"])["events"]) == 1


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        ({"nextToken": "no-token"}, "The specified nextToken is invalid."),
        ({"logStreamNamePrefix": "ecs/", "logStreamNames": ["ecs/api/t1"]}, "cannot be specified together"),
        ({"filterPattern": "{"}, "Invalid filter pattern"),
    ],
)
def test_invalid_requests_are_refused(logs: Any, project: Names, request_: dict[str, Any], message: str) -> None:
    with pytest.raises(ClientError, match=message) as refused:
        logs.filter_log_events(logGroupName=project.service_log_group, **request_)
    assert refused.value.response["Error"]["Code"] == "InvalidParameterException"
