"""What the embedded AWS holds is counted whatever the user has set up for AWS itself."""

from pathlib import Path

import pytest

from ops.local.contents import count_contents
from ops.local.credentials import Credentials


@pytest.mark.parametrize("name", ["AWS_PROFILE", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"])
def test_what_the_user_has_for_aws_plays_no_part(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    (broken := tmp_path / "file").write_text("[default")
    monkeypatch.setenv(name, "none" if name == "AWS_PROFILE" else str(broken))
    counted = count_contents("http://127.0.0.1:9", "ap-northeast-1", Credentials())
    assert set(counted.values()) == {None}  # nobody answers there
