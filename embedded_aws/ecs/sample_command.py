"""Simulates the command of a one-off task where no container engine runs it.

The programs of the image are not available. A few commands that need no image run: with them, exit codes, long tasks,
variables and the database can be rehearsed. Each output begins with a line that explains this.
"""

import shlex
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

_NO_ENGINE = (
    "no container engine runs this task: a stand-in is in its place (hannibal local up --containers runs images that "
    "are in the embedded ECR)"
)
_SHELLS = ("sh", "/bin/sh", "bash", "/bin/bash")
_WORDS_WITH_SHELL = 3
_SIGTERM = 143  # 128 and the signal's number, as a shell reports it
_FAILED = 1
_UNUSABLE = 2


@dataclass
class SampleCommand:
    """A simulated command."""

    command: Sequence[str]  # the command's words
    environment: Mapping[str, str]  # the container's variables
    # File with the certificate authorities for the database's certificate; None for libpq's default.
    certificates: Path | None
    write_line: Callable[[str], None]  # receives a line of the log
    ended: Callable[[int], None]  # receives the exit code
    _stopped: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start the command."""
        threading.Thread(target=self._run, name="sample-command", daemon=True).start()

    def stop(self) -> None:
        """End it as SIGTERM would."""
        self._stopped.set()

    def _run(self) -> None:
        self.write_line(_NO_ENGINE)
        code = self._answer(_without_shell(self.command))
        self.ended(_SIGTERM if self._stopped.is_set() else code)

    def _answer(self, words: list[str]) -> int:
        programs: dict[str, Callable[[list[str]], int]] = {
            "true": lambda _: 0,
            "false": lambda _: _FAILED,
            "exit": self._exit,
            "echo": self._echo,
            "printenv": self._printenv,
            "sleep": self._sleep,
            "psql": self._psql,
        }
        name, *arguments = words or [""]
        if name in programs:
            return programs[name](arguments)
        self.write_line(f"did not run: {shlex.join(words)}")
        self.write_line(f"ends with exit code 0; the stand-in runs only {', '.join(programs)}")
        return 0

    def _exit(self, arguments: list[str]) -> int:
        return int(arguments[0]) if arguments and arguments[0].isdigit() else _UNUSABLE

    def _echo(self, arguments: list[str]) -> int:
        self.write_line(" ".join(arguments))
        return 0

    def _printenv(self, arguments: list[str]) -> int:
        found = [self.environment[name] for name in arguments if name in self.environment]
        for line in found if arguments else [f"{name}={value}" for name, value in self.environment.items()]:
            self.write_line(line)
        return 0 if len(found) == len(arguments) else _FAILED

    def _sleep(self, arguments: list[str]) -> int:
        try:
            seconds = float(arguments[0])
        except (IndexError, ValueError):
            return _UNUSABLE
        self._stopped.wait(seconds)
        return 0

    def _psql(self, arguments: list[str]) -> int:
        """Run `psql [$VARIABLE] -c STATEMENT` in the database of DATABASE_URL or of the variable."""
        statements = [arguments[place + 1] for place, word in enumerate(arguments[:-1]) if word == "-c"]
        variable = next((word[1:] for word in arguments if word.startswith("$")), "DATABASE_URL")
        url = self.environment.get(variable)
        if not statements or not url:
            self.write_line("psql needs -c STATEMENT, and DATABASE_URL")
            return _UNUSABLE
        tls: dict[str, Any] = {"sslrootcert": str(self.certificates)} if self.certificates else {}
        try:
            with psycopg.connect(url, connect_timeout=60, **tls) as connection:
                for statement in statements:
                    cursor = connection.execute(statement.encode())
                    for row in cursor.fetchall() if cursor.description else ():
                        self.write_line(" | ".join(map(str, row)))
                    self.write_line(cursor.statusmessage or "")
        except psycopg.Error as error:
            self.write_line(f"psql: {str(error).strip()}")
            return _FAILED
        return 0


def _without_shell(command: Sequence[str]) -> list[str]:
    """The words of a command, without the shell that runs it."""
    through_shell = len(command) == _WORDS_WITH_SHELL and command[0] in _SHELLS
    if through_shell and command[1].startswith("-") and command[1].endswith("c"):
        try:
            return shlex.split(command[2])
        except ValueError:
            return [command[2]]
    return list(command)
