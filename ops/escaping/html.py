"""Text in a page. The templates escape HTML by themselves; what nobody sees they would pass on."""

from markupsafe import Markup

from ops.escaping.terminal import document


def finalize(value: object) -> object:
    """What a template writes for a value: Jinja2 calls it for each, before it escapes HTML."""
    return part(value) if isinstance(value, str) else value


def part(value: Markup | str) -> Markup | str:
    """The same for what is put together without a template; markup is our own already."""
    return value if isinstance(value, Markup) else document(value)
