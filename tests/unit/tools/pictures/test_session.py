"""The picture of a terminal session: what it keeps, and that its commands are there."""

import html
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from typer.main import get_command

from ops.cli.app import build
from ops.stacks.checkout import Checkout, this_checkout
from tools.pictures.all_pictures import folder_of
from tools.pictures.session import STEPS, Shown, Step, record, render


def words(svg: str) -> str:
    """All text of a picture, as a person reads it."""
    root = ET.fromstring(svg)  # noqa: S314 - it is our own
    lines = [text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text")]
    return html.unescape("\n".join(lines)).replace("\xa0", " ")


def test_a_picture_shows_commands_and_outputs_and_says_what_it_leaves_out() -> None:
    step = Step(command="hannibal start --yes", first=1, last=1)
    text = words(render([Shown(step=step, output="begin\nmiddle\nmore\nend\n")]))
    assert "hannibal start --yes" in text
    assert "begin" in text
    assert "middle" not in text
    assert "…" in text
    assert "end" in text


def test_an_output_that_fits_is_whole() -> None:
    text = words(render([Shown(step=Step(command="hannibal status", first=2, last=1), output="a1\na2\na3\n")]))
    assert {"a1", "a2", "a3"} <= set(text.split())
    assert "…" not in text


def test_colours_are_kept_and_long_lines_are_cut() -> None:
    svg = render([Shown(step=Step(command="hannibal status"), output=f"\x1b[32mfine\x1b[0m\n{'x' * 300}\n")])
    assert "\x1b" not in svg
    (style,) = re.findall(r'class="(session-r\d)"[^>]*>fine<', svg)
    assert f".{style} {{ fill: #98a84b }}" in svg
    assert "x" * 100 not in svg


def test_what_is_evaluated_is_there_for_the_next_command(tmp_path: Path) -> None:
    package = tmp_path / "ops"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(
        "import os, sys\n"
        "exports = 'export COLOUR=\"light $WHAT\"'\n"
        "print(exports if sys.argv[1] == 'local' else os.environ.get('COLOUR', 'none'))\n"
    )
    steps = [Step(command="hannibal x"), Step(command='eval "$(hannibal local env)"'), Step(command="hannibal y")]
    session = record(Checkout(root=tmp_path), steps, {"WHAT": "blue"})
    assert [shown.output for shown in session] == ["none\n", "", "light blue\n"]


def test_the_committed_picture_shows_the_commands_of_today_and_loads_nothing() -> None:
    svg = (folder_of(this_checkout()) / "session.svg").read_text(encoding="utf-8")
    text = words(svg)
    for step in STEPS:
        assert step.command.split(" --")[0] in text, f"{step.command} is not shown; run `make session`"
    assert not re.findall(r"url\(\"?http|href=", svg)
    assert "Released ghcr.io/mendhak/http-https-echo:42" in text


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.command)
def test_the_sessions_commands_exist(step: Step) -> None:
    command = re.sub(r'^eval "\$\((.*)\)"$', r"\1", step.command)
    found: Any = get_command(build())
    for word in command.split()[1:]:
        if not word.startswith("-") and hasattr(found, "commands"):
            found = found.commands[word]
    options = {option for parameter in found.params for option in parameter.opts}
    assert options.issuperset(word for word in command.split() if word.startswith("--"))
