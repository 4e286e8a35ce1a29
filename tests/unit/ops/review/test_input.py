"""Input that cannot be used is named; what only looks odd is read."""

import json
import shutil
from pathlib import Path

import pytest

from ops.errors import FailedError, UnusableInputError
from ops.review.cdk_diff import CdkDiff
from ops.templates.assembly import Assembly, read_assembly
from ops.templates.deployed import deployed_pair
from ops.templates.values import Map, written
from tests.conftest import ROOT


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match=r"there is no folder .*nowhere"):
        read_assembly(tmp_path / "nowhere")


def test_an_empty_folder_is_an_application_without_stacks(tmp_path: Path) -> None:
    assert read_assembly(tmp_path).stacks == {}


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("hello")
    with pytest.raises(UnusableInputError, match="no synthesized application"):
        read_assembly(tmp_path)


@pytest.mark.parametrize("damage", ["{", "", "\x80\x81"])
def test_a_damaged_template_is_named(dev: Assembly, tmp_path: Path, damage: str) -> None:
    folder = Path(shutil.copytree(dev.folder, tmp_path / "copy"))
    (folder / "StorageStack.template.json").write_bytes(damage.encode("latin-1"))
    with pytest.raises(UnusableInputError, match=r"StorageStack\.template\.json is damaged"):
        read_assembly(folder)


def test_a_missing_template_is_named(dev: Assembly, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(dev.folder, tmp_path / "copy"))
    (folder / "EdgeStack.template.json").unlink()
    with pytest.raises(UnusableInputError, match=r"EdgeStack\.template\.json is missing"):
        read_assembly(folder)


def test_stacks_know_their_lifecycle_region_and_construct_paths(dev: Assembly) -> None:
    artifact = dev.stacks["ArtifactStack"]
    assert (artifact.lifecycle, artifact.protected, artifact.region) == ("persistent", True, "ap-northeast-1")
    assert dev.environment == "dev"
    paths = {artifact.path(logical_id) for logical_id in artifact.resources}
    assert {"ArtifactStack/Frontend", "ArtifactStack/Release/Handler/Function"} <= paths


def test_the_role_that_uploads_a_stacks_files_is_known(dev: Assembly, tmp_path: Path) -> None:
    before = dev.stacks["EdgeStack"].roles["file publishing"]
    folder = Path(shutil.copytree(dev.folder, tmp_path / "copy"))
    assets = folder / "EdgeStack.assets.json"
    assets.write_text(assets.read_text().replace(before, "arn:aws:iam::111122223333:role/admin"))
    stacks = read_assembly(folder).stacks
    assert stacks["EdgeStack"].roles["file publishing"] == "arn:aws:iam::111122223333:role/admin"
    assert stacks["AuditStack"].roles == dev.stacks["AuditStack"].roles


def test_paths_in_the_template_serve_where_there_is_no_metadata_file(tmp_path: Path) -> None:
    resource = {"Type": "AWS::SNS::Topic", "Metadata": {"aws:cdk:path": "S/Alerts/Resource"}}
    (tmp_path / "S.template.json").write_text(json.dumps({"Resources": {"Alerts1234": resource}}))
    artifact = {"type": "aws:cloudformation:stack", "properties": {"templateFile": "S.template.json"}}
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": {"S": artifact}}))
    assert read_assembly(tmp_path).stacks["S"].path("Alerts1234") == "S/Alerts"


def test_what_is_not_deployed_is_left_out_and_the_template_is_left_alone() -> None:
    template = {
        "Resources": {
            "CDKMetadata": {"Type": "AWS::CDK::Metadata"},
            "Code": {"Type": "AWS::Lambda::Function", "Properties": {"S3Key": f"{'a' * 64}.zip"}, "Metadata": {"x": 1}},
        },
        "Parameters": {"BootstrapVersion": {}, "Own": {}},
        "Rules": {"CheckBootstrapVersion": {}},
    }
    before = json.dumps(template)
    assert deployed_pair(json.loads(before), {})[0] == {
        "Resources": {"Code": {"Type": "AWS::Lambda::Function", "Properties": {"S3Key": "<asset>.zip"}}},
        "Parameters": {"BootstrapVersion": {"Default": None}, "Own": {}},
    }
    assert json.dumps(template) == before


def test_values_are_written_as_people_would() -> None:
    names = {"Bucket1234": "S/Bucket"}
    joined: Map = {"Fn::Join": ["", ["arn:", {"Ref": "AWS::Partition"}, ":", {"Fn::GetAtt": ["Bucket1234", "Arn"]}]]}
    assert written(joined, names) == "arn:${AWS::Partition}:${S/Bucket.Arn}"
    assert written({"Fn::GetStackOutput": {"StackName": "Other", "OutputName": "Id"}}) == "${Other.Id}"
    assert written([1, True, {"a": None}]) == "[1, true, {a: null}]"


def test_a_comparison_that_is_not_installed_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="not installed") as refusal:
        CdkDiff(tmp_path)
    assert "npm ci" in refusal.value.advice[0]


def test_a_comparison_that_dies_says_why() -> None:
    with CdkDiff(ROOT) as cdk_diff:
        cdk_diff._process.kill()
        cdk_diff._process.wait()
        with pytest.raises(FailedError, match="comparison of templates failed"):
            cdk_diff.compare({"S": ({}, {})})
