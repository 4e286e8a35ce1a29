"""Lines of the service's log, and the moments that people mean."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from installation.settings.file import load_settings
from ops.errors import RefusedError, UnusableInputError
from ops.service.logs import moment_of, read_lines
from ops.service.one_off_record import read_runs
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error
from tests.support.fakes import NOW, FakeAccount


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("30s", NOW - timedelta(seconds=30)),
        ("10m", NOW - timedelta(minutes=10)),
        ("2h", NOW - timedelta(hours=2)),
        ("1w", NOW - timedelta(days=7)),
        ("2026-11-24T09:30+09:00", datetime(2026, 11, 24, 0, 30, tzinfo=UTC)),
        ("3000w", datetime(1970, 1, 1, tzinfo=UTC)),  # CloudWatch Logs takes no earlier time
        ("1960-01-01", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2026-11-24T09:30", datetime(2026, 11, 24, 9, 30, tzinfo=UTC)),
    ],
)
def test_a_span_or_a_moment_is_understood(text: str, moment: datetime) -> None:
    assert moment_of(text, NOW) == moment


@pytest.mark.parametrize("text", ["yesterday", "10", "-5m", "m", "", "9999999999w"])
def test_anything_else_is_unusable(text: str) -> None:
    with pytest.raises(UnusableInputError, match="is no time"):
        moment_of(text, NOW)


def test_a_moment_to_come_is_unusable() -> None:
    with pytest.raises(UnusableInputError, match="is in the future"):
        moment_of("2099-01-01", NOW)


def event(number: int, *, seconds: int) -> dict[str, Any]:
    time = int((NOW + timedelta(seconds=seconds)).timestamp() * 1000)
    return {"eventId": str(number), "timestamp": time, "logStreamName": "ecs/api/t1", "message": f"line {number}\n"}


def test_following_shows_each_line_once_also_one_that_comes_late(settings: Settings) -> None:
    answers = [
        [event(1, seconds=0), event(2, seconds=60)],
        [event(2, seconds=60), event(3, seconds=45)],
        [event(3, seconds=45), event(4, seconds=61)],
    ]
    requests: list[dict[str, Any]] = []

    def paginate(**request: Any) -> Iterator[Any]:
        requests.append(request)
        yield {"events": answers.pop(0)}

    logs = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=paginate))
    lines = read_lines(aws_of(logs=logs, settings=settings), start=NOW, task="t1", pattern="line", follow=True)
    assert [next(lines).message for _ in range(4)] == ["line 1", "line 2", "line 3", "line 4"]
    assert requests[0]["logStreamNamePrefix"] == "ecs/api/t1"
    assert requests[0]["filterPattern"] == "line"
    assert requests[1]["startTime"] - requests[0]["startTime"] == 30_000


def test_a_pattern_that_cannot_be_read_is_unusable() -> None:
    def refused(**_: Any) -> Iterator[Any]:
        raise client_error("InvalidParameterException", "Invalid filter pattern")

    logs = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=refused))
    with pytest.raises(UnusableInputError, match=r"cannot read the pattern \{: Invalid filter pattern"):
        list(read_lines(aws_of(logs=logs, settings=load_settings("dev")), start=NOW, pattern="{"))


def test_before_the_first_start_there_is_no_log(settings: Settings, account: FakeAccount) -> None:
    def refused(**_: Any) -> Iterator[Any]:
        yield from ()  # asked when the first page is
        raise client_error("ResourceNotFoundException", "The specified log group does not exist: /ecs/x")

    logs = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=refused))
    stacks = account.aws().cloudformation
    with pytest.raises(RefusedError, match="there is no log group /ecs/") as caught:
        list(read_lines(aws_of(logs=logs, settings=settings, cloudformation=stacks), start=NOW))
    assert "hannibal start" in str(caught.value.advice)
    assert read_runs(aws_of(logs=logs, settings=settings), start=NOW) == ()
