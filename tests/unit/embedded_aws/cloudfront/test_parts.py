"""Small parts of the edge: addresses, compression, parts of answers."""

import gzip

import brotli
import pytest

from embedded_aws.cloudfront.compression import compress, encodings, is_compressible
from embedded_aws.cloudfront.delivery import deliver
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
        ("", None),
    ],
)
def test_who_is_asked(host: str, public: str | None) -> None:
    found = address_of(host, _NAMES)
    assert (found.public if found else None) == public


def test_the_application_sees_its_own_address_and_no_other_is_touched() -> None:
    given = (
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
    assert incoming(given, _HERE) == {
        "host": "app.example.com",
        "origin": "https://app.example.com",
        "referer": "https://app.example.com/page?a=1",
        "cookie": "a=1; b=2",
        "accept": "x, y",
    }
    for origin in ("http://127.0.0.1:45678", "https://127.0.0.1:4567", "http://127.0.0.1:4567.example", "null"):
        assert incoming((("Origin", origin),), _HERE)["origin"] == origin


def test_its_address_leads_back_here() -> None:
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
    elsewhere = {"Location": "https://app.example.com.attacker.example/"}
    assert outgoing(elsewhere, _HERE) == (("Location", "https://app.example.com.attacker.example/"),)


@pytest.mark.parametrize(
    ("accept", "found"),
    [
        ("gzip, deflate, br", ("br", "gzip")),
        ("GZIP;q=0.5", ("gzip",)),
        ("br;q=0, gzip;q=1", ("gzip",)),
        ("identity", ()),
        ("", ()),
    ],
)
def test_what_a_viewer_accepts(accept: str, found: tuple[str, ...]) -> None:
    assert encodings(accept, gzip_kept=True, brotli_kept=True) == found
    assert encodings(accept, gzip_kept=False, brotli_kept=False) == ()


@pytest.mark.parametrize(
    ("status", "headers", "size", "compressible"),
    [
        (200, {"content-type": "text/css; charset=utf-8"}, 1000, True),
        (404, {"content-type": "application/json"}, 10_000_000, True),
        (200, {"content-type": "text/css"}, 999, False),
        (200, {"content-type": "text/css"}, 10_000_001, False),
        (200, {"content-type": "font/woff2"}, 2000, False),
        (200, {"content-type": "text/css", "content-encoding": "gzip"}, 2000, False),
        (200, {"content-type": "text/css", "cache-control": "no-transform"}, 2000, False),
        (500, {"content-type": "text/css"}, 2000, False),
        (200, {}, 2000, False),
    ],
)
def test_what_is_compressed(status: int, headers: dict[str, str], size: int, compressible: bool) -> None:
    assert is_compressible(status, headers, bytes(size)) is compressible


def test_compressed_answers_have_a_weak_tag_and_say_that_they_vary() -> None:
    headers, body = compress("br", {"etag": '"1"', "vary": "Origin", "accept-ranges": "bytes"}, b"a" * 5000)
    assert brotli.decompress(body) == b"a" * 5000
    assert headers == {
        "etag": 'W/"1"',
        "vary": "Origin, Accept-Encoding",
        "content-encoding": "br",
        "content-length": str(len(body)),
    }
    headers, body = compress("gzip", {"etag": "not quoted", "vary": "accept-encoding"}, b"a" * 5000)
    assert gzip.decompress(body) == b"a" * 5000
    assert headers["vary"] == "accept-encoding"
    assert "etag" not in headers


_FILE = (200, {"etag": '"1"', "last-modified": "Wed, 25 Nov 2026 00:00:00 GMT", "content-length": "10"}, b"0123456789")


@pytest.mark.parametrize(
    ("asked", "status", "body"),
    [
        ({}, 200, b"0123456789"),
        ({"if-none-match": 'W/"1"'}, 304, b""),
        ({"if-none-match": '"2", "1"'}, 304, b""),
        ({"if-none-match": '"2"', "if-modified-since": "Wed, 25 Nov 2026 00:00:00 GMT"}, 200, b"0123456789"),
        ({"if-modified-since": "Wed, 25 Nov 2026 00:00:00 GMT"}, 304, b""),
        ({"if-modified-since": "Tue, 24 Nov 2026 00:00:00 GMT"}, 200, b"0123456789"),
        ({"if-modified-since": "yesterday"}, 200, b"0123456789"),
        ({"range": "bytes=0-0"}, 206, b"0"),
        ({"range": "bytes=8-"}, 206, b"89"),
        ({"range": "bytes=8-99"}, 206, b"89"),
        ({"range": "bytes=-99"}, 206, b"0123456789"),
        ({"range": "bytes=10-"}, 416, b""),
        ({"range": "bytes=5-4"}, 416, b""),
        ({"range": "bytes=0-1,3-4"}, 200, b"0123456789"),
        ({"range": "lines=1-2"}, 200, b"0123456789"),
        ({"range": "bytes=0-1", "if-range": '"1"'}, 206, b"01"),
        ({"range": "bytes=0-1", "if-range": '"2"'}, 200, b"0123456789"),
    ],
)
def test_what_of_a_file_is_given(asked: dict[str, str], status: int, body: bytes) -> None:
    found = deliver("GET", asked, _FILE)
    assert (found[0], found[2]) == (status, body)


def test_an_error_and_an_answer_to_post_are_given_as_they_are() -> None:
    assert deliver("GET", {"range": "bytes=0-0"}, (404, {}, b"none")) == (404, {}, b"none")
    assert deliver("POST", {"range": "bytes=0-0"}, _FILE) == _FILE
