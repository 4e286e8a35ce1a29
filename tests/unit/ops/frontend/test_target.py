"""Where the pages are, and when CloudFront is told to forget."""

from types import SimpleNamespace

import pytest
from botocore.exceptions import ClientError

from ops.errors import RefusedError
from ops.frontend import target
from ops.frontend.target import Target, invalidate_paths, read_target
from tests.support.aws import aws_of
from tests.support.fake_clients import client_error


@pytest.mark.parametrize(("status", "error"), [(404, RefusedError), (403, ClientError)])
def test_only_a_bucket_that_does_not_exist_is_said_to_be_missing(
    monkeypatch: pytest.MonkeyPatch, status: int, error: type[Exception]
) -> None:
    def head_bucket(**_: str) -> None:
        raise client_error(str(status), status=status)

    monkeypatch.setattr(target, "checked_caller", lambda _: SimpleNamespace(account="123456789012"))
    monkeypatch.setattr(target, "how_to_recreate", lambda *_: "make it again")
    with pytest.raises(error) as raised:
        read_target(aws_of(s3=SimpleNamespace(head_bucket=head_bucket)))
    assert ("there is no bucket nestjs-hannibal-3-frontend-123456789012" in str(raised.value)) is (status == 404)


@pytest.mark.parametrize(
    ("distribution", "paths", "told"),
    [("E1", ["/index.html"], [("E1", ["/index.html"])]), ("E1", [], []), (None, ["/index.html"], [])],
)
def test_paths_are_invalidated_at_the_deployed_distribution(
    monkeypatch: pytest.MonkeyPatch,
    distribution: str | None,
    paths: list[str],
    told: list[tuple[str, list[str]]],
) -> None:
    asked: list[tuple[str, list[str]]] = []

    def invalidate(_aws: object, distribution: str, paths: list[str]) -> SimpleNamespace:
        asked.append((distribution, paths))
        return SimpleNamespace(invalidation_id="I1")

    monkeypatch.setattr(target, "invalidate", invalidate)
    where = Target(caller=SimpleNamespace(), bucket="pages", distribution=distribution)  # type: ignore[arg-type]  # nobody asks who
    assert invalidate_paths(aws_of(), where, paths) == ("I1" if told else None)
    assert asked == told
