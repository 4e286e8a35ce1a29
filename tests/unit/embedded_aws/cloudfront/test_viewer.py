"""The viewer's side of a distribution: its addresses."""

import pytest

from embedded_aws.cloudfront.viewer import Address, address_of, incoming, outgoing

_NAMES = ("app.example.com", "d1.cloudfront.net")
_HERE = Address(public="app.example.com", written="127.0.0.1:4567")


@pytest.mark.parametrize(
    ("host", "public"),
    [
        ("127.0.0.1:4567", "app.example.com"),
        ("LOCALHOST:9", "app.example.com"),
        ("[::1]:4567", "app.example.com"),
        ("d1.cloudfront.net", "d1.cloudfront.net"),
        ("App.Example.com:4567", "app.example.com"),
        ("attacker.example:4567", None),
        ("127.0.0.1.attacker.example", None),
        ("attacker.example@127.0.0.1:4567", None),
        ("[::1", None),
        ("", None),
    ],
)
def test_the_host_header_decides_the_public_name(host: str, public: str | None) -> None:
    found = address_of(host, _NAMES)
    assert (found.public if found else None) == public


def test_the_application_sees_its_own_address_and_no_other_is_touched() -> None:
    headers = (
        ("Host", "127.0.0.1:4567"),
        ("Origin", "http://127.0.0.1:4567"),
        ("Referer", "http://127.0.0.1:4567/page?a=1"),
        ("Cookie", "a=1"),
        ("Cookie", "b=2"),
        ("Accept", "x"),
        ("Accept", "y"),
        ("X-Forwarded-Proto", "http"),
        ("Proxy-Authorization", "secret"),
        ("Connection", "close"),
    )
    assert incoming(headers, _HERE) == {
        "host": "app.example.com",
        "origin": "https://app.example.com",
        "referer": "https://app.example.com/page?a=1",
        "cookie": "a=1; b=2",
        "accept": "x, y",
    }
    for origin in ("http://127.0.0.1:45678", "https://127.0.0.1:4567", "http://127.0.0.1:4567.example", "null"):
        assert incoming((("Origin", origin),), _HERE)["origin"] == origin


def test_headers_of_the_product_lead_to_the_loopback_address() -> None:
    headers = {
        "Location": "https://app.example.com/next",
        "Access-Control-Allow-Origin": "https://app.example.com",
        "Set-Cookie": ["a=1; Domain=.app.example.com; Path=/", "b=2; Domain=example.com"],
        "X-Other": "https://app.example.com/",
    }
    assert outgoing(headers, _HERE) == (
        ("Location", "http://127.0.0.1:4567/next"),
        ("Access-Control-Allow-Origin", "http://127.0.0.1:4567"),
        ("Set-Cookie", "a=1; Path=/"),
        ("Set-Cookie", "b=2; Domain=example.com"),
        ("X-Other", "https://app.example.com/"),
    )
    assert outgoing({"Location": "//app.example.com/next"}, _HERE) == (("Location", "//127.0.0.1:4567/next"),)
    elsewhere = {"Location": "https://app.example.com.attacker.example/"}
    assert outgoing(elsewhere, _HERE) == (("Location", "https://app.example.com.attacker.example/"),)
