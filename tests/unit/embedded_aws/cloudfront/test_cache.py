"""How long answers are kept, and what an invalidation drops."""

from email.utils import formatdate

import pytest

from embedded_aws.cloudfront.cache import Cache, CachedAnswer, Key, fresh_seconds
from embedded_aws.cloudfront.distribution import CacheRules

_OPTIMIZED = CacheRules(minimum=1, default=86_400, maximum=31_536_000)
_DISABLED = CacheRules(minimum=0, default=0, maximum=0)
_NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("status", "headers", "rules", "seconds"),
    [
        (200, {}, _OPTIMIZED, 86_400),
        (200, {"cache-control": "public, max-age=60"}, _OPTIMIZED, 60),
        (200, {"cache-control": "max-age=60, s-maxage=90"}, _OPTIMIZED, 90),
        (200, {"cache-control": "max-age=0"}, _OPTIMIZED, 1),
        (200, {"cache-control": "no-cache"}, _OPTIMIZED, 1),
        (200, {"cache-control": "no-store"}, CacheRules(), 0),
        (200, {"cache-control": ["private", "max-age=60"]}, CacheRules(), 0),
        (200, {"cache-control": "max-age=999999999999"}, _OPTIMIZED, 31_536_000),
        (200, {"expires": formatdate(_NOW + 30, usegmt=True)}, _OPTIMIZED, 30),
        (200, {"expires": "0"}, _OPTIMIZED, 1),
        (200, {"cache-control": "max-age=60"}, _DISABLED, 0),
        (206, {}, _OPTIMIZED, 0),
        (404, {}, _OPTIMIZED, 10),
        (404, {"cache-control": "max-age=60"}, _OPTIMIZED, 60),
        (403, {}, _OPTIMIZED, 0),
        (403, {"cache-control": "max-age=60"}, _OPTIMIZED, 60),
    ],
)
def test_how_long_an_answer_is_kept(status: int, headers: dict[str, object], rules: CacheRules, seconds: float) -> None:
    assert fresh_seconds(status, headers, rules, 10, _NOW) == seconds


def _kept(body: bytes = b"x") -> CachedAnswer:
    return CachedAnswer(status=200, headers={}, body=body, stored=0.0, fresh_until=5.0)


@pytest.mark.parametrize(
    ("paths", "left"),
    [
        (["/a/b.js"], {"/a/c.js", "/A/b.js"}),
        (["a/b.js"], {"/a/c.js", "/A/b.js"}),
        (["/a/*"], {"/A/b.js"}),
        (["/*"], set()),
        (["/a/b.j", "/b"], {"/a/b.js", "/a/c.js", "/A/b.js"}),
        (["/a/b.js?version=1"], {"/a/c.js", "/A/b.js"}),
    ],
)
def test_what_an_invalidation_drops(paths: list[str], left: set[str]) -> None:
    cache = Cache(lambda: 0.0)
    keys = [Key(distribution="E1", path=path) for path in ("/a/b.js", "/a/c.js", "/A/b.js")]
    other = Key(distribution="E2", path="/a/b.js")
    for key in (*keys, other):
        cache.put(key, _kept())

    cache.invalidate("E1", paths)

    assert {key.path for key in keys if cache.get(key)} == left
    assert cache.get(other)


def test_the_least_recently_used_leaves_first() -> None:
    cache = Cache(lambda: 0.0)
    body = bytes(30 * 1024 * 1024)
    keys = [Key(distribution="E1", path=f"/{n}") for n in range(9)]
    for key in keys[:8]:
        cache.put(key, _kept(body))
    cache.get(keys[0])
    cache.put(keys[8], _kept(body))
    assert [cache.get(key) is not None for key in keys] == [True, False, *[True] * 7]
    cache.put(keys[0], _kept(bytes(33 * 1024 * 1024)))
    assert cache.get(keys[0]) is None


def test_fresh_until_the_second_in_which_it_ends() -> None:
    now = [4.9]
    cache = Cache(lambda: now[0])
    key = Key(distribution="E1", path="/")
    cache.put(key, _kept())
    assert cache.is_fresh(_kept())
    now[0] = 5.0
    assert not cache.is_fresh(_kept())
    assert cache.renew(key, _kept(), 3.0).fresh_until == 8.0
