"""When CloudFront is told to forget."""

from types import SimpleNamespace

import pytest

from ops.frontend import target
from ops.frontend.target import Target, invalidate_paths
from tests.support.aws import aws_of


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
