"""The keys of the account's root: nobody else can read their file."""

from pathlib import Path

import pytest

from embedded_aws.core.root_credentials import FILE_NAME, root_credentials


def test_a_file_that_an_ended_server_left_does_not_give_its_mode(tmp_path: Path) -> None:
    partial = (tmp_path / FILE_NAME).with_suffix(".partial")
    partial.touch(mode=0o644)

    made = root_credentials(tmp_path, authorization=True)

    assert (tmp_path / FILE_NAME).stat().st_mode & 0o777 == 0o600
    assert root_credentials(tmp_path, authorization=True) == made


def test_keys_are_not_written_to_a_file_of_another_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    partial = (tmp_path / FILE_NAME).with_suffix(".partial")
    monkeypatch.setattr(Path, "unlink", lambda *_, **__: partial.touch(mode=0o644))

    with pytest.raises(FileExistsError):
        root_credentials(tmp_path, authorization=True)

    assert partial.read_bytes() == b""
