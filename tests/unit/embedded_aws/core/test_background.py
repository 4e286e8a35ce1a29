"""What is done again and again."""

from pathlib import Path

import pytest

from embedded_aws.core import background, emulator
from embedded_aws.core.background import BackgroundLoop, Ticker, every_minute
from embedded_aws.core.context import ServerContext
from tests.support.waiting import wait_for


def test_what_fails_in_one_minute_is_done_again_in_the_next(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    context = ServerContext(port=1, state_folder=tmp_path, region="ap-northeast-1", account="000000000000")
    loop = BackgroundLoop()
    loop.start()
    monkeypatch.setattr(emulator, "loop", lambda: loop._loop)
    monkeypatch.setattr(background, "_MINUTE", 0.0)
    done: list[int] = []

    async def work() -> None:
        done.append(1)
        raise ValueError

    every_minute(context, work)
    for start in context.start_callbacks:
        start()
    wait_for(lambda: len(done) > 1)
    loop.stop()


def test_a_ticker_goes_on_after_a_tick_that_failed(tmp_path: Path) -> None:
    context = ServerContext(port=1, state_folder=tmp_path, region="ap-northeast-1", account="000000000000")
    done: list[int] = []

    def tick() -> None:
        done.append(1)
        raise ValueError

    Ticker(context, tick, name="failing", seconds=0.01)
    for start in context.start_callbacks:
        start()
    wait_for(lambda: len(done) > 1)
    for stop in context.stop_callbacks:
        stop()
