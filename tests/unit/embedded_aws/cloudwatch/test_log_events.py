"""Lines that CloudWatch Logs does not take."""

import json
import time

import pytest

from embedded_aws.cloudwatch.log_events import _put_log_events, check_order
from embedded_aws.core.refusal import Refusal

HOUR = 3_600_000


def lines(*hours: float) -> dict[str, object]:
    now = int(time.time() * 1000)
    return {"logEvents": [{"timestamp": now + int(hour * HOUR), "message": str(hour)} for hour in hours]}


def test_lines_are_in_order_and_within_a_day() -> None:
    check_order(lines(-20, -10, 0))
    check_order(lines(-24 * 20, 0))  # the first is rejected by itself
    with pytest.raises(Refusal, match="chronological order"):
        check_order(lines(0, -1))
    with pytest.raises(Refusal, match="cannot span more than 24 hours"):
        check_order(lines(-25, 0))


@pytest.mark.parametrize(
    ("hours", "taken", "rejected"),
    [
        ((-1, 0), 2, None),
        ((-24 * 15, 0), 1, {"tooOldLogEventEndIndex": 1}),
        ((0, 3), 1, {"tooNewLogEventStartIndex": 1}),
        ((-24 * 16, -24 * 15, 0, 3), 1, {"tooOldLogEventEndIndex": 2, "tooNewLogEventStartIndex": 3}),
    ],
)
def test_those_too_old_and_too_new_are_left_out(
    hours: tuple[float, ...], taken: int, rejected: dict[str, int] | None
) -> None:
    put: list[dict[str, list[object]]] = []

    def original(request: dict[str, list[object]]) -> tuple[int, dict[str, str], bytes]:
        put.append(request)
        return 200, {}, b'{"nextSequenceToken": "1"}'

    answer = json.loads(_put_log_events(original, lines(*hours))[2])

    assert len(put[0]["logEvents"]) == taken
    assert answer.get("rejectedLogEventsInfo") == rejected
    assert answer["nextSequenceToken"] == "1"
