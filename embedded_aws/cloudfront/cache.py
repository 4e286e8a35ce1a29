"""The edge's cache: answers by key, as long as policy and headers allow, until an invalidation."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Final

from embedded_aws.cloudfront import emulator
from embedded_aws.cloudfront.distribution import CacheRules

_MOST_BYTES: Final = 256 * 1024 * 1024
_LARGEST_BODY: Final = 32 * 1024 * 1024

# Developer guide, "HTTP 4xx and 5xx status codes that CloudFront caches".
ERRORS_ALWAYS_CACHED: Final = frozenset({404, 405, 414, 500, 501, 502, 503, 504})
ERRORS_CACHED_BY_HEADER: Final = frozenset({400, 403, 412, 415})
_SUCCESSES_CACHED: Final = frozenset({200, 203, 204, 300, 301, 302, 307, 308, 410})


@dataclass(frozen=True, kw_only=True)
class Key:
    """The cache key: the distribution, the path as the origin gets it, and headers, cookies and query."""

    distribution: str
    path: str
    rest: tuple[tuple[str, str], ...] = ()
    encodings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class CachedAnswer:
    """A cached answer."""

    status: int  # of the answer
    headers: emulator.Record  # as the origin sent them, by lower-case name
    body: bytes  # compressed if the key has an encoding and CloudFront compresses
    stored: float  # when the origin sent it, in seconds of the clock
    fresh_until: float  # until when it is served without a request to the origin
    origin_tag: str | None = None  # the entity tag for a conditional request to the origin


class Cache:
    """Caches answers; the least recently used one is dropped first."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self._kept: OrderedDict[Key, CachedAnswer] = OrderedDict()
        self._lock = threading.RLock()  # Invalidations run in the thread of API calls
        self._bytes = 0

    def get(self, key: Key) -> CachedAnswer | None:
        """Give a cached answer, also one that is no longer fresh."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: Key, answer: CachedAnswer) -> None:
        """Keep an answer."""
        with self._lock:
            self.forget(key)
            if len(answer.body) > _LARGEST_BODY:
                return
            self._kept[key] = answer
            self._bytes += len(answer.body)
            while self._bytes > _MOST_BYTES:
                _, oldest = self._kept.popitem(last=False)
                self._bytes -= len(oldest.body)

    def forget(self, key: Key) -> None:
        """Drop an answer, if it is cached."""
        with self._lock:
            found = self._kept.pop(key, None)
            if found is not None:
                self._bytes -= len(found.body)

    def renew(self, key: Key, kept: CachedAnswer, seconds: float) -> CachedAnswer:
        """Make an answer fresh again: the origin answered 304, or it fails and the old answer is served."""
        now = self.clock()
        renewed = replace(kept, stored=now, fresh_until=now + seconds)
        self.put(key, renewed)
        return renewed

    def is_fresh(self, kept: CachedAnswer) -> bool:
        """Say whether an answer may be served without a request to the origin."""
        return self.clock() < kept.fresh_until

    def invalidate(self, distribution: str, paths: list[str]) -> None:
        """Drop the answers that an invalidation names."""
        with self._lock:
            for key in list(self._kept):
                if key.distribution == distribution and _matches_paths(key.path, paths):
                    self.forget(key)


def _matches_paths(path: str, paths: list[str]) -> bool:
    wanted = [f"/{named.removeprefix('/')}".partition("?")[0] for named in paths]
    return any(path.startswith(it[:-1]) if it.endswith("*") else path == it for it in wanted)


def fresh_seconds(status: int, headers: emulator.Record, rules: CacheRules, error_seconds: int, now: float) -> float:
    """The seconds for which an answer to GET is cached; 0 for not at all.

    Source: developer guide, "Manage how long content stays in the cache", the table of minimum TTL and headers.
    """
    from_headers = _header_seconds(headers, now)
    if status in ERRORS_ALWAYS_CACHED or (status in ERRORS_CACHED_BY_HEADER and from_headers is not None):
        return max(error_seconds, from_headers or 0)
    if status not in _SUCCESSES_CACHED:
        return 0
    directives = _directives(headers)
    if not directives.keys().isdisjoint({"no-cache", "no-store", "private"}):
        return rules.minimum
    seconds = rules.default if from_headers is None else from_headers
    return min(max(rules.minimum, seconds), max(rules.minimum, rules.maximum))


def _directives(headers: emulator.Record) -> dict[str, str]:
    text = headers.get("cache-control", "")
    joined = ",".join(text) if isinstance(text, list) else str(text)
    parts = (part.strip().partition("=") for part in joined.lower().split(","))
    return {name: value.strip('" ') for name, _, value in parts}


def _header_seconds(headers: emulator.Record, now: float) -> float | None:
    directives = _directives(headers)
    for name in ("s-maxage", "max-age"):
        if directives.get(name, "").isdigit():
            return float(directives[name])
    if "expires" in headers:
        try:
            return max(0.0, parsedate_to_datetime(str(headers["expires"])).timestamp() - now)
        except (TypeError, ValueError):
            return 0.0  # an invalid date counts as past (RFC 9111, 5.3)
    return None
