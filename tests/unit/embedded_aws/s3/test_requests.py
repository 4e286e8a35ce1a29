"""Ends of uploads that S3 refuses."""

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.s3.requests import check_parts

LARGE = 5 * 1024**2
UPLOAD = {"parts": {1: {"etag": '"a"', "size": LARGE}, 2: {"etag": '"b"', "size": 3}, 3: {"etag": '"c"', "size": 3}}}


def body(*parts: tuple[int, str]) -> bytes:
    inner = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{tag}</ETag></Part>" for number, tag in parts)
    return f'<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{inner}</C>'.replace(
        "</C>", "</CompleteMultipartUpload>"
    ).encode()


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([(1, '"a"'), (2, "b")], ""),
        ([(2, '"b"')], ""),
        ([], "MalformedXML"),
        ([(2, "b"), (1, "a")], "InvalidPartOrder"),
        ([(1, "a"), (1, "a")], "InvalidPartOrder"),
        ([(1, "b")], "InvalidPart"),
        ([(9, "a")], "InvalidPart"),
        ([(2, "b"), (3, "c")], "EntityTooSmall"),
    ],
)
def test_parts_are_as_they_were_sent(parts: list[tuple[int, str]], code: str) -> None:
    found = ""
    try:
        check_parts(UPLOAD, body(*parts))
    except Refusal as refusal:
        found = refusal.code

    assert found == code


def test_an_upload_that_is_not_known_is_the_emulator_s_to_refuse() -> None:
    check_parts(None, body((1, "a")))
