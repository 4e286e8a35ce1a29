"""Alarms, the chapters about them in both languages, and the doctor's causes belong together."""

import re
from collections.abc import Callable, Mapping
from functools import cache

import pytest

from installation.settings import Settings
from installation.settings.alarms import LONG_MINUTES, SHORT_MINUTES
from tests.conftest import ENVIRONMENTS, ROOT, Template
from tests.documents.test_places import doctors_causes

EDITIONS = {
    "alarms.md": ("**Means**: ", "**Look at**: ", "**Do**: ", "**Finished** "),
    "alarms.ja.md": ("**意味**: ", "**確認**: ", "**対応**: ", "**対応終了**: "),
}
_KINDS = ("AWS::CloudWatch::Alarm", "AWS::CloudWatch::CompositeAlarm")
_CAUSES = re.compile(r"(?:Causes?|原因)[:\s(]+((?:`[a-z][a-z-]+`[,、\s]*(?:and )?)+)")


@pytest.fixture
def telling_alarms(templates: Callable[[str], dict[str, Template]]) -> Mapping[str, str]:
    """Every alarm of both environments that tells people, with its description."""
    found = {}
    for template in (it for environment in ENVIRONMENTS for it in templates(environment).values()):
        for resource in template["Resources"].values():
            if resource["Type"] in _KINDS and resource["Properties"].get("AlarmActions"):
                found[resource["Properties"]["AlarmName"]] = resource["Properties"]["AlarmDescription"]
    return found


@cache
def chapters(edition: str) -> Mapping[str, str]:
    """The chapters of an edition, by their heading."""
    parts = re.split(r"^## (.+)\n", (ROOT / "docs" / edition).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("edition", EDITIONS)
def test_each_alarm_has_a_chapter_and_each_chapter_an_alarm(
    edition: str, settings: Settings, telling_alarms: Mapping[str, str]
) -> None:
    names = {name.removeprefix(f"{settings.project}-") for name in telling_alarms}
    assert len(names) >= 20
    assert set(chapters(edition)) == names
    for name, text in chapters(edition).items():
        for part in EDITIONS[edition]:
            assert text.count(part) == 1, f"{name}: {part}"


def test_both_editions_have_the_same_order_commands_and_causes() -> None:
    english, japanese = (chapters(edition) for edition in EDITIONS)
    assert list(english) == list(japanese)
    for name, text in english.items():
        # What stands in code: commands, causes, settings.
        assert sorted(set(re.findall(r"`([^`]+)`", text))) == sorted(set(re.findall(r"`([^`]+)`", japanese[name]))), (
            name
        )


def test_each_description_leads_to_its_chapter(settings: Settings, telling_alarms: Mapping[str, str]) -> None:
    for name, description in telling_alarms.items():
        assert description.endswith(f" {settings.alarm_page(name)}"), name
        # CloudWatch takes 1,024 characters (API reference, PutMetricAlarm).
        assert len(description) <= 1024
    assert settings.alarm_page("nestjs-hannibal-3-5xx") == f"{settings.alarm_pages}#5xx"


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_causes_are_the_doctors(edition: str) -> None:
    known = doctors_causes()
    for name, text in chapters(edition).items():
        lists = _CAUSES.findall(text)
        assert lists or "cause of the doctor" in text or "doctor の原因" in text, name
        for cause in re.findall(r"`([a-z-]+)`", " ".join(lists)):
            assert cause in known, f"{name}: {cause}"


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_numbers_are_those_of_the_settings(edition: str, settings: Settings) -> None:
    alarms, objectives = settings.alarms, settings.objectives
    numbers: dict[str, list[float]] = {
        "no-healthy-target": [alarms.no_target_minutes],
        "task-failures": [alarms.task_failures_per_15_minutes],
        "database-storage": [alarms.database_free_storage_percent],
        "database-memory": [alarms.database_free_memory_mib],
        "database-cpu-credits": [alarms.database_credit_hours],
        "5xx": [alarms.errors_5xx_per_5_minutes],
        "availability": [
            *(SHORT_MINUTES, LONG_MINUTES, objectives.least_requests),
            *(objectives.availability_limit, objectives.availability_percent, objectives.burn_rate),
        ],
        "latency": [
            *(SHORT_MINUTES, LONG_MINUTES, objectives.least_requests, objectives.latency_seconds),
            *(objectives.latency_limit, objectives.latency_percent, objectives.burn_rate),
        ],
        "cpu": [alarms.cpu_percent],
        "memory": [alarms.memory_percent],
        "database-connections": [alarms.database_connections, settings.database.max_connections],
        "release-errors": [alarms.release_error_percent, alarms.release_min_requests],
        "release-latency": [alarms.release_p95_seconds, alarms.release_min_requests],
    }
    first_part = EDITIONS[edition][1]
    for name, wanted in numbers.items():
        meaning = chapters(edition)[name].partition(first_part)[0]
        shown = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", meaning)}
        assert shown >= {float(number) for number in wanted}, name
