"""Names of origins: by hosted zones, to load balancers; and certificates that fit them."""

from typing import Any

import pytest

from embedded_aws.cloudfront import emulator
from embedded_aws.cloudfront.origins import check_certificate, load_balancer_of

_BALANCER = {"LoadBalancerArn": "arn:alb", "DNSName": "alb-1.elb.amazonaws.com"}
_RECORDS: dict[str, list[str] | None] = {
    "origin.example.com": ["alb-1.elb.amazonaws.com"],
    "gone.example.com": [],
    "loop.example.com": ["loop.example.com"],
    "elsewhere.example.net": None,
}


@pytest.fixture(autouse=True)
def _zones(monkeypatch: pytest.MonkeyPatch) -> None:
    def balancer(name: str) -> dict[str, str] | None:
        return _BALANCER if name == _BALANCER["DNSName"] else None

    monkeypatch.setattr(emulator, "load_balancer_at", balancer)
    monkeypatch.setattr(emulator, "addresses_of", _RECORDS.get)
    monkeypatch.setattr(emulator, "certified_names", lambda arn: {"arn:origin": ["origin.example.com"]}.get(arn, []))


def test_a_name_leads_to_the_load_balancer_of_its_record() -> None:
    assert load_balancer_of("origin.example.com") == _BALANCER
    assert load_balancer_of(_BALANCER["DNSName"]) == _BALANCER
    assert load_balancer_of("elsewhere.example.net") is None


def test_a_zone_that_has_no_such_record_says_that_there_is_no_such_name() -> None:
    with pytest.raises(emulator.OriginUnreachable, match=r"wasn't able to resolve .* gone\.example\.com"):
        load_balancer_of("gone.example.com")
    with pytest.raises(emulator.OriginUnreachable, match="alias of itself"):
        load_balancer_of("loop.example.com")


@pytest.mark.parametrize(
    ("listener", "host", "refusal"),
    [
        ({"Protocol": "HTTPS", "Certificates": ["arn:origin"]}, "app.example.com", None),
        ({"Protocol": "HTTPS", "Certificates": ["arn:unknown"]}, "app.example.com", None),
        ({"Protocol": "HTTP", "Port": 443}, "app.example.com", "does not speak TLS"),
    ],
)
def test_tls_takes_a_certificate(listener: dict[str, Any], host: str, refusal: str | None) -> None:
    if refusal is None:
        check_certificate(listener, origin="origin.example.com", host=host)
        return
    with pytest.raises(emulator.OriginUnreachable, match=refusal):
        check_certificate(listener, origin="origin.example.com", host=host)


def test_the_certificate_is_for_the_origin_or_for_the_host_that_is_forwarded() -> None:
    listener = {"Protocol": "HTTPS", "Certificates": ["arn:origin"]}
    check_certificate(listener, origin="alb-1.elb.amazonaws.com", host="origin.example.com")
    with pytest.raises(emulator.OriginUnreachable, match=r"is for origin\.example\.com"):
        check_certificate(listener, origin="alb-1.elb.amazonaws.com", host="app.example.com")
