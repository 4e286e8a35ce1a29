"""What lies in the CDK's bucket under a template's name is that template, or nothing is deployed."""

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ops.account.caller import Caller
from ops.aws.clients import Aws
from ops.month.template_checks import tampered_template_refusals
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error

CALLER = Caller(account="123456789012", identity="arn:x", region="ap-northeast-1", endpoint=None)
TEMPLATE = b'{"Resources": {}}'
BUCKET = "cdk-hnb659fds-assets-123456789012-ap-northeast-1"


class Bucket:
    def __init__(self, **objects: bytes) -> None:
        self.objects, self.asked = objects, list[str]()

    def get_object(self, Bucket: str, Key: str) -> Any:  # noqa: N803 - boto3's names
        assert Bucket == BUCKET
        self.asked.append(Key)
        if Key not in self.objects:
            raise client_error("NoSuchKey")
        return {"Body": io.BytesIO(self.objects[Key])}

    @property
    def aws(self) -> Aws:
        return aws_of(s3=self)


@pytest.fixture
def assembly(tmp_path: Path) -> Path:
    destination = {"bucketName": "cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}"}
    files = {
        "abc": {
            "displayName": "ComputeStack Template",
            "source": {"path": "ComputeStack.template.json", "packaging": "file"},
            "destinations": {"here": {**destination, "objectKey": "abc"}},
        },
        "def": {
            "displayName": "Code",
            "source": {"path": "asset.def", "packaging": "zip"},
            "destinations": {"here": {**destination, "objectKey": "def"}},
        },
    }
    (tmp_path / "ComputeStack.template.json").write_bytes(TEMPLATE)
    (tmp_path / "ComputeStack.assets.json").write_text(json.dumps({"files": files}), encoding="utf-8")
    artifacts = {
        "ComputeStack.assets": {"type": "cdk:asset-manifest", "properties": {"file": "ComputeStack.assets.json"}},
        "ComputeStack": {"type": "aws:cloudformation:stack", "properties": {"templateFile": "x"}},
    }
    (tmp_path / "manifest.json").write_text(json.dumps({"artifacts": artifacts}), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("objects", [{}, {"abc": TEMPLATE}, {"def": b"an archive"}])
def test_what_is_the_same_or_not_there_is_deployed(assembly: Path, objects: dict[str, bytes]) -> None:
    bucket = Bucket(**objects)
    assert tampered_template_refusals(bucket.aws, CALLER, assembly) == ()
    assert bucket.asked == ["abc"]


def test_what_was_planted_is_named_with_the_way_out(assembly: Path) -> None:
    (reason,) = tampered_template_refusals(Bucket(abc=TEMPLATE + b" ").aws, CALLER, assembly)
    assert reason.startswith(f"s3://{BUCKET}/abc is not the ComputeStack Template of this checkout")
    assert f"`aws s3 rm s3://{BUCKET}/abc`" in reason


def test_another_error_is_no_answer(assembly: Path) -> None:
    bucket = SimpleNamespace(get_object=lambda **_: (_ for _ in ()).throw(client_error("AccessDenied")))
    with pytest.raises(Exception, match="AccessDenied"):
        tampered_template_refusals(aws_of(s3=bucket), CALLER, assembly)
