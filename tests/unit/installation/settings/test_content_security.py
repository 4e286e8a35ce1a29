"""The content security policy by directive."""

import pytest

from installation.settings.content_security import check_directive, policy_text

_DEFAULT = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def test_without_settings_it_is_the_default() -> None:
    assert policy_text({}) == _DEFAULT


@pytest.mark.parametrize(
    ("directive", "sources", "text"),
    [
        ("img-src", ("https://tile.example.org",), "img-src 'self' data: https://tile.example.org;"),
        # A directive that the default lacks goes on allowing what default-src allowed.
        ("connect-src", ("https://api.example.com", "wss://live.example.com"), "connect-src 'self' https://api"),
        ("font-src", ("https://fonts.example.com",), "font-src 'self' https://fonts.example.com"),
        ("style-src", ("-'unsafe-inline'",), "style-src 'self';"),
        ("object-src", ("'self'",), "object-src 'self';"),
        ("img-src", ("'none'",), "img-src 'none';"),
        ("frame-ancestors", ("https://intranet.example.com",), "frame-ancestors https://intranet.example.com"),
        ("style-src", ("-'self'", "-'unsafe-inline'"), "style-src 'none';"),
    ],
)
def test_a_directive_adds_to_the_default(directive: str, sources: tuple[str, ...], text: str) -> None:
    check_directive(directive, sources)
    written = policy_text({directive: sources}) + ";"
    assert text in written
    others = [part for part in _DEFAULT.split("; ") if not part.startswith(directive)]
    assert all(part in written for part in others)


@pytest.mark.parametrize(
    ("directive", "sources", "message"),
    [
        ("image-src", ("https://a.example",), "is no directive"),
        ("img-src", (), "name at least one source"),
        ("img-src", ("self",), "is written with its quotes"),
        ("script-src", ("wasm-unsafe-eval",), "is written with its quotes"),
        ("img-src", ("https://a.example; script-src *",), "is no source"),
        ("img-src", ("https://a.example https://b.example",), "is no source"),
        ("img-src", ("'sefl'",), "is no source"),
        ("img-src", ("'none'", "data:"), "stands alone"),
        ("img-src", ("-https://a.example",), "is not among the defaults"),
        ("img-src", ("https://a.example\r\nx: y",), "is no source"),
        ("img-src", ("https://a.example\n",), "is no source"),
        ("img-src", ("blob:\n",), "is no source"),
        ("script-src", ("'unsafe-eval'\n",), "is no source"),
        ("img-src", ("https://a.example/画像/",), "is no source"),
    ],
)
def test_what_browsers_would_ignore_is_refused(directive: str, sources: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_directive(directive, sources)
