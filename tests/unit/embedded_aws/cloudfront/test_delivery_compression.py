"""Which answers are compressed, and how."""

import gzip

import brotli
import pytest

from embedded_aws.cloudfront.delivery import compress, encodings, is_compressible


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
def test_the_accepted_encodings_of_a_viewer(accept: str, found: tuple[str, ...]) -> None:
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
def test_types_and_sizes_that_are_compressed(
    status: int, headers: dict[str, str], size: int, compressible: bool
) -> None:
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
