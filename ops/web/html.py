"""HTML from the templates of this package. Everything that is not `Markup` is escaped."""

from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ops.escaping.html import finalize, part

Part = Markup | str


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("ops.web"),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["thousands"] = lambda number: f"{number:,}"
    return environment


def render(template: str, **values: object) -> Markup:
    """A template of ``ops/web/templates`` with these values."""
    return Markup(_environment().get_template(template).render(**values))  # noqa: S704 - a template escapes its values


def page(title: str, body: Part, *, style: str) -> str:
    """A whole document that needs nothing else: no script, no font, no request.

    Args:
        title: of the document.
        body: its content.
        style: name of a file in ``ops/web/styles``.
    """
    sheet = files(__package__).joinpath("styles", style).read_text(encoding="utf-8")
    return str(render("page.html.j2", title=title, body=body, style=Markup(sheet)))  # noqa: S704 - our own file


def together(parts: Iterable[Part]) -> Markup:
    """Parts one after the other."""
    return Markup("\n").join(map(part, parts))


def element(name: str, content: Part = "", **attributes: str) -> Markup:
    """An element; ``class_`` is the attribute ``class``."""
    written = {key.rstrip("_").replace("_", "-"): finalize(value) for key, value in attributes.items()}
    return _macro("element", name, content, written)


def number(name: str, value: float, shown: str) -> Markup:
    """A number as people read it, with its exact value and its name for programs."""
    return element("data", shown, id=name, value=repr(value))


def paragraph(*parts: Part, class_: str = "") -> Markup:
    """A paragraph."""
    content = Markup("").join(map(part, parts))
    return element("p", content, class_=class_) if class_ else element("p", content)


def table(headings: Sequence[str], rows: Iterable[Sequence[Part]], *, numbers: Sequence[int] = ()) -> Markup:
    """A table that becomes a list of cards on a phone.

    Args:
        headings: one a column.
        rows: as many cells.
        numbers: columns whose cells are numbers.
    """
    return _macro("table", headings, [list(row) for row in rows], list(numbers))


def figure(picture: Markup, keys: Iterable[tuple[str, str]], *, name: str) -> Markup:
    """A picture with what its colours mean: pairs of class and words."""
    return _macro("figure", picture, list(keys), name)


def section(name: str, heading: str, *parts: Part) -> Markup:
    """A chapter."""
    return _macro("section", name, heading, together(parts))


def _macro(name: str, *values: object) -> Markup:
    module: Any = _environment().get_template("elements.html.j2").module
    return Markup(getattr(module, name)(*values))  # noqa: S704 - a macro escapes its values
