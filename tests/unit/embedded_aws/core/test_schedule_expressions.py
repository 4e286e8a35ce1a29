"""Which times EventBridge's rules and Scheduler take."""

import pytest

from embedded_aws.core.schedule_expressions import is_rule_schedule, is_scheduler_schedule


@pytest.mark.parametrize(
    ("text", "of_rules", "of_scheduler"),
    [
        ("rate(1 minute)", True, True),
        ("rate(1 minutes)", False, True),
        ("rate(5 minutes)", True, True),
        ("rate(5 minute)", False, True),
        ("rate(0 minutes)", False, False),
        ("rate(5 weeks)", False, False),
        ("cron(0 10 * * ? *)", True, True),
        ("cron(0/15 8-18 ? * MON-FRI *)", True, True),
        ("cron(0,30 10 L * ? 2026-2030)", True, True),
        ("cron(0 10 3W * ? *)", True, True),
        ("cron(0 10 ? * 6#3 *)", True, True),
        ("cron(0 10 ? * MON#1 *)", True, True),
        ("cron(0 10 ? * FRIL *)", True, True),
        ("cron(0 10 LW * ? *)", True, True),
        ("cron(0 10 * * * *)", False, False),
        ("cron(0 10 ? * ? *)", False, False),
        ("cron(60 10 * * ? *)", False, False),
        ("cron(0 24 * * ? *)", False, False),
        ("cron(0 10 0 * ? *)", False, False),
        ("cron(0 10 * 13 ? *)", False, False),
        ("cron(0 10 ? * 8 *)", False, False),
        ("cron(0 10 * * ?)", False, False),
        ("cron(*/0 10 * * ? *)", False, False),
        ("at(2026-12-01T10:00:00)", False, True),
        ("at(2026-13-01T10:00:00)", False, False),
        ("every day", False, False),
    ],
)
def test_times_that_are_taken(text: str, of_rules: bool, of_scheduler: bool) -> None:
    assert (is_rule_schedule(text), is_scheduler_schedule(text)) == (of_rules, of_scheduler)
