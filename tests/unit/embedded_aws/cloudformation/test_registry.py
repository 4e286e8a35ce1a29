"""Which resource types the embedded AWS can create, and what of them a change replaces."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

GOLDEN_TEMPLATES = Path(__file__).parents[3] / "templates"

# In a process of its own: the extensions change modules, and other tests want those unchanged.
_LIST_TYPES = """
import json, sys
from pathlib import Path
from embedded_aws.core.context import ServerContext
from embedded_aws.extensions import install_all
from ministack.services.cloudformation import provisioners
before = set(provisioners._RESOURCE_HANDLERS)
install_all(ServerContext(port=1, state_folder=Path(sys.argv[1]), region="ap-northeast-1", account="000000000000"))
added = set(provisioners._RESOURCE_HANDLERS) - before
json.dump({
    "handlers": {name: sorted(handlers) for name, handlers in provisioners._RESOURCE_HANDLERS.items()},
    "replaced_by": {name: provisioners._REPLACING_PROPERTIES.get(name) for name in added},
    "tags": {name: provisioners._STACK_TAG_PROPERTY.get(name) for name in added},
}, sys.stdout)
"""


@pytest.fixture(scope="module")
def registered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = str(tmp_path_factory.mktemp("state"))
    output = subprocess.run([sys.executable, "-c", _LIST_TYPES, folder], capture_output=True, check=True).stdout
    listed: dict[str, Any] = json.loads(output)
    return listed


def test_every_type_of_the_templates_has_a_handler(registered: dict[str, Any]) -> None:
    templates = list(GOLDEN_TEMPLATES.rglob("*.json"))
    assert templates
    resources = [one for file in templates for one in json.loads(file.read_text())["Resources"].values()]
    types = {resource["Type"] for resource in resources if not resource["Type"].startswith("Custom::")}
    assert types <= registered["handlers"].keys()


def test_every_added_type_can_be_deleted_and_changed(registered: dict[str, Any]) -> None:
    for name, replaced_by in registered["replaced_by"].items():
        handlers = registered["handlers"][name]
        assert "delete" in handlers, name
        properties = schema(name)["properties"].keys() - {path.split("/")[-1] for path in read_only(name)}
        assert "update" in handlers or properties <= set(replaced_by or ()), name


@pytest.mark.parametrize(
    "name",
    [
        "AWS::Athena::NamedQuery",
        "AWS::Budgets::Budget",
        "AWS::CE::AnomalyMonitor",
        "AWS::CE::AnomalySubscription",
        "AWS::CloudTrail::Trail",
        "AWS::EC2::EIP",
        "AWS::EC2::FlowLog",
        "AWS::EC2::NatGateway",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::ECS::ClusterCapacityProviderAssociations",
        "AWS::IAM::OIDCProvider",
    ],
)
def test_a_change_replaces_what_it_replaces_on_aws(registered: dict[str, Any], name: str) -> None:
    create_only = [path.removeprefix("/properties/") for path in schema(name).get("createOnlyProperties") or []]
    # A property inside another is looked after by the type itself.
    assert sorted(registered["replaced_by"][name]) == sorted(path for path in create_only if "/" not in path)


@pytest.mark.parametrize(
    ("name", "tags"),
    [
        ("AWS::Budgets::Budget", ["ResourceTags", "list"]),
        ("AWS::CE::AnomalyMonitor", None),  # they cannot change
        ("AWS::EC2::SecurityGroupIngress", None),
        ("AWS::FIS::ExperimentTemplate", ["Tags", "map"]),
    ],
)
def test_the_tags_of_a_stack_go_where_they_go_on_aws(
    registered: dict[str, Any], name: str, tags: list[str] | None
) -> None:
    assert registered["tags"][name] == tags


def schema(name: str) -> dict[str, Any]:
    """The official schema of a resource type, as cfn-lint bundles it."""
    from cfnlint.schema import PROVIDER_SCHEMA_MANAGER  # a second, which not every process shall take

    content: dict[str, Any] = PROVIDER_SCHEMA_MANAGER.get_resource_schema("ap-northeast-1", name).schema
    return content


def read_only(name: str) -> list[str]:
    paths: list[str] = schema(name).get("readOnlyProperties") or []
    return paths
