"""What the section `edge` may not hold."""

from pathlib import Path

import pytest

from installation.settings.edge import EdgeSettings, check_directive, policy_text
from tests.support.settings_file import problem, with_value

_DEFAULT = (
    "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)


def test_without_settings_the_policy_is_the_default() -> None:
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


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("edge.api_paths", [], "edge.api_paths: Tuple should have at least 1 item"),
        ("edge.api_paths", [f"/{n}" for n in range(76)], "edge.api_paths: Tuple should have at most 75 items"),
        ("edge.domain", "a." * 125 + "example", "edge.domain: String should have at most 253 characters"),
        (
            "edge.content_security_policy",
            {"img-src": [f"https://tiles-{n}.example.com" for n in range(60)]},
            "content_security_policy: the header has 1",
        ),
        ("edge.api_paths", ["/api/{id}"], "edge.api_paths.0: String should match pattern"),
        ("edge.content_security_policy", "default-src *", "edge.content_security_policy: Input should be an object"),
        (
            "edge.content_security_policy",
            {"img-src": ["self"]},
            "content_security_policy: img-src: self is written with",
        ),
        ("edge.hosted_zone_id", "Z0123456789", "hosted_zone_id: needs domain"),
        (
            "edge",
            {
                "domain": f"{'a' * 46}.example.org",
                "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/x",
                "hosted_zone_id": "Z0123456789",
            },
            "is too long, because ACM certifies origin.",
        ),
        ("edge.domain", "-shop.example.org", "edge.domain: String should match pattern"),
        ("edge.hosted_zone_id", "example.com", "edge.hosted_zone_id: String should match pattern"),
        ("edge.domain", "shop.example.org", "domain and certificate_arn: give both or neither"),
        (
            "edge",
            {"domain": "a.example.org", "certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/x"},
            "CloudFront accepts certificates of us-east-1 only",
        ),
    ],
)
def test_an_invalid_value_is_refused(tmp_path: Path, path: str, value: object, message: str) -> None:
    assert message in problem(tmp_path, with_value(path, value))


def test_a_top_level_domain_may_be_written_in_ascii_for_another_script() -> None:
    """Such as .コム and .みんな, which DNS knows by xn--tckwe and xn--q9jyb4c."""
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/x"
    for domain in ("app.example.xn--tckwe", "example.xn--q9jyb4c"):
        assert EdgeSettings(domain=domain, certificate_arn=certificate).domain == domain
