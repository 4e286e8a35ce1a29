"""What a health check takes for a good answer."""

import pytest

from embedded_aws.load_balancer.health import matches


@pytest.mark.parametrize(
    ("matcher", "good", "bad"), [("200", 200, 204), ("200,302", 302, 301), ("200-299,404", 204, 300)]
)
def test_a_matcher_of_status_codes(matcher: str, good: int, bad: int) -> None:
    assert matches(good, matcher)
    assert not matches(bad, matcher)
