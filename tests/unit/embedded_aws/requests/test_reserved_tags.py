"""Tags that only AWS gives."""

from typing import Any

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.requests.reserved_tags import check_tags, check_template_tags

TAG = b"<TagSet><Tag><Key>aws:a</Key><Value>b</Value></Tag></TagSet>"


@pytest.mark.parametrize(
    ("handler", "content", "body"),
    [
        ("ecs", {"tags": [{"key": "AWS:a", "value": "b"}]}, b""),
        ("ecs", {"tags": [{"key": "a", "value": "aws:b"}]}, b""),
        ("logs", {"tags": {"aws:a": "b"}}, b""),
        ("s3", {}, b'<?xml version="1.0"?>\n<Tagging xmlns="x">' + TAG + b"</Tagging>"),
        ("rds", {"Tags": [{"Key": "a", "Value": "b#"}]}, b""),
        ("sns", {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "c"}]}, b""),
    ],
)
def test_reserved_tags_are_refused(handler: str, content: dict[str, Any], body: bytes) -> None:
    with pytest.raises(Refusal):
        check_tags(handler, content, body)


@pytest.mark.parametrize(
    ("handler", "content", "body"),
    [
        ("ecs", {"tags": ["a"]}, b""),
        ("logs", {"tags": {"a": "aws:b"}}, b""),
        ("kms", {"Tags": [{"TagKey": "aws:a"}]}, b""),
        ("rds", {"Tags": ["a"]}, b""),
        ("rds", {"Tags": [{"Key": "名前", "Value": "a b.:/=+@-"}]}, b""),
        ("s3", {}, b"<page>" + TAG + b"</page>"),
    ],
)
def test_other_tags_are_taken(handler: str, content: dict[str, Any], body: bytes) -> None:
    check_tags(handler, content, body)


def test_tags_that_cloudformation_adds_are_taken() -> None:
    added = {"Key": "aws:cloudformation:stack-name", "Value": "a"}
    check_template_tags("s3", {"Tags": [added, {"Key": "a", "Value": "b"}]})
    check_template_tags("ssm", {"Tags": {"a": "b"}})

    with pytest.raises(Refusal, match="System tags cannot be added/updated by requester"):
        check_template_tags("s3", {"Tags": [added, {"Key": "aws:a", "Value": "b"}]})
    with pytest.raises(Refusal, match="Cannot provide multiple Tags with the same key"):
        check_template_tags("s3", {"Tags": [{"Key": "a", "Value": "b"}, {"Key": "a", "Value": "b"}]})
