"""What the section `edge` may not hold."""

from pathlib import Path

import pytest

from installation.settings.edge import EdgeSettings
from tests.support.settings_file import problem, with_value


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
            "CloudFront takes certificates of us-east-1 only",
        ),
    ],
)
def test_a_value_that_does_not_fit(tmp_path: Path, path: str, value: object, message: str) -> None:
    assert message in problem(tmp_path, with_value(path, value))


def test_a_top_level_domain_may_be_written_in_ascii_for_another_script() -> None:
    """Such as .コム and .みんな, which DNS knows by xn--tckwe and xn--q9jyb4c."""
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/x"
    for domain in ("app.example.xn--tckwe", "example.xn--q9jyb4c"):
        assert EdgeSettings(domain=domain, certificate_arn=certificate).domain == domain
