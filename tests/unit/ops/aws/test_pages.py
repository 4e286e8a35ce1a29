"""Every list is read to its last page: by botocore's paginator, by a loop over the token, or it cannot have two."""

import ast
from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from tests.conftest import ROOT
from tests.support.calls import clients

_SERVICES = {
    "application_autoscaling": "application-autoscaling",
    "cost_explorer": "ce",
    "edge_acm": "acm",
    "lambda_": "lambda",
}
_TOKENS = ("nexttoken", "marker", "nextmarker", "nextpagetoken", "nextcontinuationtoken")
# A request for things by their names has one page.
_BY_NAME = {
    "cloudformation.describe_stacks": "StackName",
    "cloudwatch.describe_alarms": "AlarmNames",
    "ec2.describe_nat_gateways": "NatGatewayIds",
    "ec2.describe_security_groups": "GroupIds",
    "ec2.describe_subnets": "SubnetIds",
    "ecr.describe_images": "imageIds",
    "elbv2.describe_load_balancers": "Names",
    "rds.describe_db_instance_automated_backups": "DBInstanceIdentifier",
    "rds.describe_db_instances": "DBInstanceIdentifier",
    "rds.describe_db_snapshots": "DBSnapshotIdentifier",
}
# The module and function, and why one page holds the answer.
_ONE_PAGE = {
    ("account/bootstrap/change_set.py", "cloudformation.describe_change_set"): "only its status is looked at",
    (
        "account/bootstrap/plan.py",
        "ec2.describe_managed_prefix_lists",
    ): "EC2 answers with all where MaxResults is not given",
    ("doctor/network.py", "ec2.describe_internet_gateways"): "EC2 answers with all where MaxResults is not given",
    ("doctor/network.py", "ec2.describe_nat_gateways"): "EC2 answers with all where MaxResults is not given",
    ("doctor/network.py", "ec2.describe_route_tables"): "EC2 answers with all where MaxResults is not given",
    ("account/domain.py", "route53.list_resource_record_sets"): "begins with the wanted name, ends after it",
    ("release/checks.py", "ecr.describe_image_scan_findings"): "the counts on the first page are of all findings",
    ("stacks/events.py", "cloudformation.describe_stack_events"): "only the newest, which is on the first page",
}


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    session: Any = boto3.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name="us-east-1")
    return {name: session.client(_SERVICES.get(name, name)) for name in clients()}


def calls_with_pages(made: dict[str, Any]) -> Iterator[tuple[str, str, ast.Call, ast.FunctionDef]]:
    """Calls of operations that answer in pages, past their paginators, each with the function it stands in."""
    for file in sorted((ROOT / "ops").rglob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
            for node in ast.walk(function):
                if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                    continue
                owner = node.func.value
                name = (owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")).lstrip("_")
                operation = made[name].meta.method_to_api_mapping.get(node.func.attr) if name in made else None
                if operation is None:
                    continue
                shape = made[name].meta.service_model.operation_model(operation).output_shape
                members = {member.lower() for member in shape.members} if shape else set()
                if made[name].can_paginate(node.func.attr) or members & set(_TOKENS):
                    where = file.relative_to(ROOT / "ops").as_posix()
                    yield where, f"{name}.{node.func.attr}", node, function


def test_no_list_ends_with_its_first_page(made: dict[str, Any]) -> None:
    found = list(calls_with_pages(made))
    assert len(found) > 10  # the reading of the source still sees them
    for where, call, node, function in found:
        given = {keyword.arg for keyword in node.keywords}
        constants = (one.value for one in ast.walk(function) if isinstance(one, ast.Constant))
        words = {value.lower() for value in constants if isinstance(value, str)}
        loops = any(isinstance(one, ast.While) for one in ast.walk(function)) and bool(words & set(_TOKENS))
        assert _BY_NAME.get(call) in given or (where, call) in _ONE_PAGE or loops, f"{where}: {call} reads one page"


def test_every_exception_is_still_one(made: dict[str, Any]) -> None:
    assert set(_ONE_PAGE) <= {(where, call) for where, call, _, _ in calls_with_pages(made)}


def test_every_paginator_that_is_asked_for_exists(made: dict[str, Any]) -> None:
    asked = 0
    for file in sorted((ROOT / "ops").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if node.func.attr != "get_paginator" or not isinstance(node.args[0], ast.Constant):
                continue
            owner = node.func.value
            name = (owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")).lstrip("_")
            assert made[name].can_paginate(node.args[0].value), f"{file}: {node.args[0].value!r}"
            asked += 1
    assert asked > 20
