"""A head that is empty, partial, malformed, of another application or hostile ends with exit code 2 and one line."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from installation import names
from ops.cli.app import build
from ops.errors import UnusableInputError
from ops.review.cdk_diff import CdkDiff
from ops.review.comparing import compare
from ops.review.review import template_findings
from ops.templates.assembly import Assembly, read_assembly
from ops.templates.normal_form import TemplateFacts, constant_conditions, normal_form, template_facts
from ops.templates.untrusted_json import read_json
from ops.templates.values import Json, references
from tests.support.review.application import Application


def run(base: Path, head: Path) -> tuple[int, str]:
    result = CliRunner().invoke(build(), ["review", "--base", str(base), "--head", str(head)])
    return result.exit_code, result.output


def _template(text: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / f"{names.STORAGE_STACK}.template.json").write_text(text)

    return damage


def _manifest(change: Callable[[dict[str, dict[str, object]]], None]) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        manifest = json.loads((folder / "manifest.json").read_text())
        change(manifest["artifacts"])
        (folder / "manifest.json").write_text(json.dumps(manifest))

    return damage


def _other_project(artifacts: dict[str, dict[str, object]]) -> None:
    for artifact in artifacts.values():
        properties = artifact.get("properties")
        if isinstance(properties, dict) and "tags" in properties:
            properties["tags"]["Project"] = "another"


def _of_the_manifest(folder: Path) -> None:
    (folder / "manifest.json").unlink()


def _circle(folder: Path) -> None:
    file = folder / f"{names.STORAGE_STACK}.template.json"
    file.unlink()
    file.symlink_to(file)


def _without_artifacts(folder: Path) -> None:
    (folder / "manifest.json").write_text("{}")


def _outside(artifacts: dict[str, dict[str, object]]) -> None:
    artifacts[names.STORAGE_STACK]["properties"] = {"templateFile": "../../etc/passwd"}


def _a_stage(artifacts: dict[str, dict[str, object]]) -> None:
    artifacts["assembly-Stage"] = {"type": "cdk:cloud-assembly"}


DAMAGE: dict[str, Callable[[Path], None]] = {
    "a list": _template("[]"),
    "a text": _template('"x"'),
    "no resources": _template('{"Resources": null}'),
    "empty resources": _template('{"Resources": {}}'),
    "resources in a list": _template('{"Resources": []}'),
    "a resource without a type": _template('{"Resources": {"A": {}}}'),
    "properties in a list": _template('{"Resources": {"A": {"Type": "AWS::S3::Bucket", "Properties": []}}}'),
    "conditions in a text": _template('{"Resources": {"A": {"Type": "T"}}, "Conditions": "x"}'),
    "outputs in a list": _template('{"Resources": {"A": {"Type": "T"}}, "Outputs": []}'),
    "half a file": _template('{"Resources": {"A"'),
    "no number": _template('{"Resources": {"A": {"Type": "T", "Properties": {"N": NaN}}}}'),
    "one key twice": _template('{"Resources": {"A": {"Type": "T"}, "A": {"Type": "T"}}}'),
    "deep": _template('{"Resources": {"A": {"Type": "T", "Properties": ' + '{"a":' * 5_000 + "1" + "}" * 5_003),
    "deep lists": _template("[" * 200_000),
    "a long number": _template('{"Resources": {"A": {"Type": "T", "Properties": {"N": ' + "9" * 9_000 + "}}}}"),
    "too large a number": _template('{"Resources": {"A": {"Type": "T", "Properties": {"N": -1e999}}}}'),
    "half a character": _template('{"Resources": {"A": {"Type": "T", "Properties": {"T": "\\ud800"}}}}'),
    "a circle of links": _circle,
    "no manifest": _of_the_manifest,
    "no artifacts": _without_artifacts,
    "no stacks": _manifest(lambda artifacts: artifacts.clear()),
    "another project": _manifest(_other_project),
    "a template outside": _manifest(_outside),
    "stages": _manifest(_a_stage),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_head_that_cannot_be_judged_is_refused_in_one_line(dev: Assembly, tmp_path: Path, damage: str) -> None:
    head = Path(shutil.copytree(dev.folder, tmp_path / "head"))
    DAMAGE[damage](head)
    code, text = run(dev.folder, head)
    assert code == 2, text
    assert "Traceback" not in text
    assert len(text) < 1_500


def test_an_empty_head_is_refused(dev: Assembly, tmp_path: Path) -> None:
    code, text = run(dev.folder, tmp_path)
    assert code == 2
    assert "holds no stacks" in text


def test_a_file_of_any_size_is_not_read(tmp_path: Path) -> None:
    file = tmp_path / "huge.json"
    with file.open("wb") as opened:
        opened.truncate(200 * 1024 * 1024)
    with pytest.raises(UnusableInputError, match="is larger than 32 MB") as refused:
        read_json(file)
    assert refused.value.advice == ("Synthesize again.",)  # into that folder, for that environment


def test_each_stack_that_the_head_lacks_is_a_risk(dev: Assembly, cdk_diff: CdkDiff, application: Application) -> None:
    for stack in (names.EDGE_STACK, names.AUDIT_STACK):
        del application.templates[stack]
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    assert {it.stack for it in found if it.rule == "stack-gone"} == {names.EDGE_STACK, names.AUDIT_STACK}


def test_a_stack_that_is_deployed_with_another_role_is_a_risk(dev: Assembly, cdk_diff: CdkDiff, tmp_path: Path) -> None:
    head = Path(shutil.copytree(dev.folder, tmp_path / "head"))

    def change(artifacts: dict[str, dict[str, object]]) -> None:
        properties = artifacts[names.STORAGE_STACK]["properties"]
        assert isinstance(properties, dict)
        properties["cloudFormationExecutionRoleArn"] = "arn:aws:iam::123456789012:role/Administrator"

    _manifest(change)(head)
    found = template_findings(compare(dev, read_assembly(head), cdk_diff, dev.region), None)
    assert [it.rule for it in found] == ["deployed-by"]


def test_conditions_that_ask_themselves_or_each_other_many_times_end() -> None:
    both: dict[str, Json] = {
        f"C{it}": {"Fn::And": [{"Condition": f"C{it + 1}"}, {"Condition": f"C{it + 1}"}]} for it in range(60)
    }
    circle: dict[str, Json] = {
        "A": {"Fn::Or": [{"Condition": "A"}, {"Condition": "A"}]},
        "Yes": {"Fn::Equals": ["a", "a"]},
    }
    assert constant_conditions({"Conditions": {**both, **circle}}) == {"Yes": True}


@pytest.mark.parametrize(
    "around",
    [
        lambda it: {"Fn::If": ["C", it, "b"]},
        lambda it: {"Fn::Select": [{"Ref": "X"}, [it]]},
        lambda it: {"Fn::Join": [{"Ref": "X"}, [it]]},
        lambda it: {"Fn::Sub": ["${A}${A}", {"A": it}]},
        lambda it: {"Statement": [it]},
    ],
)
def test_functions_within_many_functions_end(around: Callable[[Json], Json]) -> None:
    value: Json = {"Ref": "Q"}
    for _ in range(60):
        value = around(value)
    assert normal_form(value, TemplateFacts())


def test_rules_of_ports_within_many_conditions_end(dev: Assembly, cdk_diff: CdkDiff, application: Application) -> None:
    nested: Json = "10.0.0.0/8"
    for _ in range(20):
        nested = {"Fn::If": ["C", nested, "0.0.0.0/0"]}
    rule = dict.fromkeys(("CidrIp", "FromPort", "ToPort", "IpProtocol"), nested)
    group = {"GroupDescription": "x", "VpcId": "vpc-1", "SecurityGroupIngress": [rule]}
    application.add(names.NETWORK_STACK, "G", "AWS::EC2::SecurityGroup", group)
    found = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
    assert 0 < len(found) <= 500


@pytest.mark.parametrize(
    "value",
    [
        {"Fn::Equals": []},
        {"Fn::Equals": ["a"]},
        {"Fn::Sub": []},
        {"Fn::Or": [{"Fn::Equals": []}]},
        {"Fn::Join": ["-", [{"Fn::Join": []}, "a"]]},
        {"Fn::Select": ["²", ["a"]]},
        {"Fn::Select": [-1, ["a"]]},
        {"Fn::Split": ["", "a"]},
        {"Fn::FindInMap": ["M", "A", {"Ref": "B"}]},
    ],
)
def test_functions_without_meaning_are_left_as_they_are(value: Any) -> None:
    template: Any = {"Conditions": {"C": value}, "Mappings": {"M": []}}
    known = template_facts(template, "ap-northeast-1")
    assert known.conditions == {}
    assert normal_form(value, known) in (value, {"Fn::Join": ["", [{"Fn::Join": []}, "-a"]]})
    assert list(references(value)) in ([], ["B"])
