"""An image that serves and that ECR has deleted is found before a task has to be replaced."""

from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from installation.settings import Settings
from ops.doctor.ecs import _image
from ops.doctor.examiner import Examiner
from ops.doctor.subjects import Subject
from tests.support.aws import aws_of
from tests.support.fakes import NOW

OURS = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/nestjs-hannibal-3@sha256:" + "a" * 64


def _describe(known: bool) -> Any:
    def describe_images(**_: Any) -> dict[str, Any]:
        if not known:
            raise ClientError({"Error": {"Code": "ImageNotFoundException"}}, "DescribeImages")
        return {"imageDetails": [{"imageDigest": "sha256:" + "a" * 64}]}

    return SimpleNamespace(describe_images=describe_images)


@pytest.mark.parametrize(
    ("image", "known", "causes"),
    [
        (OURS, True, []),
        (OURS, False, ["serving-image-gone"]),
        ("example.org/shop:1", False, []),
    ],
)
def test_a_deleted_image_of_running_tasks_is_a_finding(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, image: str, known: bool, causes: list[str]
) -> None:
    identity = {"Account": "123456789012", "Arn": "arn:aws:iam::123456789012:user/a"}
    sts = SimpleNamespace(get_caller_identity=lambda: identity)
    monkeypatch.setattr("ops.doctor.ecs.running_image", lambda _: image)
    examiner = Examiner(Subject.ECS, aws_of(ecr=_describe(known), sts=sts, settings=settings), NOW)
    _image(examiner)
    assert [one.cause for one in examiner.examination().findings] == causes
