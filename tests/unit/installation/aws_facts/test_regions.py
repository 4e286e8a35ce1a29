"""In each region of an installation CloudFormation knows all that templates are made of."""

from collections.abc import Callable
from typing import Any

from installation.aws_facts.regions import REGIONS, WITHOUT_BUDGETS
from ops.templates.schemas import resource_types

OWN = ("AWS::CDK::Metadata", "Custom::")


def test_every_type_is_in_every_region(templates: Callable[[str], dict[str, Any]]) -> None:
    synthesized = [template for variant in ("everything", "schedule") for template in templates(variant).values()]
    used = {it["Type"] for template in synthesized for it in template["Resources"].values()}
    types = {kind for kind in used if not kind.startswith(OWN)}
    assert len(types) > 60
    assert {region: types - set(resource_types(region)) for region in REGIONS} == {region: set() for region in REGIONS}
    for region in WITHOUT_BUDGETS:
        assert types - set(resource_types(region)) == {"AWS::Budgets::Budget"}
