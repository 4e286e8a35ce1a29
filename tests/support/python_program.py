"""Programs of a test that this Python runs."""

import shlex
import sys
from pathlib import Path


def write_python_program(program: Path, text: str, *options: str) -> None:
    """Write a program that may be called, and give it to this Python, with options of its own.

    A first line for Python itself could hold no space, and a checkout may stand below a folder with one. So a shell
    reads the second line, of which Python reads a text that says nothing.
    """
    interpreter = shlex.join((sys.executable, *options))
    program.write_text(f"#!/bin/sh\n'''exec' {interpreter} \"$0\" \"$@\"\n' '''\n{text}")
    program.chmod(0o755)
