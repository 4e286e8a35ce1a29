"""Forks processes of Python functions: imports AWS's runtime once, and not for 0.2 seconds in each function.

It runs as a separate program with ``-S`` and only the runtime's modules (see ``processes``), so that a forked function
contains nothing of the server. A request arrives on the socket whose number is the argument, with the three files that
become the function's standard streams. The answer is a file descriptor of the new process. The program ends when the
socket is closed.
"""

import gc
import json
import os
import runpy
import signal
import socket
import sys
import time
from typing import Any

_LONGEST_REQUEST = 1_000_000


def main() -> None:
    """Fork until the server ends; in a forked process, run the function's program."""
    del sys.path[0]  # this file's folder
    import boto3  # noqa: F401 - for the functions, which inherit it

    server = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, _collect)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, and this process ends with it
    gc.freeze()  # keeps the memory that all functions share
    while True:
        text, files, *_ = socket.recv_fds(server, _LONGEST_REQUEST, 3)
        if not text:
            return
        # A process that has ended is not collected before its descriptor is open.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        process = os.fork()
        if process == 0:
            break
        descriptor = os.pidfd_open(process)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        socket.send_fds(server, [str(process).encode()], [descriptor])
        for file in (*files, descriptor):
            os.close(file)
    server.close()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    _become(json.loads(text), files)


def _collect(_number: int, _frame: object) -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def _become(request: dict[str, Any], files: list[int]) -> None:
    """Replace this process's state by that of ``python -S PROGRAM``."""
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    time.tzset()
    program = request["program"]
    sys.argv = [program]
    sys.path.insert(0, os.path.dirname(program))  # noqa: PTH120 - every function inherits the imports made here
    runpy.run_path(program, run_name="__main__")


if __name__ == "__main__":
    main()
