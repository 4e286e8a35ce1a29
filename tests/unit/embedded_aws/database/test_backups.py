"""The time to which an instance is restored."""

import re
import time
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.database.backups import Backups
from embedded_aws.database.emulator import Record
from embedded_aws.database.instances import BACKUPS_SINCE, Instances

_BACKUPS = Backups(cast("Instances", None), clock_factor=1.0)


@pytest.fixture
def source() -> Record:
    return {
        "DBInstanceIdentifier": "month",
        "BackupRetentionPeriod": 7,
        "Engine": "postgres",
        BACKUPS_SINCE: time.time() - 86_400,
    }


@pytest.mark.parametrize("text", ["yesterday", "0001-01-01T00:00:00+23:00", "9999-12-31T23:59:59-01:00"])
def test_a_text_that_is_no_time_is_refused(source: Record, text: str) -> None:
    with pytest.raises(Refusal, match=re.escape(text)) as refused:
        _BACKUPS._moment(source, {"RestoreTime": [text]})
    assert refused.value.code == "MalformedInput"


@pytest.mark.parametrize("zone", ["", "Z", "+00:00"])
def test_a_time_without_a_zone_is_utc_s(source: Record, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        wanted = (datetime.now(UTC) - timedelta(hours=1)).replace(microsecond=0)
        assert _BACKUPS._moment(source, {"RestoreTime": [f"{wanted:%Y-%m-%dT%H:%M:%S}{zone}"]}) == wanted
    finally:
        monkeypatch.undo()
        time.tzset()
