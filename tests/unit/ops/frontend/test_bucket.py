"""Files of the frontend's bucket, as far as the embedded AWS has too few of them to show it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from ops.aws.errors import translated_errors
from ops.errors import FailedError, OpsError
from ops.frontend.bucket import delete_files, prepare, put
from ops.frontend.page_files import PageFile
from tests.support.aws import aws_of


def refused(code: str) -> Any:
    """The answer of AWS to a request, given before it is sent."""
    return SimpleNamespace(status_code=400, headers={}), {
        "Error": {"Code": code, "Message": code},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }


@pytest.mark.parametrize(("count", "calls"), [(0, []), (1, [1]), (1000, [1000]), (2001, [1000, 1000, 1])])
def test_files_are_deleted_by_thousands_as_s3_takes_them(count: int, calls: list[int]) -> None:
    asked: list[list[str]] = []

    def delete_objects(Bucket: str, Delete: Any) -> Any:  # noqa: N803 - boto3's names
        assert Bucket == "pages"
        asked.append([it["Key"] for it in Delete["Objects"]])
        return {}

    keys = [f"{number}.js" for number in range(count)]
    delete_files(aws_of(s3=SimpleNamespace(delete_objects=delete_objects)), "pages", keys)
    assert [len(it) for it in asked] == calls
    assert [key for each in asked for key in each] == keys


def test_a_file_that_s3_refuses_to_delete_is_named() -> None:
    refused = {"Errors": [{"Key": "a.js", "Code": "AccessDenied", "Message": "Access Denied"}]}
    with pytest.raises(FailedError, match=r"a\.js cannot be deleted: Access Denied"):
        delete_files(aws_of(s3=SimpleNamespace(delete_objects=lambda **_: refused)), "pages", ["a.js"])


def test_a_file_that_vanishes_is_said_to_have_changed(tmp_path: Path) -> None:
    """A build that begins again empties its folder; the disk is not full."""
    path = tmp_path / "a.js"
    path.write_text("1")
    prepared = prepare(PageFile(path=path, key="a.js", size=1, sha256="0"), "text/javascript", "no-cache")
    path.unlink()
    with pytest.raises(FailedError, match="changed while it was published"):
        put(aws_of(s3=None), "bucket", prepared)


def test_what_s3_refuses_of_a_large_file_is_aws_error(tmp_path: Path) -> None:
    """boto3 hides it in an error of its own."""
    path = tmp_path / "film.mp4"
    with path.open("wb") as file:
        file.truncate(17 * 1024 * 1024)
    prepared = prepare(
        PageFile(path=path, key="film.mp4", size=path.stat().st_size, sha256="0"), "video/mp4", "no-cache"
    )
    client = boto3.client("s3", region_name="ap-northeast-1", aws_access_key_id="A", aws_secret_access_key="S")
    client.meta.events.register("before-call.s3", lambda **_: refused("ExpiredToken"))
    with pytest.raises(OpsError, match="expired"), translated_errors():
        put(aws_of(s3=client), "bucket", prepared)
