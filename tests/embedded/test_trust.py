"""What the embedded AWS keeps and runs is nobody else's on this machine."""

import os
import stat
from collections.abc import Callable

import pytest

from tests.support.embedded.server import EmbeddedAws

pytestmark = pytest.mark.embedded


def test_files_of_the_state_folder_are_readable_by_their_owner_only(
    new_embedded_aws: Callable[..., EmbeddedAws],
) -> None:
    server = new_embedded_aws("--cloudtrail")
    server.state_folder.mkdir(parents=True, mode=0o755)
    before = os.umask(0o022)
    try:
        server.start()
    finally:
        os.umask(before)
    s3 = server.session().client("s3")
    s3.create_bucket(Bucket="private", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    s3.put_object(Bucket="private", Key="folder/object", Body=b"x")
    server.session().client("secretsmanager").create_secret(Name="private", SecretString="x")
    server.end()

    kept = [server.state_folder, *server.state_folder.rglob("*")]
    assert len([path for path in kept if path.is_file()]) > 3
    open_to_others = [path for path in kept if not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077]
    assert open_to_others == []
