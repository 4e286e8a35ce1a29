"""A CDK that a killed command left behind keeps its lock, and is waited for."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.aws.polling import Polling
from ops.errors import FailedError
from ops.stacks import cdk
from ops.stacks.cdk_lock import hold_lock, lock_file, read_holder, wait_until_free
from ops.stacks.checkout import Checkout

Make = Callable[[str], Checkout]


def test_nobody_holds_a_lock_that_was_never_taken(project: Make) -> None:
    made = project("exit 0")
    assert read_holder(lock_file(made, "123456789012-ap-northeast-1")) is None


def test_who_only_looks_keeps_no_run_from_beginning(tmp_path: Path) -> None:
    """`hannibal status` holds the lock for a moment."""
    lock = tmp_path / "lock"
    lock.touch()
    with lock.open() as looking:
        fcntl.flock(looking, fcntl.LOCK_SH)
        with hold_lock(lock, Polling(sleep=lambda _: fcntl.flock(looking, fcntl.LOCK_UN))):
            assert read_holder(lock) is not None


def test_a_child_holds_the_lock_until_it_ends_and_no_second_one_begins(project: Make, tmp_path: Path) -> None:
    made = project("read line < pipe")
    os.mkfifo(tmp_path / "pipe")
    lock = lock_file(made, "123456789012-ap-northeast-1")
    run = cdk.CdkRun(made, ("deploy", "--all"), tmp_path / "log", lock=lock)  # and nobody leaves its block
    other = read_holder(lock)
    assert other is not None
    assert other.command == "npx cdk deploy --all"
    assert f"process {other.process}, since 20" in other.text
    with pytest.raises(FailedError, match="another run of the CDK began meanwhile: `npx cdk deploy --all`"):
        cdk.CdkRun(made, ("destroy",), tmp_path / "log2", lock=lock)

    messages: list[str] = []

    def end(_: float) -> None:
        (tmp_path / "pipe").write_text("end\n")
        run.wait()

    wait_until_free(lock, messages.append, Polling(sleep=end))
    assert len(messages) == 1
    assert other.text in messages[0]
    assert read_holder(lock) is None
    with cdk.CdkRun(made, ("destroy",), tmp_path / "log2", lock=lock) as second:
        (tmp_path / "pipe").write_text("end\n")
        second.wait()


def test_nobody_holds_a_lock_where_a_file_stands_in_the_place_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / ".hannibal").touch()
    assert read_holder(tmp_path / ".hannibal/cdk.lock") is None
