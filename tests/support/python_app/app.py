"""A small product that does not depend on this repository: plain Python, PostgreSQL by DATABASE_URL, files in /tmp."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import psycopg

_FOLDERS = ("/", "/tmp", "/data", "/app")  # noqa: S108 - of a container
_SCHEMA = "CREATE TABLE IF NOT EXISTS notes (id serial PRIMARY KEY, text text NOT NULL)"


def notes(new: str | None = None) -> list[str]:
    """The notes in the database, after adding a new one, if given."""
    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=300) as connection:
        if new is not None:
            connection.execute("INSERT INTO notes (text) VALUES (%s)", [new])
        return [row[0] for row in connection.execute("SELECT text FROM notes ORDER BY id")]


def can_write(folder: str) -> bool:
    """Whether this process may create a file in a folder."""
    try:
        (Path(folder) / "probe").write_text("x")
    except OSError:
        return False
    return True


def about() -> dict[str, object]:
    """Properties and permissions of this process."""
    return {
        "user": os.getuid(),
        "process": os.getpid(),
        "writable": [folder for folder in _FOLDERS if can_write(folder)],
        "variables": dict(os.environ),
    }


def credentials() -> dict[str, str]:
    """The credentials from the task's endpoint."""
    with urlopen("http://169.254.170.2" + os.environ["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"], timeout=300) as answer:
        content: dict[str, str] = json.load(answer)
    return content


def metadata() -> dict[str, object]:
    """The metadata of the task."""
    with urlopen(os.environ["ECS_CONTAINER_METADATA_URI_V4"] + "/task", timeout=300) as answer:  # noqa: S310 - ECS's
        content: dict[str, object] = json.load(answer)
    return content


def slow() -> str:
    """An answer after some time."""
    time.sleep(1)
    return "done"


class Handler(BaseHTTPRequestHandler):
    """Answers requests."""

    def do_GET(self) -> None:
        pages: dict[str, Callable[[], object]] = {
            "/": about,
            "/health": lambda: {"status": "ok"},
            "/notes": notes,
            "/credentials": credentials,
            "/metadata": metadata,
            "/slow": slow,
            "/file": lambda: Path("/data/note").read_text(encoding="utf-8"),
        }
        page = pages.get(self.path)
        self._answer(page) if page else self._send(404, {"error": "no such page"})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        self._answer(lambda: notes(body))

    def _answer(self, page: Callable[[], object]) -> None:
        try:
            self._send(200, page())
        except (psycopg.Error, OSError, HTTPError, KeyError) as error:
            self._send(500, {"error": f"{type(error).__name__}: {error}"})

    def _send(self, status: int, content: object) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - of the base class
        print(format % arguments, flush=True)


def serve() -> None:
    """Serve until SIGTERM, then complete the running requests."""
    port = int(os.environ.get("PORT", "3000"))
    server = ThreadingHTTPServer(("0.0.0.0", port), Handler)  # noqa: S104 - of a container
    server.daemon_threads = False
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=server.shutdown).start())
    print("listening", flush=True)
    server.serve_forever()
    server.server_close()
    print("stopped in good order", flush=True)


def main() -> None:
    """Run the given command."""
    command = sys.argv[1] if len(sys.argv) > 1 else "serve"
    if command == "migrate":
        with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=300) as connection:
            connection.execute(_SCHEMA)
        print("migrated", flush=True)
    elif command == "exit":
        sys.exit(int(sys.argv[2]))
    elif command == "eat":
        block = []
        while True:
            block.append(b"x" * 1_000_000)
    elif command == "write":
        Path("/data/note").write_text(sys.argv[2])
    else:
        serve()


main()
