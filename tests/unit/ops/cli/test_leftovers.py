"""What is said of other regions."""

import pytest

from installation.settings import Settings
from installation.settings.database import BackupCopySettings
from ops.cli.commands.leftovers import _show_regions
from ops.cli.console import screen
from ops.cost.actual import RegionCost


@pytest.mark.parametrize("copied", [False, True])
def test_costs_of_this_installation_in_other_regions_are_marked(
    settings: Settings, capsys: pytest.CaptureFixture[str], *, copied: bool
) -> None:
    key = "arn:aws:kms:ap-northeast-3:123456789012:key/00000000-0000-0000-0000-000000000000"
    copy = BackupCopySettings(region="ap-northeast-3", kms_key=key) if copied else None
    database = settings.database.model_copy(update={"backup_copy": copy})
    found = (RegionCost(region="us-east-1", service="AWS Cost Explorer", usd=0.03),)
    _show_regions(screen.out(), found, settings.model_copy(update={"database": database}))
    text = capsys.readouterr().out
    assert "this installation's but Cost Explorer's answers" in text
    assert ("copies of backups in ap-northeast-3" in text) is copied
