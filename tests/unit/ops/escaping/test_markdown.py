"""What GitHub's own Markdown makes of our texts: words and code, and nothing else."""

import html
import re
from html.parser import HTMLParser

import cmarkgfm  # type: ignore[import-untyped]
import pytest

from ops.escaping import markdown
from ops.escaping.visible import one_line
from tests.support.hostile_texts import ALL, mixed

CASES = (*ALL, *mixed(3_000))
# What GitHub turns into links after the Markdown: mentions, references, addresses.
LIVE = re.compile(r"@\w|(?<![&\w])#\d|\bGH-\d|://|\bwww\.|\b[0-9a-f]{7,40}\b|:[a-z0-9_+-]*[a-z0-9][a-z0-9_+-]*:")


class Reader(HTMLParser):
    """Takes a page apart: which elements, and which words inside code and outside."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[str] = []
        self.words: list[str] = []
        self.code: list[str] = []
        self._inside = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not attrs, (tag, attrs)
        self.elements.append(tag)
        self._inside = self._inside or tag == "code"

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "code"

    def handle_data(self, data: str) -> None:
        (self.code if self._inside else self.words).append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment hides {data!r}")


def rendered(text: str) -> Reader:
    return Reader(cmarkgfm.github_flavored_markdown_to_html(text))


def words(reader: Reader) -> str:
    found = "".join(reader.words)
    assert not LIVE.search(found), found
    return found.replace("\u200b", "").strip()


@pytest.mark.parametrize("begin", ["", "- ", "x "], ids=["paragraph", "list", "sentence"])
def test_a_text_is_words(begin: str) -> None:
    for case in CASES:
        reader = rendered(begin + markdown.text(case))
        assert set(reader.elements) <= {"p", "ul", "li"}, case
        assert words(reader) == (begin.removeprefix("- ") + one_line(case)).strip(), case


def test_a_code_span_is_code() -> None:
    for case in CASES:
        if not one_line(case):
            continue
        reader = rendered(f"x {markdown.code(case)} y")
        assert reader.elements == ["p", "code"], case
        assert "".join(reader.code) == one_line(case), case


def test_a_sentence_is_words_and_code() -> None:
    for case in CASES:
        reader = rendered(f"- **{markdown.text(case)}** " + markdown.prose(f"`{case}` becomes {case}, see `x`"))
        assert set(reader.elements) <= {"ul", "li", "strong", "code", "p"}, case
        words(reader)


def test_a_row_of_a_table_keeps_its_cells() -> None:
    for case in CASES:
        table = f"| a | b |\n| --- | --- |\n| {markdown.text(case)} | {markdown.code(case, in_table=True)} |\n"
        page = cmarkgfm.github_flavored_markdown_to_html(table)
        assert page.count("<tr>") == 2, case
        assert page.count("<td>") == 2, case
        assert not re.search(r"<(?!/?(table|thead|tbody|tr|th|td|code)>)", page), case


def test_plain_sentences_stay_readable() -> None:
    sentence = "`Api` loses 3 statements, because its policy changes"

    assert markdown.prose(sentence) == sentence
    assert markdown.code("arn:aws:iam::1:role/x") == "`arn:aws:iam::1:role/x`"
    assert html.unescape(markdown.text("a-b")) == "a\\-b"
    assert (markdown.code(""), markdown.text("")) == ("", "")
