"""HTML from the templates of this package. Everything that is not `Markup` is escaped."""

from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from ops.escaping.html import finalize


@cache
def environment() -> Environment:
    """Reads the templates of ``ops/web/templates``, and escapes each value."""
    made = Environment(
        loader=PackageLoader("ops.web"),
        autoescape=True,
        finalize=finalize,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["thousands"] = lambda number: f"{number:,}"
    return made


def render(template: str, **values: object) -> Markup:
    """A template of ``ops/web/templates`` with these values."""
    return Markup(environment().get_template(template).render(**values))  # noqa: S704 - a template escapes its values


def page(title: str, body: Markup, *, style: str) -> str:
    """A whole document that needs nothing else: no script, no font, no request.

    Args:
        style: name of a file in ``ops/web/styles``.
    """
    sheet = files(__package__).joinpath("styles", style).read_text(encoding="utf-8")
    return str(render("page.html.j2", title=title, body=body, style=Markup(sheet)))  # noqa: S704 - our own file
