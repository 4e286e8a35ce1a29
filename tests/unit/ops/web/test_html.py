"""A page shows texts: no element, no attribute, nothing that is not seen."""

import re
import unicodedata

import pytest
from markupsafe import Markup

from ops.web.html import environment
from tests.support.hostile_texts import ALL, mixed

PAGE = """
{% from "elements.html.j2" import cell, code, figure, figures, head, number %}
<table>{{ head([case], numbers=(0,)) }}<tbody>
<tr>{{ cell(case, case) }}{{ figures(case, case) }}{{ cell(case, code(case)) }}</tr></tbody></table>
<p title="{{ case }}">{{ number(case, case, case) }}{{ markup }}</p>{{ figure(case, case, [(case, case)]) }}
"""


def test_a_page_shows_what_is_there() -> None:
    template = environment().from_string(PAGE)
    for case in (*ALL, *mixed(1_000)):
        page = template.render(case=case, markup=Markup("<b>x</b>"))
        assert set(re.findall(r"</?([a-z]+)", page)) <= {
            "table",
            "thead",
            "tbody",
            "tr",
            "th",
            "td",
            "span",
            "p",
            "b",
            "code",
            "data",
            "figure",
            "figcaption",
            "i",
        }, case
        assert not [c for c in page if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Co", "Zl", "Zp")]


def test_commands_in_a_sentence_are_code_and_all_else_is_text() -> None:
    template = environment().from_string("{{ case | commands }}")
    assert template.render(case="run `a < b` <i>") == "run <code>a &lt; b</code> &lt;i&gt;"
    for case in (*ALL, *mixed(1_000)):
        page = template.render(case=case)
        assert set(re.findall(r"</?([a-z]+)", page)) <= {"code"}, case
        assert not [c for c in page if c not in "\n\t" and unicodedata.category(c) in ("Cc", "Cf", "Co", "Zl", "Zp")]


def test_a_page_has_nothing_of_the_escaping_of_a_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    text = "::/0 and ##[x]"
    assert environment().from_string("{{ x }} {{ x | commands }}").render(x=text) == f"{text} {text}"
