"""``hannibal`` for a checkout, forked from one process that has imported it: the documents start it eighty times.

Only the start differs: a command has its own process, environment, folder, streams and exit code. That the installed
program starts is seen by other tests. Run as ``python -m … SOCKET CHECKOUT``.
"""

import atexit
import gc
import importlib
import json
import os
import pkgutil
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.conftest import ROOT
from tests.support.shared_models import share_models
from tests.support.waiting import wait_for

_PROGRAM: Final = """#!{python} -IS
import json, os, signal, socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect({address!r})
socket.send_fds(connection, [b"."], [0, 1, 2])
connection.sendall(json.dumps([sys.argv, os.getcwd(), dict(os.environ)]).encode())
connection.shutdown(socket.SHUT_WR)
sys.exit(int(connection.recv(4) or 1))
"""
# Their models are read before the fork.
_SERVICES: Final = (
    *("budgets", "cloudformation", "cloudfront", "cloudwatch", "codedeploy", "ec2", "ecr", "ecs", "elbv2", "iam"),
    *("logs", "rds", "s3", "secretsmanager", "ssm", "sts"),
)


@contextmanager
def forked_command(folder: Path, checkout: Path) -> Iterator[None]:
    """Put the command in the place of ``bin/hannibal``, and have it answered.

    Args:
        folder: of the test; it holds ``bin`` and the socket.
        checkout: where the command keeps logs and outputs.
    """
    program, address = folder / "bin" / "hannibal", folder / "command"
    program.write_text(_PROGRAM.format(python=sys.executable, address=str(address)))
    with (folder / "command.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", __name__, str(address), str(checkout)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        wait_for(lambda: address.exists() or process.poll() is not None, "the command is imported")
        assert process.poll() is None, (folder / "command.log").read_text()
        yield
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Import, and fork for each call until killed."""
    address, checkout = Path(sys.argv[1]), Path(sys.argv[2])
    _import(checkout)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f"{address}.new")
    listener.listen()
    address.with_name(f"{address.name}.new").rename(address)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for them: they say their exit code themselves
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _run(connection)
        connection.close()


def _import(checkout: Path) -> None:
    share_models()
    import botocore.session

    import ops.stacks.checkout

    ops.stacks.checkout._ROOT = checkout
    for module in pkgutil.walk_packages(ops.__path__, "ops."):
        if not module.name.endswith(("__main__", ".synthesis")):
            importlib.import_module(module.name)
    for service in _SERVICES:
        botocore.session.Session().get_service_model(service)
    assert threading.active_count() == 1, "a thread would not be there after a fork"
    gc.freeze()


def _run(connection: socket.socket) -> None:
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    arguments, folder, environment = json.loads(b"".join(iter(lambda: connection.recv(1 << 16), b"")))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin, sys.stdout = (os.fdopen(number, mode) for number, mode in enumerate("rw"))
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace")
    sys.argv = arguments
    sys.modules["__main__"].__package__ = None  # usage begins with the program's name
    code = _exit_code()
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    connection.sendall(str(code).encode())
    os._exit(0)


def _exit_code() -> int:
    from ops.cli.app import run

    try:
        run()
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    except BaseException:  # noqa: BLE001 - as the interpreter does it
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    main()
