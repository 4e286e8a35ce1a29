"""What S3 says of an object that cannot be written down."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from ministack.services import s3

from embedded_aws.s3 import refusals


def test_an_object_that_a_full_disk_did_not_take_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3, "DATA_DIR", str(tmp_path))
    monkeypatch.setattr(s3, "S3_PERSIST", True)
    monkeypatch.setattr(s3.logger, "filters", [])
    unwrapped = SimpleNamespace(wrap=lambda _: None)  # the rest of the installation would change the emulator for all
    emulator = SimpleNamespace(logger=s3.logger, delete_bucket=unwrapped, put_bucket_policy=unwrapped)
    monkeypatch.setattr(refusals, "wrap_item", lambda *_: None)
    monkeypatch.setattr(refusals, "emulator", emulator)
    refusals.install()
    s3._create_bucket("full", b"", {})
    (bucket,) = tmp_path.glob("*/full")
    in_the_way = bucket / "object.tmp"
    in_the_way.mkdir()

    with pytest.raises(OSError, match="directory"):
        s3._put_object("full", "object", b"content", {})

    in_the_way.rmdir()
    assert s3._put_object("full", "object", b"content", {})[0] == 200
    assert (bucket / "object").read_bytes() == b"content"

    (bucket / "object").unlink()
    with pytest.raises(OSError, match="object"):  # and not an empty object
        s3._get_object("full", "object", {}, {})
