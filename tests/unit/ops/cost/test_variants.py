"""Variants are other settings of the same system, and the document shows what is computed."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from installation.settings import Settings
from installation.settings.file import CONFIG_FOLDER
from ops.cost import Estimate, estimate
from ops.cost.document import document
from ops.cost.variants import AS_SET, Variant, compare, variants_of
from ops.errors import FailedError
from ops.stacks.checkout import this_checkout
from ops.stacks.synthesis import synthesize
from tests.conftest import ROOT, new_app, own, settings_of

Folders = Callable[[str], dict[str, Path]]


@pytest.fixture(scope="module")
def folders(assembly: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Folders:
    """The synthesized variants of an environment."""
    from app import build

    @cache
    def synthesize(environment: str) -> dict[str, Path]:
        found = {}
        for number, (name, settings) in enumerate(variants_of(settings_of(environment)).items()):
            if name == AS_SET:
                found[name] = assembly(environment)
            else:
                found[name] = tmp_path_factory.mktemp(f"{environment}-variant-{number}")
                app = new_app(found[name])
                build(app, settings)
                app.synth()
        return found

    return synthesize


@pytest.fixture(scope="module")
def estimates(folders: Folders) -> dict[str, Estimate]:
    """Estimates of dev and its variants for 20 days up."""
    return {name: estimate(folder, days=20) for name, folder in folders("dev").items()}


@pytest.fixture(scope="module")
def variants(estimates: dict[str, Estimate]) -> dict[str, Variant]:
    return {variant.name: variant for variant in compare(estimates)}


def test_each_variant_changes_one_setting(settings: Settings) -> None:
    base = settings.model_dump()
    for name, variant in variants_of(settings).items():
        content = variant.model_dump()
        if content["schedule"]:
            assert name == "schedule: 08:00 to 18:00, MON to FRI"
            assert content | {"schedule": None} == base
            continue
        if content["edge"]["hosted_zone_id"]:
            assert name == "edge.hosted_zone_id, for an edge that stays"
            assert content | {"edge": base["edge"]} == base
            continue
        if content["guardrail"]["pause_at_limit"]:
            assert name == "guardrail.pause_at_limit: true"
            assert content | {"guardrail": base["guardrail"]} == base
            continue
        changed = [
            f"{section}.{field}: {value['region'] if field == 'backup_copy' else value}"
            for section, fields in content.items()
            if isinstance(fields, dict)
            for field, value in fields.items()
            if value != base[section][field]
        ]
        assert changed == ([] if name == AS_SET else [name])


def test_a_nat_gateway_costs_its_hours_data_and_address_but_not_the_tasks(variants: dict[str, Variant]) -> None:
    difference = variants["network.egress: nat_gateway"].difference
    # its own address is as dear as the task's that is gone; during releases there are two of those
    assert difference.running == pytest.approx(730 * 0.062 + 5 * 0.062 - 1.6 * 0.005)
    assert difference.stopped == 0


def test_a_budget_that_acts_costs_nothing(variants: dict[str, Variant]) -> None:
    variant = variants["guardrail.pause_at_limit: true"]
    assert variant.not_priced == 0
    assert variant.difference.running == pytest.approx(0, abs=0.01)
    assert variant.difference.stopped == 0


def test_an_edge_that_stays_costs_its_secret_in_a_stopped_month(variants: dict[str, Variant]) -> None:
    variant = variants["edge.hosted_zone_id, for an edge that stays"]
    assert variant.not_priced == 0
    assert variant.difference.running == pytest.approx(0)
    assert variant.difference.stopped == pytest.approx(0.40)


def test_spot_and_x86_move_the_price_of_the_tasks_only(variants: dict[str, Variant]) -> None:
    tasks = 731.6 * (0.25 * 0.04045 + 0.5 * 0.00442)
    assert variants["service.capacity: spot"].difference.running == pytest.approx(-0.7 * tasks)
    x86 = 731.6 * (0.25 * 0.05056 + 0.5 * 0.00553)
    assert variants["service.architecture: x86_64"].difference.running == pytest.approx(x86 - tasks)


def test_nights_and_weekends_off_come_to_what_was_promised(variants: dict[str, Variant]) -> None:
    month = variants["schedule: 08:00 to 18:00, MON to FRI"].total
    assert month.running <= 45
    assert month.stopped <= 3


def test_the_document_is_as_computed(
    assembly: Callable[[str], Path], folders: Folders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ops.cost.usage.FOLDER", CONFIG_FOLDER / "usage")
    estimates = {name: estimate(folder, days=20) for name, folder in folders(own("dev")).items()}
    production = estimate(assembly(own("prod")), days=20)
    page = document([estimates[AS_SET], production], tuple(compare(estimates)))
    assert (ROOT / "docs" / "cost.md").read_text() == page, "run `hannibal cost document` and review the difference"


def test_settings_that_the_application_refuses_are_said_so(settings: Settings, tmp_path: Path) -> None:
    broken = settings.model_copy(update={"project": "Not A Project"})
    with pytest.raises(FailedError) as raised:
        synthesize(this_checkout(), {tmp_path: broken})
    assert "project" in "\n".join(raised.value.advice)


def test_a_json_document_holds_everything(estimates: dict[str, Estimate]) -> None:
    import pydantic_core

    content = json.loads(pydantic_core.to_json(estimates[AS_SET]))
    assert content["lines"][0]["price"]["source"]
    assert content["total"]["running"] == pytest.approx(estimates[AS_SET].total.running)
