"""One real server over one folder: its life, its copies, and its end with the process that started it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from psycopg.sql import SQL

from constructs_lib.compute.containers import SCRIPT
from embedded_aws.database import process
from embedded_aws.database.postgres import Postgres
from embedded_aws.database.process import PostgresError
from tests.support.waiting import LIMIT_SECONDS

COUNT = SQL("SELECT count(*) FROM kept")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    server = Postgres(tmp_path_factory.mktemp("postgres") / "one")
    server.initialize()
    server.configure({"max_connections": "42"})
    server.start()
    server.execute(SQL("CREATE TABLE kept (n int)"), SQL("INSERT INTO kept VALUES (1), (2)"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def spare(running: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Postgres:
    """A copy that does not run; each test leaves it so."""
    copy = Postgres(tmp_path_factory.mktemp("spare") / "one")
    running.copy_to(copy.folder)
    copy.configure({})
    return copy


def test_the_server_runs_with_its_settings(running: Postgres) -> None:
    assert running.execute(SQL("SHOW max_connections"), COUNT) == ["42", "2"]


def test_the_server_does_not_run_as_root(running: Postgres) -> None:
    data = running.folder / "data"
    assert data.stat().st_uid != 0
    assert data.stat().st_mode & 0o077 == 0


def status_of(number: int) -> dict[str, str]:
    lines = Path(f"/proc/{number}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def test_the_servers_processes_have_no_capabilities(running: Postgres) -> None:
    """Below folders that only root may enter, as pytest's are."""
    assert running._process is not None
    postmaster = running._process.pid
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    statuses = {}
    for number in (postmaster, *map(int, children)):
        with suppress(FileNotFoundError, ProcessLookupError):  # a worker that has ended meanwhile
            statuses[number] = status_of(number)
    assert len(statuses) > 1
    for number, status in statuses.items():
        for kind in ("CapEff", "CapPrm", "CapInh", "CapAmb"):
            assert int(status[kind], 16) == 0, (number, kind)
        assert status["NoNewPrivs"] == "1"
        assert "0" not in status["Uid"].split()


def test_programs_that_the_server_executes_have_no_capabilities(running: Postgres) -> None:
    running.execute(
        SQL("CREATE TABLE told (line text)"), SQL("COPY told FROM PROGRAM 'grep ^CapEff /proc/self/status | cut -f2'")
    )

    (told,) = running.execute(SQL("SELECT line FROM told"))
    assert int(told, 16) == 0


def test_programs_that_others_cannot_reach_are_copied_once(tmp_path: Path) -> None:
    hidden, place = tmp_path / "hidden", tmp_path / "copies"
    (hidden / "bin").mkdir(parents=True, mode=0o700)
    (hidden / "bin" / "postgres").write_text("#!/bin/sh")
    (hidden / "bin" / "postgres").chmod(0o700)

    copy = process.copied_to(place, tmp_path, ["hidden"])

    assert not process.is_open_to_all(hidden / "bin")
    assert (copy / "hidden" / "bin" / "postgres").stat().st_mode & 0o777 == 0o755
    assert process.copied_to(place, tmp_path, ["hidden"]) == copy
    assert [each.name for each in place.iterdir()] == [copy.name]
    place.chmod(0o777)
    with pytest.raises(PostgresError, match="nobody else may write to"):
        process.copied_to(place, tmp_path, ["hidden"])


def test_psql_takes_the_script_that_makes_the_services_user(running: Postgres) -> None:
    """On AWS psql runs it, here what stands for psql: this is psql itself, and twice, as at each task's start."""
    variables = {"SERVICE_USER": "app", "SERVICE_PASSWORD": "it's"}
    password = {"PGPASSWORD": (running.folder / "superuser-password").read_text()}
    for _ in range(2):
        process.run(
            "psql",
            *running._address(),
            *("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--dbname=postgres"),
            environment=password | variables,
            standard_input=SCRIPT,
        )
    granted = running.execute(
        SQL("SELECT has_table_privilege('app', 'kept', 'INSERT'), has_schema_privilege('app', 'public', 'CREATE')")
    )
    assert granted == ["t|f"]


def test_a_failing_statement_says_why(running: Postgres) -> None:
    with pytest.raises(PostgresError, match='relation "missing" does not exist'):
        running.execute(SQL("SELECT * FROM missing"))


def test_a_copy_made_while_it_runs_is_a_server_of_its_own(running: Postgres, tmp_path: Path) -> None:
    copy = Postgres(tmp_path / "copy")
    running.copy_to(copy.folder)
    running.execute(SQL("CREATE TABLE later (n int)"))
    copy.configure({})
    copy.start()
    try:
        assert copy.execute(COUNT) == ["2"]
        with pytest.raises(PostgresError, match="later"):
            copy.execute(SQL("SELECT * FROM later"))
    finally:
        copy.stop()
    second = Postgres(tmp_path / "second")
    copy.copy_to(second.folder)
    second.configure({})
    second.start()
    assert second.execute(COUNT) == ["2"]
    second.delete()
    assert not second.folder.exists()


def test_a_copy_that_fails_leaves_nothing(tmp_path: Path) -> None:
    nothing = Postgres(tmp_path / "nothing")
    with pytest.raises(PostgresError, match="could not be copied"):
        nothing.copy_to(tmp_path / "copy")
    assert not (tmp_path / "copy").exists()


_STARTER = """
import sys, time
from pathlib import Path
from embedded_aws.database.postgres import Postgres
server = Postgres(Path(sys.argv[1]))
server.start()
print(server._process.pid, flush=True)
time.sleep(60)
"""


def test_the_server_ends_with_a_killed_process_and_its_data_is_whole(spare: Postgres) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", _STARTER, str(spare.folder)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[4]
    )
    assert starter.stdout is not None
    number = int(starter.stdout.readline())
    starter.kill()
    starter.communicate()
    spare.start()  # waits for the one that is left behind, which has been told to end
    assert not _is_alive(number)
    assert spare.execute(COUNT) == ["2"]
    spare.stop()


def test_a_server_that_is_left_behind_is_ended_before_another_starts(spare: Postgres) -> None:
    spare.start()
    assert spare._process is not None
    second = Postgres(spare.folder)
    second.start()
    assert spare._process.wait(LIMIT_SECONDS) == 0
    assert second.execute(COUNT) == ["2"]
    second.stop()


def test_a_server_that_is_left_behind_is_ended_before_its_data_are_copied(spare: Postgres, tmp_path: Path) -> None:
    """After a kill, a deletion goes on with its final snapshot: files of a server that ends would vanish meanwhile."""
    spare.start()
    assert spare._process is not None
    second = Postgres(spare.folder)
    second.stop()
    assert spare._process.wait(LIMIT_SECONDS) == 0  # its number is gone, and its end may be told a moment later
    second.copy_to(tmp_path / "copy")
    assert not (tmp_path / "copy" / "data" / "postmaster.pid").exists()


def test_the_number_of_a_server_that_is_gone_may_belong_to_another_program(spare: Postgres) -> None:
    bystander = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    (spare.folder / "data" / "postmaster.pid").write_text(f"{bystander.pid}\n")
    try:
        spare._end_leftover()
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_settings_that_do_not_work_are_reported_with_the_log(spare: Postgres) -> None:
    spare.configure({"work_mem": "nonsense"})
    with pytest.raises(PostgresError, match="work_mem"):
        spare.start()
    assert not spare.running
    spare.configure({})


def _is_alive(number: int) -> bool:
    deadline = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < deadline:
        try:
            os.kill(number, signal.SIG_DFL)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True
