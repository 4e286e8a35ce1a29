"""What a publication sends, removes and has forgotten."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ops.errors import RefusedError
from ops.frontend.bucket import Prepared, Stored
from ops.frontend.headers import IMMUTABLE, REVALIDATED, Headers
from ops.frontend.page_files import PageFile
from ops.frontend.plan import PublishPlan, paths_to_invalidate, plan_publication
from ops.frontend.publication import Publication, PublishedFile, find

_NOW = datetime(2026, 11, 25, tzinfo=UTC)
_HASHED = "assets/index-BkZ3x9aQ.js"


def _etag(content: str) -> str:
    return hashlib.md5(content.encode(), usedforsecurity=False).hexdigest()


def _prepared(key: str, content: str, control: str = REVALIDATED) -> Prepared:
    digest = hashlib.sha256(content.encode()).hexdigest()
    file = PageFile(path=Path(key), key=key, size=len(content), sha256=digest)
    return Prepared(
        file=file, headers=Headers(content_type="text/x", cache_control=control), body=None, etag=_etag(content)
    )


def _recorded(key: str, content: str, control: str = REVALIDATED) -> PublishedFile:
    return PublishedFile(
        key=key,
        sha256=hashlib.sha256(content.encode()).hexdigest(),
        size=len(content),
        etag=_etag(content),
        version_id="1",
        content_type="text/x",
        cache_control=control,
    )


def _publication(days_ago: float, *files: PublishedFile) -> Publication:
    published = _NOW - timedelta(days=days_ago)
    return Publication(id=f"{published:%Y%m%dT%H%M%SZ}-abc", published=published, published_by="x", files=files)


def _stored(contents: dict[str, str], days_ago: float = 1) -> dict[str, Stored]:
    modified = _NOW - timedelta(days=days_ago)
    return {key: Stored(etag=_etag(content), modified=modified) for key, content in contents.items()}


def _plan(prepared: list[Prepared], stored: dict[str, Stored], *publications: Publication) -> PublishPlan:
    return plan_publication(tuple(prepared), stored, publications, now=_NOW)


def test_hashed_files_go_first_then_others_then_pages_and_the_index_last() -> None:
    keys = ["index.html", "about.html", "favicon.ico"]
    plan = _plan([*(_prepared(key, key) for key in keys), _prepared(_HASHED, "1", IMMUTABLE)], {})
    assert [one.file.key for one in plan.send] == [_HASHED, "favicon.ico", "about.html", "index.html"]
    assert plan.invalidate == ()


def test_only_changed_files_are_uploaded_and_invalidated() -> None:
    before = _publication(1, _recorded("a.txt", "a"), _recorded("b.txt", "b"), _recorded("c.txt", "c", IMMUTABLE))
    stored = _stored({"a.txt": "a", "b.txt": "b", "c.txt": "c", "index.html": "old"})
    plan = _plan(
        [_prepared("a.txt", "a"), _prepared("b.txt", "new"), _prepared("c.txt", "c"), _prepared("index.html", "new")],
        stored,
        before,
    )
    assert [one.file.key for one in plan.send] == ["b.txt", "c.txt", "index.html"]  # c.txt for its headers
    assert [file.key for file in plan.known] == ["a.txt"]
    assert plan.invalidate == ("/", "/b.txt", "/c.txt", "/index.html")


def test_what_an_interrupted_publication_left_is_looked_at_and_not_sent_blindly() -> None:
    plan = _plan([_prepared("a.txt", "a")], _stored({"a.txt": "a"}))
    assert (plan.send, [one.file.key for one in plan.doubtful]) == ((), ["a.txt"])
    assert not plan.changes_nothing


def test_the_same_build_again_changes_nothing() -> None:
    before = _publication(1, _recorded("index.html", "a"))
    assert _plan([_prepared("index.html", "a")], _stored({"index.html": "a"}), before).changes_nothing


@pytest.mark.parametrize(("days", "removed"), [(29, ()), (31, ("old.js",))])
def test_a_file_is_removed_thirty_days_after_its_last_use(days: int, removed: tuple[str, ...]) -> None:
    old = _publication(90, _recorded("old.js", "x"))
    current = _publication(days, _recorded("index.html", "a"))  # ended the use of the other one
    plan = _plan([_prepared("index.html", "b")], _stored({"old.js": "x", "index.html": "a"}, 95), current, old)
    assert plan.unused == removed
    assert plan.outdated == ((old.id,) if removed else ())


def test_the_current_publication_is_used_until_now_however_old_it_is() -> None:
    current = _publication(200, _recorded("old.js", "x"))
    plan = _plan([_prepared("index.html", "b")], _stored({"old.js": "x"}, 200), current)
    assert (plan.unused, plan.outdated) == ((), ())


@pytest.mark.parametrize(("days", "removed"), [(29, ()), (30, ("by-hand.txt",))])
def test_a_file_of_no_publication_is_removed_by_its_age(days: int, removed: tuple[str, ...]) -> None:
    assert _plan([_prepared("index.html", "a")], _stored({"by-hand.txt": "x"}, days)).unused == removed


def test_a_name_with_a_hash_that_got_another_content_is_refused() -> None:
    before = _publication(1, _recorded(_HASHED, "a", IMMUTABLE))
    with pytest.raises(RefusedError, match="keep what has this name for a year") as error:
        _plan([_prepared(_HASHED, "b", IMMUTABLE)], _stored({_HASHED: "a"}), before)
    assert any(f"edge.mutable_paths: [/{_HASHED}]" in step for step in error.value.advice)
    plan = _plan([_prepared(_HASHED, "b")], _stored({_HASHED: "a"}), before)
    assert len(plan.send) == 1


def test_many_paths_are_invalidated_as_one() -> None:
    assert paths_to_invalidate([f"{n}.txt" for n in range(51)]) == ("/*",)
    assert paths_to_invalidate(["Ü b.html"]) == ("/%C3%9C%20b.html",)


def test_going_back_finds_the_newest_with_other_files() -> None:
    same, current, old = (_publication(n, _recorded("a", text)) for n, text in ((1, "2"), (2, "2"), (3, "1")))
    assert find((same, current, old), None) is old
    assert find((same, current, old), old.id[:8]) is old
    for publications, wanted, message in (
        ((same,), None, "no publication to go back to"),
        ((same, current), None, "the same files"),
        ((same, current, old), "2026", "3 publications begin with"),
        ((same, current, old), same.id, "is what users see"),
        ((same, current, old), "1999", "0 publications begin with"),
    ):
        with pytest.raises(RefusedError, match=message):
            find(publications, wanted)
