"""Starts the embedded AWS so that it kills itself at a given write: ``python -m … WRITES -- OPTIONS``.

A write is anything that changes the folders of this process: opening a file for writing, a rename, a removal,
a new folder. The process ends before the given write as by SIGKILL, so every state between two writes can be tested.
"""

import itertools
import os
import runpy
import signal
import sys

_CHANGES = frozenset(
    {"os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.chmod", "shutil.rmtree", "subprocess.Popen"}
)
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def main() -> None:
    last = int(sys.argv[1])
    numbers = itertools.count(1)  # one step of the interpreter, so that threads do not share a number

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        if (event in _CHANGES or (event == "open" and _writes(arguments))) and next(numbers) == last:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.argv = ["embedded_aws", *sys.argv[3:]]
    sys.addaudithook(hook)
    runpy.run_module("embedded_aws", run_name="__main__", alter_sys=True)


def _writes(arguments: tuple[object, ...]) -> bool:
    _, mode, flags = arguments
    if isinstance(mode, str):
        return any(letter in mode for letter in "wax+")
    return isinstance(flags, int) and bool(flags & _WRITING)


if __name__ == "__main__":
    main()
