"""The image that runs until the first release, and what it is known to lack."""

import re
import shlex
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Final

# Version 41 (decision record 11), built on node:22-alpine: besides Node it has what Alpine's BusyBox has.
ECHO_IMAGE: Final = (
    "ghcr.io/mendhak/http-https-echo@sha256:2046be25f4a2c0bdda662ebfb7c2b7b60fc95c31d97987be143645a8a2194a40"
)
# It would tell each caller, and the log, the headers that it was sent, the distribution's secret one among them.
ECHO_IMAGE_SILENT: Final = {"ECHO_BACK_TO_CLIENT": "false", "LOG_IGNORE_PATH": "."}
# Where it listens besides, unless HTTPS_PORT says another one (mendhak/docker-http-https-echo, index.js).
ECHO_HTTPS_PORT: Final = 8443
# What health checks are asked by elsewhere. Programs by a path are those of the system and of Node alone.
_LACKING: Final = re.compile(r"bash|curl|dotnet|grpc_health_probe|java|perl|pg_isready|php|python[\d.]*|ruby")
_DIRECTORIES: Final = ("/bin", "/sbin", "/usr/bin", "/usr/local/bin", "/usr/sbin")
_SEPARATORS: Final = "&|;()\n"
_VARIABLE: Final = re.compile(r"\w+=")


def lacking_program(command: tuple[str, ...]) -> str:
    """The program for want of which a container's health check fails in the image; empty where none is known.

    Where a shell asks, each of its alternatives, which || divides, has to lack one; `exit 1` is no alternative.

    Raises:
        ValueError: the shell's line has a quote without its end.
    """
    if command[0] == "CMD":
        return command[1] if _lacks_program(command[1]) else ""
    lacking = [next((it for it in programs if _lacks_program(it)), "") for programs in _alternatives(command[1])]
    return lacking[0] if lacking and all(lacking) else ""


def _lacks_program(program: str) -> bool:
    path = PurePosixPath(program)
    return _LACKING.fullmatch(path.name) is not None or ("/" in program and str(path.parent) not in _DIRECTORIES)


def _alternatives(line: str) -> Iterator[list[str]]:
    """What stands where a shell expects a program, in each alternative that can succeed."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=_SEPARATORS)
    lexer.commenters, lexer.whitespace, lexer.whitespace_split = "", " \t", True
    alternatives: list[list[list[str]]] = [[[]]]
    for word in lexer:
        if word == "||":
            alternatives.append([[]])
        elif not word.strip(_SEPARATORS):
            alternatives[-1].append([])
        elif alternatives[-1][-1] or not _VARIABLE.match(word):
            alternatives[-1][-1].append(word)
    for commands in alternatives:
        if commands[0][:1] not in (["exit"], ["false"]) or commands[0] == ["exit", "0"]:
            yield [command[0] for command in commands if command]
