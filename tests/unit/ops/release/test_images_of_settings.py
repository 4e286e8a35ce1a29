"""Images that the settings name and tasks could not pull: found before a start or a release, where ECR can be asked."""

from dataclasses import replace
from typing import Any

import pytest

from installation.settings import Settings
from ops.account.caller import Caller
from ops.month.start import plan_start
from ops.release import plan
from ops.release.images import images_of_settings, unpullable_images
from ops.release.task_sets import RunningService
from ops.release.timing import Mode
from ops.stacks.checkout import Checkout
from tests.conftest import ROOT
from tests.support.fakes import ACCOUNT, REGION, FakeAccount
from tests.support.synthesis import changed
from tests.unit.ops.release.test_checks import PRIMARY

CALLER = Caller(account=ACCOUNT, identity="arn:x", region=REGION, endpoint=None)
REPOSITORY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/nestjs-hannibal-3"
GONE = f"{REPOSITORY}:gone"
DIGEST = "sha256:" + "b" * 64
NAMING: dict[str, Any] = {
    "service.initial_image": {"service": {"initial_image": GONE}},
    "service.certificates_image": {"service": {"certificates_image": GONE}},
    "service.sidecars.proxy.image": {"service": {"sidecars": {"proxy": {"image": GONE}}}},
    "database.service_user_image": {
        "database": {"service_user": "shop", "service_user_image": f"{REPOSITORY}@{DIGEST}"}
    },
}


@pytest.mark.parametrize("field", NAMING)
def test_a_start_is_refused_with_the_setting_and_what_to_do(
    account: FakeAccount, settings: Settings, field: str
) -> None:
    naming = changed(settings, **NAMING[field])
    assert plan_start(account.aws(naming), Checkout(root=ROOT)).refusals == ()

    account.missing_images = ("gone", DIGEST)
    (refusal,) = plan_start(account.aws(naming), Checkout(root=ROOT)).refusals
    assert refusal.startswith(f"{field} in config/dev.yaml is {REPOSITORY}")
    assert "which no task could start: the repository nestjs-hannibal-3 has no image" in refusal
    assert "Push it, or name another one there" in refusal


def test_a_start_that_begins_with_a_released_image_needs_no_other(account: FakeAccount, settings: Settings) -> None:
    account.missing_images = ("gone",)
    account.parameters["/hannibal/release/current"] = f"{REPOSITORY}:1.2"
    naming = changed(settings, service={"initial_image": GONE})
    assert plan_start(account.aws(naming), Checkout(root=ROOT)).refusals == ()


def test_a_running_month_is_deployed_with_an_image_that_is_gone(account: FakeAccount, settings: Settings) -> None:
    account.add_month()
    account.missing_images = ("gone",)
    naming = changed(settings, service={"sidecars": {"proxy": {"image": GONE}}})
    assert plan_start(account.aws(naming), Checkout(root=ROOT)).refusals == ()


@pytest.mark.parametrize(
    ("image", "said"),
    [
        (GONE, "has no image gone"),
        (f"{ACCOUNT}.dkr-ecr.{REGION}.on.aws/nestjs-hannibal-3:gone", "has no image gone"),
        (f"999999999999.dkr.ecr.{REGION}.amazonaws.com/nestjs-hannibal-3:1", "they may read"),
        (f"{REPOSITORY}:1.2", ""),
        ("localhost/api:1", "of this machine's engine only"),
        ("nestjs-hannibal-3:1.2", "of this machine's engine only"),
        ("public.ecr.aws/docker/library/busybox:gone", ""),
        ("ghcr.io/somebody/proxy:gone", ""),
    ],
)
def test_only_where_ecr_can_be_asked_anything_is_said(account: FakeAccount, image: str, said: str) -> None:
    account.missing_images = ("gone",)
    refusals = list(unpullable_images(account.aws(), CALLER, {"proxy": image}))
    assert (said in refusals[0]) if said else (refusals == [])
    local = replace(CALLER, endpoint="http://127.0.0.1:4566")
    engines = "engine" in said
    assert not engines or list(unpullable_images(account.aws(), local, {"proxy": image})) == []


def test_a_release_is_refused_for_an_image_beside_the_released_one(
    account: FakeAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    containers: list[Any] = [{"name": "api", "image": f"{REPOSITORY}:old"}, {"name": "proxy", "image": GONE}]
    serving = RunningService(desired=1, running=1, task_sets=(PRIMARY,))
    monkeypatch.setattr(plan, "read_running_service", lambda *_: serving)
    monkeypatch.setattr(plan, "require_deployed_revision", lambda _: PRIMARY.revision.arn)
    monkeypatch.setattr(plan, "read_definition", lambda *_: {"containerDefinitions": containers})
    for name in ("release_refusals", "missing_secrets"):
        monkeypatch.setattr(plan, name, lambda *_, **__: ())
    for name in ("read_scan", "read_timing", "read_output"):
        monkeypatch.setattr(plan, name, lambda *_: None)
    request = plan.ReleaseRequest(image=f"{REPOSITORY}:new", mode=Mode.BLUEGREEN)
    assert plan.plan_release(account.aws(), request).refusals == ()

    account.missing_images = ("gone", "old")
    (refusal,) = plan.plan_release(account.aws(), request).refusals
    assert refusal.startswith(f"service.sidecars.proxy.image in config/dev.yaml is {GONE}")


def test_no_image_is_made_up(settings: Settings) -> None:
    bare = changed(settings, service={"certificates_image": None})
    assert images_of_settings(bare) == {"api": settings.service.initial_image}
