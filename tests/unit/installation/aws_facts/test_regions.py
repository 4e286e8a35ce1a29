"""In each region of an installation CloudFormation knows all that templates are made of."""

import json
from pathlib import Path

from app import build
from installation.aws_facts.regions import REGIONS, WITHOUT_BUDGETS
from ops.iam.variants import variants
from ops.templates.schemas import resource_types
from tests.conftest import new_app

OWN = ("AWS::CDK::Metadata", "Custom::")


def used_types(folder: Path) -> set[str]:
    found = set()
    for name in ("everything", "schedule"):
        app = new_app(folder / name)
        build(app, variants()[name])
        app.synth()
        for file in (folder / name).glob("*.template.json"):
            found |= {it["Type"] for it in json.loads(file.read_text())["Resources"].values()}
    return {kind for kind in found if not kind.startswith(OWN)}


def test_every_type_is_in_every_region(tmp_path: Path) -> None:
    types = used_types(tmp_path)
    assert len(types) > 60
    assert {region: types - set(resource_types(region)) for region in REGIONS} == {region: set() for region in REGIONS}
    for region in WITHOUT_BUDGETS:
        assert types - set(resource_types(region)) == {"AWS::Budgets::Budget"}
