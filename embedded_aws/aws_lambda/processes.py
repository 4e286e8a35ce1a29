"""Processes of Python functions, forked from a process that has imported AWS's runtime (see ``fork_runtime``)."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Final

from embedded_aws.aws_lambda import fork_runtime

_PROGRAM: Final = Path(fork_runtime.__file__)
_LONGEST_ANSWER: Final = 100
# Python, the loader of programs, the C library and OpenSSL read these variables at start or import.
_READ_AT_START: Final = ("LANG", "LC_", "LD_", "MALLOC_", "OPENSSL_", "PYTHON")


class ForkedProcess:
    """A function's process, with the part of ``subprocess.Popen`` that the emulator uses."""

    def __init__(self, pid: int, descriptor: int, files: tuple[IO[str], IO[str], IO[str]]) -> None:
        """Keep the process id, its file descriptor, and the parent's ends of its standard streams."""
        self.pid = pid
        self.stdin, self.stdout, self.stderr = files
        self._descriptor = descriptor

    def __del__(self) -> None:
        os.close(self._descriptor)

    def poll(self) -> int | None:
        """0 if the process has ended, whatever its exit code; None while it runs."""
        return 0 if self._has_ended(0) else None

    def wait(self, timeout: float | None = None) -> int:
        """Wait until the process ends. Raises subprocess.TimeoutExpired: it has not within ``timeout`` seconds."""
        if not self._has_ended(timeout):
            raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
        return 0

    def terminate(self) -> None:
        """Ask the process to end."""
        self._send(signal.SIGTERM)

    def kill(self) -> None:
        """End the process at once."""
        self._send(signal.SIGKILL)

    def _has_ended(self, seconds: float | None) -> bool:
        waiting = select.poll()
        waiting.register(self._descriptor, select.POLLIN)
        return bool(waiting.poll(None if seconds is None else seconds * 1000))

    def _send(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._descriptor, number)


class Runtime:
    """Starts the forking process with the first function, and again if it was ended."""

    def __init__(self, modules: Path, variables: Mapping[str, str]) -> None:
        """Use a folder with the runtime's modules, and the variables of a function that sets none."""
        self._modules, self._variables = modules, variables
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None

    def suits(self, environment: Mapping[str, str], code: Path) -> bool:
        """Whether a forked function behaves like one that is started by itself.

        It does not if a variable changes how Python starts, or if the function contains its own version of a runtime
        module.
        """
        started = {name: value for name, value in environment.items() if name.startswith(_READ_AT_START)}
        return started.items() <= self._variables.items() and not any(
            (code / module.name).exists() for module in self._modules.iterdir()
        )

    def start(self, program: str, folder: str, environment: Mapping[str, str]) -> ForkedProcess:
        """Start ``python -S PROGRAM``."""
        request = json.dumps({"program": program, "folder": folder, "environment": dict(environment)}).encode()
        with ExitStack() as stack:
            ends = [os.pipe() for _ in range(3)]
            child_ends = [ends[0][0], ends[1][1], ends[2][1]]
            for end in child_ends:
                stack.callback(os.close, end)
            stdin = os.fdopen(ends[0][1], "w", buffering=1, encoding="utf-8")
            stdout, stderr = (os.fdopen(end[0], encoding="utf-8") for end in ends[1:])
            with self._lock:
                answer, descriptor = self._send_request(request, child_ends)
        return ForkedProcess(int(answer), descriptor, (stdin, stdout, stderr))

    def _send_request(self, request: bytes, files: list[int]) -> tuple[bytes, int]:
        connection = self._connection()
        socket.send_fds(connection, [request], files)
        answer, descriptors, *_ = socket.recv_fds(connection, _LONGEST_ANSWER, 1)
        if not answer:
            raise RuntimeError("the process that forks Lambda functions has ended")
        os.set_inheritable(descriptors[0], False)
        return answer, descriptors[0]

    def _connection(self) -> socket.socket:
        if self._socket is not None and self._process is not None and self._process.poll() is None:
            return self._socket
        self.stop()
        # This socket keeps the limits of messages, so each request is received whole.
        self._socket, child_socket = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with child_socket:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-S", str(_PROGRAM), str(child_socket.fileno())],
                env=self._variables,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[child_socket.fileno()],
            )
        return self._socket

    def stop(self) -> None:
        """End the forking process; functions continue."""
        if self._socket is not None:
            self._socket.close()
        if self._process is not None:
            self._process.wait()
        self._socket = self._process = None
