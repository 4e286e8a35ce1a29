"""Brings commands in bash and PowerShell into one form, as far as the documents use the two."""

import re
import shlex

_ASSIGNMENT = re.compile(r"^\$(?P<name>\w+) = (?P<command>.+)$")
_BASH_ASSIGNMENT = re.compile(r"^(?P<name>\w+)=\$\((?P<command>.+)\)$")


def words_of_bash(text: str) -> list[list[str]]:
    """The words of each command; an assignment is the name, ``=``, and the command whose output it gets."""
    lines = re.sub(r"\\\n\s*", " ", text).splitlines()
    return [_words(line, _BASH_ASSIGNMENT) for line in lines if line.strip()]


def words_of_powershell(text: str) -> list[list[str]]:
    """The same for PowerShell, which continues lines with another character and has another assignment."""
    lines = re.sub(r"`\n\s*", " ", text).splitlines()
    return [_words(line, _ASSIGNMENT) for line in lines if line.strip()]


def _words(line: str, assignment: re.Pattern[str]) -> list[str]:
    match = assignment.match(line)
    if match is None:
        return shlex.split(line)
    return [match["name"], "=", *shlex.split(match["command"])]
