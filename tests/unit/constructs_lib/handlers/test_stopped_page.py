"""The page of the time between two months: shown by the resource's deletion, taken away by its creation."""

import io
from typing import Any

import boto3
import pytest

from constructs_lib.handlers import stopped_page
from tests.support.boto_model import ModelledClient
from tests.unit.constructs_lib.handlers.conftest import Answers

BUCKET, KEY, OWN = "pages", ".stopped/index.html", "stopped.html"


class NoSuchKey(Exception):  # noqa: N818 - S3's own name
    """There is no such object."""


class World:
    """A bucket and CloudFront."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {"index.html": {"Body": b"the application"}}
        self.invalidated: list[dict[str, Any]] = []
        self.failure: Exception | None = None
        self.exceptions = type("Exceptions", (), {"NoSuchKey": NoSuchKey})

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert Bucket == BUCKET
        if Key not in self.objects:
            raise NoSuchKey(Key)
        return self.objects[Key] | {"Body": io.BytesIO(self.objects[Key]["Body"])}

    def put_object(self, *, Bucket: str, Key: str, **content: Any) -> None:  # noqa: N803
        assert Bucket == BUCKET
        self._fail()
        self.objects[Key] = content

    def delete_object(self, *, Bucket: str, Key: str) -> None:  # noqa: N803
        assert Bucket == BUCKET
        self._fail()
        self.objects.pop(Key, None)

    def create_invalidation(self, **request: Any) -> None:
        self.invalidated.append(request)

    def _fail(self) -> None:
        if self.failure:
            raise self.failure


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(boto3, "client", lambda service: ModelledClient(service, world))
    return world


def event(kind: str) -> dict[str, Any]:
    properties = {"Bucket": BUCKET, "Key": KEY, "Page": OWN, "Distribution": "E1"}
    return {"RequestType": kind, "RequestId": f"request-{kind}", "ResourceProperties": properties}


def test_a_months_end_shows_the_default_page_and_its_beginning_takes_it_away(world: World, answers: Answers) -> None:
    stopped_page.handler(event("Delete"), None)
    assert answers.only["status"] == "SUCCESS"
    page = world.objects[KEY]
    assert b"Back on the 1st" in page["Body"]
    assert "お休み" in page["Body"].decode()
    assert (page["ContentType"], page["CacheControl"]) == ("text/html; charset=utf-8", "no-store")

    answers.clear()
    stopped_page.handler(event("Create"), None)
    assert answers.only["status"] == "SUCCESS"
    assert set(world.objects) == {"index.html"}
    # CloudFront forgets the pages each time, by a reference that Lambda's second try repeats.
    assert [one["InvalidationBatch"]["CallerReference"] for one in world.invalidated] == [
        "request-Delete",
        "request-Create",
    ]
    assert {one["DistributionId"] for one in world.invalidated} == {"E1"}


def test_a_page_of_the_products_own_is_shown_as_it_was_published(world: World, answers: Answers) -> None:
    own = {"Body": b"\x1f\x8b...", "ContentType": "text/html; charset=utf-8", "ContentEncoding": "gzip"}
    world.objects[OWN] = own | {"CacheControl": "no-cache"}
    stopped_page.handler(event("Delete"), None)
    assert world.objects[KEY] == own | {"CacheControl": "no-store"}
    assert answers.only["physical_id"] == KEY


def test_a_month_ends_also_where_the_page_cannot_be_shown(world: World, answers: Answers) -> None:
    world.failure = RuntimeError("the bucket is gone")
    stopped_page.handler(event("Delete"), None)
    assert answers.only["status"] == "SUCCESS"


def test_a_month_does_not_begin_behind_that_page(world: World, answers: Answers) -> None:
    world.failure = RuntimeError("denied")
    stopped_page.handler(event("Create"), None)
    assert (answers.only["status"], answers.only["reason"]) == ("FAILED", "RuntimeError: denied")
