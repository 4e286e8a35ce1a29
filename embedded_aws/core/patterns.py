"""Regular expressions that others write: one that backtracks for ever holds up nobody."""

import json
import re
import subprocess
import sys
from typing import Final

_REPEATS: Final = re.compile(r"[*+{]")
_SHORT: Final = 16  # characters, over which nothing takes long
_LONGEST_SECONDS: Final = 10.0
_PROGRAM: Final = "import json, re, sys; it = json.load(sys.stdin); sys.exit(getattr(re, it[0])(*it[1:]) is None)"


def found(pattern: str, text: str, *, whole: bool = False) -> bool:
    """Whether a text has what a pattern says, or is it as a whole; not where to find out takes longer than seconds.

    Python looks for it in one step that keeps every other thread waiting. So a process of its own does, where the
    pattern repeats more than one thing.

    Raises:
        re.error: Python cannot read the pattern.
    """
    compiled, how = re.compile(pattern), "fullmatch" if whole else "search"
    if len(text) <= _SHORT or len(_REPEATS.findall(pattern)) <= 1:
        return getattr(compiled, how)(text) is not None
    command = [sys.executable, "-I", "-c", _PROGRAM]
    given = json.dumps([how, pattern, text]).encode()
    try:
        return subprocess.run(command, input=given, check=False, timeout=_LONGEST_SECONDS).returncode == 0  # noqa: S603 - fixed words
    except subprocess.TimeoutExpired:
        return False
