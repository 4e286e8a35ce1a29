"""Files of objects that cannot be used are named."""

import re
from pathlib import Path

import pytest

from embedded_aws.core.context import ServerContext, ServerError
from embedded_aws.s3.objects import check_files


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"etag": ',
        "[]",
        "null",
        '{"key": []}',
        '{"tags": ["a"], "versions": [{"version_id": "1"}]}',
        '{"acl": "x"}',
        '{"versions": null}',
        '{"versions": [{"etag": "x"}]}',
        '{"is_delete_marker": true, "version_id": 1}',
    ],
)
def test_what_is_known_of_an_object_is_not_forgotten_without_a_word(tmp_path: Path, text: str) -> None:
    context = ServerContext(port=1, state_folder=tmp_path, region="ap-northeast-1", account="000000000000")
    check_files(context)
    file = tmp_path / "objects" / "000000000000" / "bucket" / "key.meta.json"
    file.parent.mkdir(parents=True)
    file.write_text('{"etag": "x", "version_id": null, "versions": [{"version_id": "1"}], "tags": {"1": {"a": "b"}}}')
    check_files(context)

    file.write_text(text)
    with pytest.raises(ServerError, match=f"cannot use {re.escape(str(file))}: .*delete it"):
        check_files(context)

    assert file.read_text() == text
