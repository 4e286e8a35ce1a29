from datetime import UTC, date, datetime

import pytest

from ops.errors import UnusableInputError
from ops.report.period import period_of

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)


def test_the_current_month_ends_now() -> None:
    period = period_of(None, NOW)
    assert period.month == "2026-11"
    assert period.end == NOW
    assert period.after == date(2026, 11, 25)
    assert len(period.days) == 30
    assert period.share(datetime(2026, 11, 16, tzinfo=UTC)) == 0.5


def test_a_month_that_is_over_ends_with_its_last_day() -> None:
    period = period_of("2026-02", NOW)
    assert period.end == datetime(2026, 3, 1, tzinfo=UTC)
    assert datetime(2026, 2, 28, 23, 59, tzinfo=UTC) in period
    assert datetime(2026, 3, 1, tzinfo=UTC) not in period
    assert len(period.days) == 28


@pytest.mark.parametrize("month", ["2026-12", "2026-13", "November"])
def test_what_is_no_month_or_has_not_begun_is_refused(month: str) -> None:
    with pytest.raises(UnusableInputError):
        period_of(month, NOW)
