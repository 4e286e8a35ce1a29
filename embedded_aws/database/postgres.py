"""A PostgreSQL server with its data folder."""

import hashlib
import os
import secrets
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from psycopg.sql import SQL, Composable

from embedded_aws.database import process
from embedded_aws.database.process import FOLDER_PLACEHOLDER, PostgresError
from embedded_aws.database.usage import Usage, measure, size

SUPERUSER = "rdsadmin"  # RDS's name for its own user
# Extensions that migrations of products use and that the package of PostgreSQL lacks.
_EXTENSIONS = Path(__file__).parent / "extensions"
# Extensions that a master user may create on RDS (user guide, "Supported PostgreSQL extension versions"), but only
# superusers in plain PostgreSQL.
_OPEN_TO_MASTER_USERS = ("earthdistance", "moddatetime", "pg_stat_statements", "vector")
_PORT = 5432
_SECONDS_TO_START = 600.0  # the end of a failed server is noticed at once
_SECONDS_TO_STOP = 120.0
_SECONDS_BETWEEN_SIZES = 5.0  # adding up a thousand files takes 5 ms of processor time
# Small values, because a laptop runs other programs too. A parameter group can override them.
_DEFAULTS = {
    "autovacuum_worker_slots": "4",
    "io_method": "sync",  # no additional processes for input and output
    "max_wal_size": "64",
    "min_wal_size": "8",
    "shared_buffers": "2048",  # 16 MiB
}


class Postgres:
    """A data folder and, while it runs, its server process.

    It listens on a Unix socket in Linux's abstract namespace: without port conflicts, without a file that remains, and
    without a limit on the length of the folder's name. Clients connect to `Gateway`.
    """

    def __init__(self, folder: Path) -> None:
        """Take the folder for data, log and the superuser's password; it need not exist yet."""
        self.folder = folder
        self.data = folder / "data"
        self.password_file = folder / "superuser-password"
        self._log = folder / "postgresql.log"
        digest = hashlib.blake2b(str(folder).encode(), digest_size=12).hexdigest()
        self._socket_folder = f"@hannibal-{digest}"
        self._process: subprocess.Popen[bytes] | None = None
        self._measured_at = -_SECONDS_BETWEEN_SIZES
        self._disk_bytes = 0

    @property
    def socket(self) -> str:
        """Address of the Unix socket in the operating system's form."""
        return f"\0{self._socket_folder[1:]}/.s.PGSQL.{_PORT}"

    @property
    def running(self) -> bool:
        """Whether the server process is alive."""
        server = self._process  # another thread may end the server meanwhile
        return server is not None and server.poll() is None

    @property
    def exists(self) -> bool:
        """Whether there is data."""
        return (self.data / "PG_VERSION").exists()

    def usage(self) -> Usage | None:
        """The server's use of the machine; None while it does not run."""
        server = self._process
        if server is None or server.poll() is not None:
            return None
        if time.monotonic() > self._measured_at + _SECONDS_BETWEEN_SIZES:
            self._measured_at, self._disk_bytes = time.monotonic(), size(self.data)
        return measure(server.pid, disk_bytes=self._disk_bytes)

    def initialize(self) -> None:
        """Create a new, empty database cluster. Raises PostgresError: initdb failed."""
        self.make_folder()
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(secrets.token_urlsafe(24))
        process.give(self.password_file)
        process.run(
            "initdb",
            f"--pgdata={FOLDER_PLACEHOLDER}/{self.data.name}",
            f"--username={SUPERUSER}",
            f"--pwfile={FOLDER_PLACEHOLDER}/{self.password_file.name}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale-provider=builtin",  # needs no locale of the machine, and sorts the same everywhere
            "--builtin-locale=C.UTF-8",
            "--locale=C",
            "--wal-segsize=1",  # MiB, so that a snapshot of an almost empty database stays small
            "--no-sync",
            folder=self.folder,
        )

    def make_folder(self) -> None:
        """Create the folder, which must not exist."""
        self.folder.mkdir(parents=True, mode=0o700)
        process.give(self.folder)

    def configure(self, settings: Mapping[str, str]) -> None:
        """Write the configuration; it takes effect at the next start, or in part after `reload`."""
        values = {
            "listen_addresses": "",
            "unix_socket_directories": self._socket_folder,
            "port": str(_PORT),
            "password_encryption": "scram-sha-256",
            # Each server process runs in the data folder (PostgreSQL documentation, extension_control_path).
            "extension_control_path": f"/proc/self/cwd/{_EXTENSIONS.name}:$system",
        }
        quoted = {
            name: value.replace("\\", "\\\\").replace("'", "''")
            for name, value in (_DEFAULTS | dict(settings) | values).items()
        }
        self._write("postgresql.conf", "".join(f"{name} = '{value}'\n" for name, value in quoted.items()))
        self._write("pg_hba.conf", "local all all scram-sha-256\nlocal replication rdsadmin scram-sha-256\n")

        folder = self.data / _EXTENSIONS.name / "extension"
        folder.mkdir(parents=True, exist_ok=True)
        process.give(folder.parent)
        process.give(folder)
        texts = {file.name: file.read_text(encoding="utf-8") for file in _EXTENSIONS.iterdir()}
        installed = process.extension_folder()
        for name in _OPEN_TO_MASTER_USERS:
            control = (installed / f"{name}.control").read_text(encoding="utf-8")
            texts[f"{name}.control"] = f"{control}\ntrusted = true\ndirectory = '{installed}'\n"
        for name, text in texts.items():
            self._write(str(folder / name), text)

    def _write(self, name: str, text: str) -> None:
        path = self.data / name
        path.write_text(text)
        process.give(path)

    def start(self) -> None:
        """Start the server and wait until it answers. Raises PostgresError: it does not; with the end of its log."""
        self._end_leftover()
        with self._log.open("ab") as log:
            self._process = process.start(
                "postgres", "-D", f"{FOLDER_PLACEHOLDER}/{self.data.name}", folder=self.folder, output=log
            )
        deadline = time.monotonic() + _SECONDS_TO_START
        while not self._answers():
            if not self.running or time.monotonic() > deadline:
                self.stop()
                said = " ".join(self._log.read_text(errors="replace").splitlines()[-5:])
                raise PostgresError(f"PostgreSQL in {self.folder} did not start: {said}")
            time.sleep(0.02)

    def _answers(self) -> bool:
        """Whether the server accepts connections, by its lock file; the file's first line is the process id."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return self._process is not None and lines[:1] == [str(self._process.pid)] and lines[-1].strip() == "ready"

    def _end_leftover(self) -> None:
        """End a server of this data folder that a killed process left behind; it has already got a signal to end."""
        try:
            leftover = int((self.data / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            return
        if not self._works_here(leftover):  # another program has the process id of the former server
            return
        deadline = time.monotonic() + _SECONDS_TO_STOP
        with suppress(ProcessLookupError):
            os.kill(leftover, signal.SIGINT)
            while self._works_here(leftover):
                if time.monotonic() > deadline:
                    os.kill(leftover, signal.SIGKILL)
                time.sleep(0.02)

    def _works_here(self, number: int) -> bool:
        """Whether the data folder is the working folder of a process, as it is for a server all the time."""
        try:
            return Path(f"/proc/{number}/cwd").samefile(self.data)
        except OSError:
            return False

    def stop(self) -> None:
        """Shut down the server, if one runs, also one of this folder that a killed process left behind."""
        if self._process is None:
            self._end_leftover()
            return
        for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):  # fast shutdown, immediate shutdown, kill
            with suppress(ProcessLookupError):
                self._process.send_signal(number)
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_SECONDS_TO_STOP)
                break
        self._process = None

    def reload(self) -> None:
        """Make the server read its configuration again."""
        self.execute(SQL("SELECT pg_reload_conf()"))

    def _address(self) -> tuple[str, ...]:
        return f"--host={self._socket_folder}", f"--port={_PORT}", f"--username={SUPERUSER}"

    def execute(self, *statements: Composable) -> list[str]:
        """Run statements as superuser in ``postgres``, each in a transaction; return rows with ``|`` between columns.

        Raises PostgresError: the server does not answer, or a statement failed.
        """
        return self._run(
            "psql",
            *("--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set=ON_ERROR_STOP=1", "--dbname=postgres"),
            given="".join(f"{statement.as_string()};\n" for statement in statements),
        ).splitlines()

    def _run(self, program: str, *arguments: str, folder: Path | None = None, given: str = "") -> str:
        environment = {"PGPASSWORD": self.password_file.read_text()}
        return process.run(
            program, *self._address(), *arguments, folder=folder, environment=environment, standard_input=given
        )

    def copy_to(self, folder: Path) -> None:
        """Make a copy that a server can start from, while this one runs or not.

        Raises PostgresError: the copy failed and was removed.
        """
        copy = Postgres(folder)
        copy.make_folder()
        try:
            shutil.copyfile(self.password_file, copy.password_file)
            if self.running:
                data = f"--pgdata={FOLDER_PLACEHOLDER}/{copy.data.name}"
                options = ("--checkpoint=fast", "--no-manifest", "--no-sync")
                self._run("pg_basebackup", data, *options, folder=folder)
            else:
                shutil.copytree(self.data, copy.data, symlinks=True)
            process.give(folder)
            copy.password_file.chmod(0o600)
        except OSError as error:
            copy.delete()
            raise PostgresError(f"{self.folder} could not be copied: {error}") from error
        except PostgresError:
            copy.delete()
            raise

    def delete(self) -> None:
        """End the server and remove its folder."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)
