"""Requests that S3 refuses: ends of uploads, and tokens."""

import asyncio

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.s3.requests import _answer, check_parts

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


@pytest.mark.parametrize(
    "part",
    [
        "<PartNumber>1</PartNumber>",
        "<PartNumber>one</PartNumber><ETag>a</ETag>",
        "<PartNumber/><ETag>a</ETag>",
        "<PartNumber>²</PartNumber><ETag>a</ETag>",
        f"<PartNumber>{'1' * 5000}</PartNumber><ETag>a</ETag>",
    ],
)
def test_a_part_has_a_number_and_a_tag(part: str) -> None:
    with pytest.raises(Refusal) as refusal:
        check_parts(UPLOAD, f"<CompleteMultipartUpload><Part>{part}</Part></CompleteMultipartUpload>".encode())
    assert refusal.value.code == "MalformedXML"


@pytest.mark.parametrize(("path", "status"), [("/", 200), ("/bucket", 400)])
def test_a_token_of_listed_buckets_may_be_a_name(path: str, status: int) -> None:
    async def original(*_request: object) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, b""

    query = {"continuation-token": ["my-bucket"]}
    assert asyncio.run(_answer(original, "GET", path, {}, b"", query))[0] == status


def test_an_upload_that_is_not_known_is_the_emulator_s_to_refuse() -> None:
    check_parts(None, body((1, "a")))
