"""The last step to the viewer."""

import pytest

from embedded_aws.cloudfront.delivery import deliver

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
def test_the_requested_part_of_a_file_is_given(asked: dict[str, str], status: int, body: bytes) -> None:
    found = deliver("GET", asked, _FILE)
    assert (found[0], found[2]) == (status, body)


def test_an_error_and_an_answer_to_post_are_given_as_they_are() -> None:
    assert deliver("GET", {"range": "bytes=0-0"}, (404, {}, b"none")) == (404, {}, b"none")
    assert deliver("POST", {"range": "bytes=0-0"}, _FILE) == _FILE
