"""A terminal gets no control character but the line feeds and colours that the command itself writes."""

import io
import json
import re
import unicodedata

import pytest
from rich.table import Table
from rich.text import Text

from ops.escaping.terminal import EscapingConsole, document, json_document
from tests.support.hostile_texts import ALL, mixed

CASES = (*ALL, *mixed(2_000))
COMMANDS = (
    "::add-mask::true",
    "  ::set-output name=destroy::true",
    "words\n\t::set-env name=a::b",
    "words ##[set-output name=image]other",
    "##[error]no risk was found",
    "::stop-commands::x",
)
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


def assert_harmless(text: str) -> None:
    for character in text:
        assert character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"), text


def test_a_document_controls_nothing() -> None:
    for case in CASES:
        assert_harmless(document(case))
    assert document("a\n\tb ü 漢 ⚠️") == "a\n\tb ü 漢 ⚠️"


def test_only_our_own_control_characters_reach_the_console() -> None:
    for case in CASES:
        stream = io.StringIO()
        console = EscapingConsole(file=stream, force_terminal=True, color_system="standard", highlight=False, width=500)
        table = Table(title=case)
        table.add_column(case)
        table.add_row(case)
        console.print(case, table, Text(case, style="bold red"), Text(case, style="link https://attacker.example"))
        written = stream.getvalue()
        assert "\x1b]" not in written, case
        assert_harmless(COLOURS.sub("", written))


def test_colours_are_left() -> None:
    stream = io.StringIO()
    console = EscapingConsole(file=stream, force_terminal=True, color_system="standard", highlight=False)
    console.print(Text("bad", style="red"), "[bold]x[/bold]")

    assert stream.getvalue() == "\x1b[31mbad\x1b[0m [bold]x[/bold]\n"


def test_json_says_the_same_without_control() -> None:
    for case in CASES:
        text = json.dumps({"value": case}, ensure_ascii=False, indent=2)
        assert_harmless(json_document(text))
        assert json.loads(json_document(text)) == {"value": case}


@pytest.mark.parametrize("text", COMMANDS)
def test_in_a_workflow_no_line_is_a_command_to_the_runner(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    stream = io.StringIO()
    console = EscapingConsole(file=stream, highlight=False, width=500)
    table = Table(text)
    table.add_row(text)
    console.print(text, table, Text.assemble("a\n", (text, "bold")))
    written = json_document(json.dumps({"a": text, "b": [text]}, indent=2))

    assert [it for it in (stream.getvalue() + document(text) + written).splitlines() if is_command(it)] == []
    assert json.loads(written)["a"] == text


def is_command(line: str) -> bool:
    """As the runner decides (actions/runner, ActionCommand.cs)."""
    return line.lstrip().startswith("::") or "##[" in line


def test_elsewhere_such_a_line_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    assert [document(it) for it in COMMANDS] == list(COMMANDS)


def test_in_a_workflow_the_rest_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert document("AWS::S3::Bucket ::1 a # [b] ## c") == "AWS::S3::Bucket ::1 a # [b] ## c"


def test_in_a_workflow_a_line_is_read_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cell that begins like a command is none, and two parts may be one together."""
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    stream = io.StringIO()
    console = EscapingConsole(file=stream, highlight=False, width=500)
    table = Table("address", "range", box=None)
    table.add_row("every", "::/0")
    console.print(table, Text.assemble(("a ##", "bold"), "[error]x"), Text.assemble((" ", "bold"), "::error::x"))
    written = stream.getvalue()
    assert re.search(r"every +::/0", written)
    assert [it for it in written.splitlines() if is_command(it)] == []
