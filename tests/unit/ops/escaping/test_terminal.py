"""A terminal gets no control character but the line feeds and colours that the command itself writes."""

import io
import json
import re
import unicodedata

from rich.table import Table
from rich.text import Text

from ops.escaping.terminal import EscapingConsole, document, json_document
from tests.support.hostile_texts import ALL, mixed

CASES = (*ALL, *mixed(2_000))
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
