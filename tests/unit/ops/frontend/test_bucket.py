"""Files of the frontend's bucket, as far as the embedded AWS has too few of them to show it."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ops.errors import FailedError
from ops.frontend.bucket import prepare, put, remove
from ops.frontend.page_files import PageFile
from tests.support.aws import aws_of


@pytest.mark.parametrize(("count", "calls"), [(0, []), (1, [1]), (1000, [1000]), (2001, [1000, 1000, 1])])
def test_all_are_removed_by_thousands_which_is_what_s3_takes(count: int, calls: list[int]) -> None:
    asked: list[list[str]] = []

    def delete_objects(Bucket: str, Delete: Any) -> Any:  # noqa: N803 - boto3's names
        assert Bucket == "pages"
        asked.append([it["Key"] for it in Delete["Objects"]])
        return {}

    keys = [f"{number}.js" for number in range(count)]
    remove(aws_of(s3=SimpleNamespace(delete_objects=delete_objects)), "pages", keys)
    assert [len(it) for it in asked] == calls
    assert [key for each in asked for key in each] == keys


def test_one_that_s3_refuses_is_named() -> None:
    refused = {"Errors": [{"Key": "a.js", "Code": "AccessDenied", "Message": "Access Denied"}]}
    with pytest.raises(FailedError, match=r"a\.js cannot be removed: Access Denied"):
        remove(aws_of(s3=SimpleNamespace(delete_objects=lambda **_: refused)), "pages", ["a.js"])


def test_a_file_that_vanishes_is_said_to_have_changed(tmp_path: Path) -> None:
    """A build that begins again empties its folder; the disk is not full."""
    path = tmp_path / "a.js"
    path.write_text("1")
    prepared = prepare(PageFile(path=path, key="a.js", size=1, sha256="0"), "text/javascript", "no-cache")
    path.unlink()
    with pytest.raises(FailedError, match="changed while it was published"):
        put(aws_of(s3=None), "bucket", prepared)
