"""Text in a page. The templates escape HTML by themselves; what nobody sees they would pass on."""

from markupsafe import Markup

from ops.escaping.terminal import document


def finalize(value: object) -> object:
    """What a template writes for a value: Jinja2 calls it for each, before it escapes HTML. Markup is our own."""
    return document(value) if isinstance(value, str) and not isinstance(value, Markup) else value
