"""The runbook's two editions say the same, in both shells, and name what exists."""

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer.main
from typer.core import TyperCommand, TyperGroup

from installation import yaml_text
from ops.cli.app import build
from tests.conftest import ROOT
from tests.documents.test_places import PAGES
from tests.support.documents.blocks import Block, read_blocks, twins
from tests.support.documents.powershell import words_of_bash, words_of_powershell
from tests.support.documents.situations import SITUATIONS

EDITIONS = (ROOT / "docs/operations.md", ROOT / "docs/operations.ja.md")
_command = cache(lambda: typer.main.get_command(build()))  # as typer types it; the type itself is not public
_FENCED = re.compile(r"^ *```\w*\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)


def _blocks(edition: Path) -> tuple[Block, ...]:
    return read_blocks(edition)


def test_both_editions_have_the_same_commands_and_marks() -> None:
    english, japanese = (
        [(it.language, it.commands, it.reason, it.order, it.situation) for it in _blocks(edition)]
        for edition in EDITIONS
    )
    assert english == japanese


def test_both_editions_have_the_same_sections_and_tables() -> None:
    def shape(edition: Path) -> list[str]:
        lines = [line.lstrip() for line in edition.read_text().splitlines()]
        return [
            line.split()[0] if line.startswith("#") else "|" * line.count("|") for line in lines if line[:1] in "#|"
        ]

    english, japanese = map(shape, EDITIONS)
    assert english == japanese


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda it: it.name)
def test_powershell_does_what_bash_does(edition: Path) -> None:
    pairs = twins(_blocks(edition))
    assert pairs
    for bash, powershell in pairs:
        if any(it in bash.text for it in ("local env", "()", "while")):
            continue  # evaluation, functions and loops are written otherwise; the next test holds what they call
        ends = {"|| test $? -eq 5": "", "|| test $? -eq 6": ""}  # only a script ends with an exit code
        text = bash.commands
        for bash_only, nothing in ends.items():
            text = text.replace(bash_only, nothing)
        plain = powershell.commands.replace("${REPOSITORY}", "$REPOSITORY")  # a colon follows
        assert words_of_powershell(plain) == words_of_bash(text), str(powershell)


def test_every_situation_is_known() -> None:
    wanted = {block.situation for edition in EDITIONS for block in _blocks(edition)} - {None}
    assert wanted == set(SITUATIONS)


def _options(words: list[str]) -> set[str]:
    """The options of a command that is called by some words."""
    command = _command()
    while isinstance(command, TyperGroup) and words and not words[0].startswith("--"):
        assert words[0] in command.commands, f"there is no `{command.name} {words[0]}`"
        command, words = command.commands[words[0]], words[1:]
    assert isinstance(command, TyperCommand | TyperGroup)
    return {option for parameter in command.params for option in [*parameter.opts, *parameter.secondary_opts]}


def test_every_command_and_option_exists() -> None:
    """In all documents, also in the text and the tables, and in blocks that do not run."""
    found = []
    for page in PAGES:
        text = page.read_text()
        lines = [line.strip() for fence in _FENCED.findall(text) for line in fence.splitlines()]
        found += re.findall(r"`(hannibal [^`]+)`", text) + [line for line in lines if line.startswith("hannibal ")]
    assert len(found) > len(PAGES)
    for line in dict.fromkeys(found):
        words = shlex.split(re.split(r"\|\||\||…|#", line)[0])[1:]
        words = words[: words.index("--")] if "--" in words else words  # what follows is another command's
        options = _options(words)
        for word in words:
            if word.startswith("--"):
                assert word.partition("=")[0] in options, f"{line}: no option {word}"


def test_workflows_have_the_inputs_that_are_given() -> None:
    lines = [
        line for block in _blocks(EDITIONS[0]) for line in block.commands.splitlines() if line.startswith("gh workflow")
    ]
    assert len(lines) == 4
    for line in lines:
        words = shlex.split(line)
        workflow = yaml_text.parsed((ROOT / ".github/workflows" / words[3]).read_text())
        inputs: dict[str, Any] = workflow[True]["workflow_dispatch"]["inputs"]  # YAML reads `on` as true
        given = dict(word.split("=", 1) for word in words if "=" in word)
        assert given.keys() <= inputs.keys()
        assert all(inputs[name].get("required") is False for name in inputs.keys() - given.keys())
        for name, value in given.items():
            assert value in inputs[name].get("options", [value])


def test_a_mark_that_nobody_knows_is_named(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text("text\n\n<!-- run sometime -->\n```bash\ntrue\n```\n")
    with pytest.raises(ValueError, match=r"page\.md:4: unknown mark 'run sometime'"):
        read_blocks(document)


def test_a_block_without_a_language_is_not_passed_over(tmp_path: Path) -> None:
    document = tmp_path / "page.md"
    document.write_text("```\nrm -rf /\n```\n")
    with pytest.raises(ValueError, match="2 fences, but 0 blocks"):
        read_blocks(document)
