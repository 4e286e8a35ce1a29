"""HTML from the templates of this package. Everything that is not `Markup` is escaped, also invisible characters."""

import re
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ops.escaping.visible import lines


@cache
def environment() -> Environment:
    """The Jinja2 environment of ``ops/web/templates``, which escapes each value."""
    result = Environment(
        loader=PackageLoader("ops.web"),
        autoescape=True,
        finalize=_visible,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    result.filters["thousands"] = lambda number: f"{number:,}"
    result.filters["commands"] = _commands
    return result


def _commands(text: str) -> Markup:
    """A sentence with the text between backticks as code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(lines(text)))))  # noqa: S704 - escaped before


def _visible(value: object) -> object:
    """A value with invisible characters escaped, which Jinja2 would not do; `Markup` is unchanged."""
    return lines(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def render(template: str, **values: object) -> Markup:
    """A template of ``ops/web/templates`` with these values."""
    return Markup(environment().get_template(template).render(**values))  # noqa: S704 - a template escapes its values


def page(title: str, body: Markup, *, style: str) -> str:
    """A whole document that loads nothing, neither script nor font; its style is a file in ``ops/web/styles``."""
    sheet = files(__package__).joinpath("styles", style).read_text(encoding="utf-8")
    return str(render("page.html.j2", title=title, body=body, style=Markup(sheet)))  # noqa: S704 - our own file
