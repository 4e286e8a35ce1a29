"""Copies of backups in another region."""

import pytest

from installation.settings.database import BackupCopySettings

KEY = "arn:aws:kms:ap-northeast-3:123456789012:key/00000000-0000-0000-0000-000000000000"


def test_the_key_is_one_of_the_region_that_is_copied_to() -> None:
    assert BackupCopySettings(region="ap-northeast-3", kms_key=KEY).retention_days == 7
    with pytest.raises(ValueError, match="must be a key of us-west-2"):
        BackupCopySettings(region="us-west-2", kms_key=KEY)


def test_the_region_is_one_of_awss() -> None:
    with pytest.raises(ValueError, match="region: ap-north-1 is no region of AWS"):
        BackupCopySettings(region="ap-north-1", kms_key=KEY.replace("ap-northeast-3", "ap-north-1"))
