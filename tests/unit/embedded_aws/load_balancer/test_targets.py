"""Health and choice of targets."""

import asyncio
import time
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from embedded_aws.load_balancer import emulator
from embedded_aws.load_balancer.targets import HealthChecker, TargetBoard, TargetKey
from tests.support.waiting import LIMIT_SECONDS

GROUP = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/unit/1"
FIRST, SECOND = TargetKey(GROUP, "10.0.0.1", 80), TargetKey(GROUP, "10.0.0.2", 80)


@pytest.fixture
def board() -> Any:
    """Two targets in a group that one listener uses."""
    emulator.target_groups[GROUP] = {"HealthyThresholdCount": 3, "UnhealthyThresholdCount": 2, "Port": 80}
    emulator.targets[GROUP] = [{"Id": "10.0.0.1", "Port": 80}, {"Id": "10.0.0.2", "Port": 80}]
    emulator.target_group_attributes[GROUP] = [{"Key": "deregistration_delay.timeout_seconds", "Value": "6"}]
    action = {"Type": "forward", "TargetGroupArn": GROUP}
    emulator.listeners["listener"] = {"LoadBalancerArn": "balancer", "DefaultActions": [action]}
    yield TargetBoard(clock_factor=60.0)
    for store in (emulator.target_groups, emulator.targets, emulator.target_group_attributes):
        store.pop(GROUP, None)
    emulator.listeners.pop("listener", None)


FAILURE = ("Target.Timeout", "Request timed out")


def _state(board: TargetBoard, key: TargetKey) -> str:
    return dict(board.states(GROUP))[key].state


def test_a_new_target_serves_after_one_check_and_a_sick_one_after_its_threshold(board: TargetBoard) -> None:
    assert _state(board, FIRST) == "initial"
    board.record_check(FIRST, None)
    assert _state(board, FIRST) == "healthy"
    board.record_check(FIRST, FAILURE)
    assert _state(board, FIRST) == "healthy"
    board.record_check(FIRST, FAILURE)
    assert _state(board, FIRST) == "unhealthy"
    for expected in ("unhealthy", "unhealthy", "healthy"):
        board.record_check(FIRST, None)
        assert _state(board, FIRST) == expected


def test_a_program_that_starts_is_unhealthy_only_after_its_time(board: TargetBoard) -> None:
    """A fast clock checks a new target often; a program of an image does not start faster for it."""
    board.let_start(FIRST.address, seconds=3600)
    board.refresh()
    for key in (FIRST, SECOND):
        for _ in range(5):
            board.record_check(key, FAILURE)
    assert (_state(board, FIRST), _state(board, SECOND)) == ("initial", "unhealthy")
    board.record_check(FIRST, None)
    board.record_check(FIRST, FAILURE)
    board.record_check(FIRST, FAILURE)
    assert _state(board, FIRST) == "unhealthy", "it has started; what fails now counts"


def test_a_program_that_never_starts_is_unhealthy_in_the_end(board: TargetBoard) -> None:
    board.let_start(FIRST.address, seconds=0)
    board.refresh()
    board.record_check(FIRST, FAILURE)
    board.record_check(FIRST, FAILURE)
    assert _state(board, FIRST) == "unhealthy"


def _chosen(board: TargetBoard, count: int = 6) -> set[str]:
    chosen = set()
    for _ in range(count):
        with board.borrow(GROUP) as key:
            assert key is not None
            chosen.add(key.address)
    return chosen


def test_healthy_targets_are_chosen_and_all_where_none_is(board: TargetBoard) -> None:
    board.refresh()
    assert _chosen(board) == {"10.0.0.1", "10.0.0.2"}
    board.record_check(SECOND, None)
    assert _chosen(board) == {"10.0.0.2"}
    emulator.targets[GROUP] = []
    with board.borrow(GROUP) as key:
        assert key is None


def test_a_target_that_leaves_drains_and_keeps_its_requests(board: TargetBoard) -> None:
    board.refresh()
    emulator.targets[GROUP] = [{"Id": "10.0.0.1", "Port": 80}]
    with board.borrow(GROUP) as key:
        emulator.targets[GROUP] = []
        assert _state(board, FIRST) == "draining"
        assert key == FIRST
        assert not board.wait_until_idle("10.0.0.1", timeout_seconds=0.01)
    assert board.wait_until_idle("10.0.0.1", timeout_seconds=0.01)
    time.sleep(0.15)  # six seconds at sixty times the speed of life
    assert board.states(GROUP) == []


def test_a_target_that_hangs_keeps_no_other_waiting(board: TargetBoard) -> None:
    checked: list[str] = []

    class Checker(HealthChecker):
        async def _failure(self, key: TargetKey, _group: emulator.Record) -> None:
            checked.append(key.address)
            if key == FIRST:
                await asyncio.Event().wait()

    async def run() -> None:
        context: Any = SimpleNamespace(scope=nullcontext)
        running = asyncio.create_task(Checker(context, board, lambda *_: ("127.0.0.1", 1)).run())
        while checked.count(SECOND.address) < 3:
            await asyncio.sleep(0.01)
        running.cancel()

    asyncio.run(asyncio.wait_for(run(), LIMIT_SECONDS))
    assert checked.count(FIRST.address) == 1
