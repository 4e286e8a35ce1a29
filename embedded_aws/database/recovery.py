"""Automatic backups with PostgreSQL's own functions: a copy of the data before the first start, and the log since.

A point-in-time restore begins with that copy, on which PostgreSQL replays the log (write-ahead log) up to that time
(PostgreSQL documentation, "Continuous Archiving and Point-in-Time Recovery"). RDS does the same with nightly copies
and the log in S3.
"""

import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from psycopg.sql import SQL

from embedded_aws.database import process
from embedded_aws.database.postgres import Postgres
from embedded_aws.database.process import PostgresError

# The size of the log that is kept, in MiB. After more writes in a month, no point-in-time restore is possible.
LOG_KEPT: Final = {"wal_keep_size": "16384"}
_LOG = "pg_wal"
# The names of log files have 24 hexadecimal digits; those of timeline history files have this suffix.
_HISTORY = ".history"
_LENGTH_OF_NAME: Final = 24
_TOO_EARLY_END: Final = "recovery ended before configured recovery target was reached"


def keep_copy(postgres: Postgres) -> None:
    """Copy a stopped server's data unless a copy exists: as one file, because a thousand take seconds."""
    copy = _first_copy(postgres)
    if copy.exists() or not postgres.exists:
        return
    partial = copy.with_suffix(".partial")
    _tar("--create", f"--file={partial}", f"--directory={postgres.data}", ".")
    partial.rename(copy)


def recover(source: Postgres, target: Postgres, restore_time: datetime) -> None:
    """Restore the data of a server, running or not, as at a time; afterwards the target's server is stopped.

    The target's folder must not exist. Raises PostgresError: it failed; the target was removed.
    """
    if source.running:
        # PostgreSQL stops the replay before the first transaction after the moment, so there must be one.
        source.execute(SQL("SELECT pg_current_xact_id()"), SQL("SELECT pg_switch_wal()"))
    try:
        _copy(source, target)
        try:
            _replay(target, {"recovery_target_time": restore_time.astimezone(UTC).isoformat(timespec="microseconds")})
        except PostgresError as error:
            if _TOO_EARLY_END not in str(error):
                raise
            target.delete()
            _copy(source, target)
            _replay(target, {})  # a stopped server has written nothing since, so the whole log is replayed
    except (OSError, PostgresError) as error:
        target.delete()
        raise PostgresError(f"{source.folder} could not be restored to {restore_time}: {error}") from error


def _copy(source: Postgres, target: Postgres) -> None:
    target.make_folder()
    shutil.copyfile(source.password_file, target.password_file)
    target.data.mkdir(mode=0o700)
    _tar("--extract", f"--file={_first_copy(source)}", f"--directory={target.data}")
    for file in (source.data / _LOG).iterdir():
        if len(file.name) == _LENGTH_OF_NAME or file.suffix == _HISTORY:
            shutil.copyfile(file, target.data / _LOG / file.name)
    process.give(target.folder)
    target.password_file.chmod(0o600)


def _replay(target: Postgres, until: dict[str, str]) -> None:
    # All log files are already in place, so the command to fetch one always fails.
    target.configure(
        {"restore_command": "false", "recovery_target_action": "promote", "hot_standby": "off"} | LOG_KEPT | until
    )
    signal_file = target.data / "recovery.signal"
    signal_file.touch()
    process.give(signal_file)
    target.start()
    target.stop()


def _first_copy(postgres: Postgres) -> Path:
    return postgres.folder / "first-copy.tar"


def _tar(*arguments: str) -> None:
    program = shutil.which("tar")
    if program is None:
        raise PostgresError("copies are made by tar, which is not there")
    result = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)  # noqa: S603 - no shell
    if result.returncode != 0:
        raise PostgresError(f"tar failed: {result.stderr.strip()}")
