"""``hannibal`` and ``aws``, forked from one process that has imported them, because tests start them 300 times.

Only the start differs: a command has its own process, environment, folder, streams and exit code. Other tests start the
installed program. One process serves all processes that run tests at the same time, and ends with the last of them.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import pkgutil
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.support.python_program import write_python_program
from tests.support.waiting import LIMIT_SECONDS

_ROOT: Final = Path(__file__).parents[2]
_SESSION: Final = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
_FOLDER: Final = Path(tempfile.gettempdir()) / f"hannibal-command-{os.getuid()}-{_SESSION}"
_COMMAND, _TESTS = b"c", b"t"  # what a connection is for
_SECONDS: Final = LIMIT_SECONDS
_PROGRAM: Final = """import json, os, socket, sys
connection = socket.socket(socket.AF_UNIX)
connection.connect({address!r})
socket.send_fds(connection, [b"c"], [0, 1, 2])
connection.sendall(json.dumps([sys.argv, os.getcwd(), dict(os.environ), {prelude!r}]).encode())
connection.shutdown(socket.SHUT_WR)
sys.exit(int(connection.recv(4) or 1))
"""


# -- in the tests -----------------------------------------------------------------------------------------------------
def run(
    *arguments: str, folder: Path, environment: Mapping[str, str], prelude: str = ""
) -> subprocess.CompletedProcess[str]:
    """Run ``hannibal ARGUMENTS`` to its end.

    Args:
        arguments: those of the command line.
        folder: its working directory.
        environment: all its environment variables.
        prelude: Python code that its process runs before.
    """
    _serve()
    command = ["hannibal", *arguments]
    request = [command, str(folder), dict(environment), prelude]
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors, Path(os.devnull).open("rb") as nothing:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_SECONDS)
            connection.connect(str(_address()))
            socket.send_fds(connection, [_COMMAND], [it.fileno() for it in (nothing, output, errors)])
            connection.sendall(json.dumps(request).encode())
            connection.shutdown(socket.SHUT_WR)
            code = connection.recv(4)
        texts = []
        for file in (output, errors):
            file.seek(0)
            texts.append(file.read().decode())
    # Without an exit code it was killed: otherwise it always sends one.
    return subprocess.CompletedProcess(command, int(code) if code else -signal.SIGKILL, *texts)


def write_program(program: Path, prelude: str = "") -> None:
    """Write a program that does the same instead of an installed command.

    Args:
        program: the file, whose name is the command's: ``hannibal`` or ``aws``.
        prelude: Python code that the command's process runs before.
    """
    _serve()
    write_python_program(program, _PROGRAM.format(address=str(_address()), prelude=prelude), "-IS")


@functools.cache
def _serve() -> socket.socket:
    """Start the process if no other tests have, and keep it running as long as this process."""
    for _ in range(5):
        _FOLDER.mkdir(mode=0o700, exist_ok=True)
        # At the end of this program, the address accepts connections.
        subprocess.run([sys.executable, "-m", __name__, str(_FOLDER)], cwd=_ROOT, check=True)
        connection = socket.socket(socket.AF_UNIX)
        with contextlib.suppress(ConnectionError, FileNotFoundError):
            connection.connect(str(_address()))
            connection.sendall(_TESTS)
            if connection.recv(1):
                return connection
        connection.close()  # the tests that used it have just ended
    raise AssertionError(f"the command does not answer; {_FOLDER / 'log'}")


def _address() -> Path:
    return _FOLDER / "socket"


# -- in the process ---------------------------------------------------------------------------------------------------
def main() -> None:
    """Take the address, continue in the background, import, and fork for each call until no tests are connected."""
    folder = Path(sys.argv[1])
    address = folder / "socket"
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(address))
    except OSError:
        return  # other tests have started a process
    listener.listen(64)
    if os.fork():
        os._exit(0)
    with (folder / "log").open("wb") as log, Path(os.devnull).open("rb") as nothing:
        for number, file in enumerate((nothing, log, log)):
            os.dup2(file.fileno(), number)
    os.setsid()
    try:
        _import()
        _answer(listener)
        shutil.rmtree(folder)
    finally:
        address.unlink(missing_ok=True)
        listener.close()


def _answer(listener: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # no need to wait for them: they send their exit codes
    tests = list[socket.socket]()
    served = False
    while tests or not served:
        readable, _, _ = select.select([listener, *tests], [], [])
        for ended in (it for it in readable if it is not listener):
            tests.remove(ended)
            ended.close()
        if listener in readable:
            connection, _ = listener.accept()
            kind, streams, *_ = socket.recv_fds(connection, 1, 3)
            if kind == _TESTS:
                tests.append(connection)
                served = True
                connection.sendall(b".")
                continue
            if kind == _COMMAND and os.fork() == 0:
                for it in (listener, *tests):
                    it.close()
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                _run(connection, streams)
            for stream in streams:
                os.close(stream)
            connection.close()


def _import() -> None:
    from tests.support.given_configuration import use_given_configuration
    from tests.support.shared_commands import share_commands
    from tests.support.shared_models import share_models

    use_given_configuration()
    share_commands()
    share_models()
    import boto3
    import typer.main

    import ops
    from ops.aws.clients import Aws, _Client
    from ops.cli.app import build

    for module in pkgutil.walk_packages(ops.__path__, "ops."):
        if not module.name.endswith(("__main__", ".synthesis")):
            importlib.import_module(module.name)
    typer.main.get_command(build())
    # The models of their clients are read once, not after each fork.
    session: Any = boto3.Session("key", "secret", region_name="ap-northeast-1")
    for descriptor in vars(Aws).values():
        if isinstance(descriptor, _Client):
            client = session.client(descriptor._service)
            client.can_paginate(next(iter(client.meta.method_to_api_mapping)))
            client.waiter_names  # noqa: B018 - a property that reads a file
    importlib.import_module("awscli.handlers")  # with all modules of the AWS CLI
    importlib.import_module("awscli.clidriver").create_clidriver().session.get_available_services()
    assert threading.active_count() == 1, "a thread would not be there after a fork"
    gc.freeze()


def _run(connection: socket.socket, streams: Sequence[int]) -> None:
    arguments, folder, environment, prelude = json.loads(b"".join(iter(lambda: connection.recv(1 << 16), b"")))
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin, sys.stdout = (os.fdopen(number, mode) for number, mode in enumerate("rw"))
    sys.stderr = os.fdopen(2, "w", buffering=1, errors="backslashreplace")
    sys.argv = arguments
    sys.modules["__main__"].__package__ = None  # so that usage begins with the program's name
    code = _exit_code(prelude)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    connection.sendall(str(code).encode())
    os._exit(0)


def _exit_code(prelude: str) -> int:
    try:
        exec(prelude, {})  # noqa: S102 - code of a test
        return _COMMANDS[Path(sys.argv[0]).name]() or 0
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
            return 1
        return end.code or 0
    except BaseException:  # noqa: BLE001 - as the interpreter does it
        traceback.print_exc()
        return 1


def _hannibal() -> None:
    from ops.cli.app import run

    run()


def _aws() -> int:
    import awscli.clidriver

    # The import set this variable in an environment that the command's environment has replaced.
    os.environ["AWS_DATA_PATH"] = os.pathsep.join(awscli._awscli_data_path)
    code: int = awscli.clidriver.main()
    return code


_COMMANDS: Final[dict[str, Callable[[], int | None]]] = {"aws": _aws, "hannibal": _hannibal}


if __name__ == "__main__":
    main()
