"""Which files a rollback copies: those that the bucket has not, or has with other content or headers."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from ops.account.caller import Caller
from ops.errors import UnreachableError
from ops.frontend import rollback
from ops.frontend.bucket import Stored
from ops.frontend.publication import Publication, PublishedFile, new_id
from ops.frontend.rollback import Rollback, plan_rollback, roll_back
from ops.frontend.target import Target
from tests.support.aws import aws_of
from tests.support.fakes import NOW


def file(key: str, etag: str = "e1", cache_control: str = "no-cache") -> PublishedFile:
    return PublishedFile(
        key=key, sha256="", size=1, etag=etag, version_id=f"{key}-{etag}", content_type="", cache_control=cache_control
    )


def publication(name: str, *files: PublishedFile) -> Publication:
    return Publication(id=name, published=NOW, published_by="somebody", files=files)


@pytest.mark.parametrize(
    ("current", "stored", "copied"),
    [
        ([file("a.html")], {"a.html": "e1"}, []),
        ([file("a.html", "e2")], {"a.html": "e2"}, ["a.html"]),
        ([file("a.html")], {}, ["a.html"]),  # deleted by hand
        ([file("a.html")], {"a.html": "e3"}, ["a.html"]),  # written by hand
        ([file("a.html", cache_control="max-age=60")], {"a.html": "e1"}, ["a.html"]),
        ([], {"a.html": "e1"}, []),  # kept since, for who still has the page of then
    ],
)
def test_what_the_bucket_has_is_not_copied(
    monkeypatch: pytest.MonkeyPatch, current: list[PublishedFile], stored: dict[str, str], copied: list[str]
) -> None:
    checked: list[Any] = []
    published = [publication("2", *current), publication("1", file("a.html"))]
    has = {key: Stored(etag=etag, modified=NOW) for key, etag in stored.items()}
    monkeypatch.setattr(rollback, "read_target", lambda _: SimpleNamespace(bucket="pages"))
    monkeypatch.setattr(rollback, "read_publications", lambda *_: published)
    monkeypatch.setattr(rollback, "read_bucket", lambda *_: has)
    s3 = SimpleNamespace(head_object=lambda **asked: checked.append(asked["VersionId"]))
    planned = plan_rollback(aws_of(s3=s3), "1")
    assert [it.key for it in planned.copy] == copied
    assert [it.key for it in planned.same] == [it for it in ["a.html"] if it not in copied]
    assert checked == [f"{it}-e1" for it in copied]


def nothing_to_copy(monkeypatch: pytest.MonkeyPatch, newest: Publication) -> Rollback:
    monkeypatch.setattr(rollback, "publication_lock", lambda *_: nullcontext())
    monkeypatch.setattr(rollback, "require_unchanged", lambda *_: None)
    caller = Caller(account="0", region="ap-northeast-1", identity="somebody", endpoint=None)
    return Rollback(
        target=Target(caller=caller, bucket="pages", distribution=None),
        wanted=publication("1"),
        newest=newest,
        copy=(),
        same=(),
        stored={},
        invalidate=(),
    )


def test_a_rollback_after_a_publication_of_a_machine_whose_clock_is_ahead_is_the_newest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ahead = datetime.now(UTC) + timedelta(days=1)
    newest = publication("2").model_copy(update={"id": new_id(ahead), "published": ahead})
    planned = nothing_to_copy(monkeypatch, newest)
    monkeypatch.setattr(rollback, "record", lambda *_: None)
    found = roll_back(aws_of(), planned).publication
    assert (found.id > newest.id, found.published > ahead) == (True, True)


def test_a_record_of_which_nothing_is_known_is_said_to_be_perhaps_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither writing nor looking is answered; the same command would go on to another publication."""

    def unanswered(**_: Any) -> Any:
        raise ReadTimeoutError(endpoint_url="https://s3")

    planned = nothing_to_copy(monkeypatch, publication("2"))
    with pytest.raises(UnreachableError) as said:
        roll_back(aws_of(s3=SimpleNamespace(put_object=unanswered, head_object=unanswered)), planned)
    assert "may be recorded all the same: see `hannibal frontend list` before" in said.value.advice[-1]
