"""Kills an embedded AWS again and again, and repeats interrupted operations."""

import random
import signal
import threading
import time
from abc import ABC, abstractmethod
from typing import Any

import psycopg
from botocore.config import Config
from botocore.exceptions import BotoCoreError

from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import LIMIT_SECONDS

GONE = (BotoCoreError, psycopg.OperationalError)


class LostError(AssertionError):
    """An acknowledged write is lost, or a repeated operation failed."""


class Killing(ABC):
    """One server that is killed, and the data that it must keep.

    Attributes:
        server: not started yet.
        random: decides the times of kills and the operations between them.
        kills: number of kills.
        months: number of started months.
        writes: number of answered writes.
    """

    # A start or an end of a month has about as many writes.
    most_writes = 900
    most_seconds = 7.0
    # Exceptions of a step when the server is killed.
    gone: tuple[type[Exception], ...] = GONE

    def __init__(self, server: EmbeddedAws, seed: int) -> None:
        """Take a server, and the seed of its random decisions."""
        self.server = server
        self.random = random.Random(seed)  # noqa: S311 - no secret
        self._clients: dict[str, Any] = {}
        self._numbers = iter(range(1, 1_000_000))
        self._rows: set[int] = set()
        self.kills = 0
        self.months = 0
        self.writes = 0

    @abstractmethod
    def step(self) -> None:
        """Do the next operation of an operator: an interrupted operation is repeated first."""

    @abstractmethod
    def is_complete(self) -> bool:
        """Whether a month runs and nothing is interrupted."""

    @abstractmethod
    def look(self) -> None:
        """Check that no data is lost.

        Raises:
            LostError: something is lost.
        """

    @abstractmethod
    def _connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        """Connect to the database of the running month."""

    def run(self, kills: int, *, seconds: float = float("inf")) -> None:
        """Kill so many times, or until the time is over, then check once more without a kill.

        Raises:
            LostError: something is lost.
        """
        deadline = time.monotonic() + seconds
        while self.kills < kills and time.monotonic() < deadline:
            kill = self._start()
            try:
                while True:
                    self.step()
            except self.gone:
                self._reap()
                self.kills += 1
                print(f"{kill}: {self.told()}", flush=True)
        self.server.start()
        try:
            while not self.is_complete():
                self.step()
            self.look()
        finally:
            self.server.close()

    def _start(self) -> str:
        if self.random.random() < 0.5:
            number = self.random.randint(1, self.most_writes)
            try:
                self.server.start(killed_at_write=number)
            except AssertionError:
                if self.server.exit_code is None:
                    raise  # it does not start although it was not killed
            return f"before write {number}"
        seconds = self.random.uniform(0.2, self.most_seconds)
        self.server.start()
        timer = threading.Timer(seconds, self.server.kill)
        timer.daemon = True
        timer.start()
        return f"after {seconds:.3f} s"

    def _reap(self) -> None:
        code = self.server.wait()
        if code != -signal.SIGKILL:
            raise LostError(f"the server ended by itself, with exit code {code}: {self.server.log_file}")

    def told(self) -> str:
        """The numbers of kills, months and writes, as a text."""
        return f"{self.kills} kills, {self.months} months, {self.writes} writes"

    def next_number(self) -> int:
        """A number that was not used before."""
        return next(self._numbers)

    def _insert(self) -> None:
        """Insert a row that must exist from now on."""
        number = self.next_number()
        with self._connect() as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
            connection.execute("INSERT INTO kept VALUES (%s)", (number,))
        self._rows.add(number)
        self.writes += 1

    def _see_rows(self, connection: psycopg.Connection[tuple[Any, ...]], subject: str, reported: set[int]) -> None:
        table = connection.execute("SELECT to_regclass('kept')").fetchall()[0][0]
        found = {row[0] for row in connection.execute("SELECT number FROM kept")} if table else set()
        self.compare(subject, {str(one) for one in reported}, {str(one) for one in found})

    def client(self, service: str) -> Any:
        """A client without retries, so that a kill causes an error."""
        if service not in self._clients:
            config: Any = Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=LIMIT_SECONDS)
            session: Any = self.server.session()
            self._clients[service] = session.client(service, config=config)
        return self._clients[service]

    def see_the_interruption(self, stack: str, status: str) -> None:
        """Check that a kill caused the failure of a stack.

        Raises:
            LostError: it failed without a kill.
        """
        events = self.client("cloudformation").describe_stack_events(StackName=stack)["StackEvents"]
        if "embedded AWS ended" not in events[0].get("ResourceStatusReason", ""):
            reasons = [one["ResourceStatusReason"] for one in events if one["ResourceStatus"].endswith("_FAILED")]
            raise LostError(f"{stack} is {status}: {reasons}")

    def compare(self, subject: str, reported: set[str], found: set[str]) -> None:
        """Check that everything that was acknowledged is found.

        Raises:
            LostError: a part of it is not.
        """
        if lost := reported - found:
            raise LostError(f"kill {self.kills}: lost {subject}: {sorted(lost)}")
