"""The ports of databases, as they are kept in a file."""

import re
from pathlib import Path

import pytest

from embedded_aws.core.context import ServerError
from embedded_aws.database.gateway import Ports


@pytest.mark.parametrize("text", ["", '{"arn": 1', "[]", "null", '{"arn": "x"}'])
def test_a_file_of_ports_that_cannot_be_used_is_named_and_stays(tmp_path: Path, text: str) -> None:
    file = tmp_path / "ports.json"
    file.write_text(text)

    with pytest.raises(ServerError, match=f"cannot use {re.escape(str(file))}: .*Delete it"):
        Ports(file, range(10))

    assert file.read_text() == text
    file.unlink()
    assert list(Ports(file, range(2)).candidates("arn")) == [0, 1]
