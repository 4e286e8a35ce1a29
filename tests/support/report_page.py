"""Reads a page of the report like a browser, as far as tests need it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"meta", "br", "link", "img"}


@dataclass
class Page(HTMLParser):
    """The content of a page.

    Attributes:
        numbers: exact values of the named numbers.
        figures: meanings of the shapes of each figure, by the figure's name.
        sections: the text of each chapter, by its name.
        tags: all elements, with attributes.
    """

    numbers: dict[str, float] = field(default_factory=dict)
    figures: dict[str, list[float]] = field(default_factory=dict)
    sections: dict[str, str] = field(default_factory=dict)
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    _open: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if tag not in _VOID:
            self._open.append((tag, attributes.get("id", "")))
        if tag == "data":
            self.numbers[attributes["id"]] = float(attributes["value"])
        if tag == "figure":
            self.figures[attributes["id"]] = []
        if tag == "rect":
            self.figures[self._inside("figure")].append(float(attributes.get("data-value", "1")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self._open.pop()
        assert opened == tag, f"<{opened}> ends as </{tag}>"

    def handle_data(self, data: str) -> None:
        if name := self._inside("section"):
            self.sections[name] = self.sections.get(name, "") + data

    def _inside(self, tag: str) -> str:
        return next((name for opened, name in reversed(self._open) if opened == tag), "")

    def check(self) -> None:
        """Check the rules for all pages: well formed, no script, nothing loaded, no empty figure."""
        assert not self._open
        names = {tag for tag, _ in self.tags}
        assert not names & {"script", "link", "img", "iframe"}
        for tag, attributes in self.tags:
            assert not [name for name in attributes if name.startswith("on") or name == "src"], (tag, attributes)
        for name, shapes in self.figures.items():
            assert any(shapes), f"{name} is empty"


def read(text: str) -> Page:
    page = Page()
    page.feed(text)
    page.close()
    page.check()
    return page
