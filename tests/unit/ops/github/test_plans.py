"""What the workflows decide before anybody has credentials."""

from datetime import UTC, datetime

import pytest

from installation.settings import Settings
from ops.errors import RefusedError, UnusableInputError
from ops.github.plans import DeploymentMode, check_mode, month_ends, plan_deploy

IMAGE = "example/api:1"
RELEASES = (DeploymentMode.BLUEGREEN, DeploymentMode.CANARY)


@pytest.mark.parametrize("mode", RELEASES)
def test_an_image_is_built_on_a_runner_of_its_processor(settings: Settings, mode: DeploymentMode) -> None:
    plan = plan_deploy(settings, mode, image="", sources="owner/api")
    assert plan.build
    assert plan.runner == "ubuntu-24.04-arm"
    x86 = settings.model_copy(update={"service": settings.service.model_copy(update={"architecture": "x86_64"})})
    assert plan_deploy(x86, mode, image="", sources="owner/api").runner == "ubuntu-24.04"


@pytest.mark.parametrize("mode", RELEASES)
def test_an_image_that_is_given_is_not_built(settings: Settings, mode: DeploymentMode) -> None:
    plan = plan_deploy(settings, mode, image=IMAGE, sources="owner/api")
    assert (plan.build, plan.runner) == (False, "ubuntu-24.04")
    assert IMAGE in plan.text


@pytest.mark.parametrize("mode", RELEASES)
def test_a_release_without_image_and_sources_is_refused(settings: Settings, mode: DeploymentMode) -> None:
    with pytest.raises(UnusableInputError, match="needs an image"):
        plan_deploy(settings, mode, image="", sources="")


def test_provisioning_takes_no_image(settings: Settings) -> None:
    assert not plan_deploy(settings, DeploymentMode.PROVISIONING, image="", sources="owner/api").build
    with pytest.raises(UnusableInputError, match="takes no image"):
        plan_deploy(settings, DeploymentMode.PROVISIONING, image=IMAGE, sources="")


def test_the_mode_must_fit_what_is_there() -> None:
    check_mode(DeploymentMode.PROVISIONING, service_exists=False, environment="dev")
    with pytest.raises(RefusedError, match="has started"):
        check_mode(DeploymentMode.PROVISIONING, service_exists=True, environment="dev")
    for mode in RELEASES:
        check_mode(mode, service_exists=True, environment="dev")
        with pytest.raises(RefusedError, match="does not exist"):
            check_mode(mode, service_exists=False, environment="dev")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2026, 11, 30, 13, 0, tzinfo=UTC), True),
        (datetime(2026, 11, 29, 13, 0, tzinfo=UTC), False),
        (datetime(2026, 11, 29, 20, 59, tzinfo=UTC), False),  # GitHub was late: the 29th's evening
        (datetime(2026, 11, 29, 21, 0, tzinfo=UTC), True),  # 06:00 of the 30th in Tokyo
        (datetime(2026, 11, 30, 20, 59, tzinfo=UTC), True),  # GitHub was late: 05:59 of the 1st in Tokyo
        (datetime(2026, 11, 30, 21, 0, tzinfo=UTC), False),
        (datetime(2026, 12, 30, 13, 0, tzinfo=UTC), False),
        (datetime(2027, 2, 28, 13, 0, tzinfo=UTC), True),
        (datetime(2028, 2, 28, 13, 0, tzinfo=UTC), False),
        (datetime(2026, 12, 31, 13, 0, tzinfo=UTC), True),
    ],
)
def test_a_schedule_ends_the_month_on_its_last_day_only(settings: Settings, now: datetime, expected: bool) -> None:
    assert month_ends(settings, now, event="schedule", confirm="") is expected


def test_a_planned_end_that_comes_too_late_is_no_success(settings: Settings) -> None:
    """It failed half-way in the evening, and its repetition in the morning did nothing and was green."""
    evening, morning = datetime(2026, 11, 30, 14, tzinfo=UTC), datetime(2026, 12, 1, 1, tzinfo=UTC)
    assert month_ends(settings, evening, event="schedule", confirm="", planned=True)
    with pytest.raises(RefusedError, match="is over"):
        month_ends(settings, morning, event="schedule", confirm="", planned=True)


def test_a_run_that_is_repeated_ends_no_month_by_what_was_typed_for_its_first_attempt(settings: Settings) -> None:
    """It may be repeated for 30 days, so in the next month (GitHub Docs, "Re-running workflows and jobs")."""
    with pytest.raises(RefusedError, match="repeated"):
        month_ends(
            settings,
            datetime(2026, 12, 3, tzinfo=UTC),
            event="workflow_dispatch",
            confirm=settings.project,
            attempt=2,
        )


def test_a_person_types_the_projects_name(settings: Settings) -> None:
    now = datetime(2026, 11, 3, tzinfo=UTC)
    assert month_ends(settings, now, event="workflow_dispatch", confirm=settings.project)
    for typed in ("", "yes", "dev"):
        with pytest.raises(RefusedError, match="not confirmed"):
            month_ends(settings, now, event="workflow_dispatch", confirm=typed)
