"""The viewer's side: a distribution's loopback address stands for its real one.

A browser requests ``http://127.0.0.1:4567/``; on AWS it would be ``https://d111111abcdef8.cloudfront.net/``. So that
the application sees the same on both, the edge rewrites that address in requests (Host, Origin, Referer), and back in
answers (Location, Access-Control-Allow-Origin, the domain of cookies). Requests count as HTTPS for the same reason.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from embedded_aws.cloudfront import emulator
from embedded_aws.core.http import Headers, header_pairs, headers_by_name

_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_PORT: Final = re.compile(r":\d*\Z", re.ASCII)
# Developer guide, "Request and response behavior for custom origins", HTTP request headers that CloudFront removes.
_REMOVED: Final = frozenset(
    {"connection", "content-length", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
    | {"x-forwarded-proto", "x-real-ip", "x-edge-host"}
)


@dataclass(frozen=True, kw_only=True)
class Address:
    """The address by which a viewer reached a distribution."""

    public: str  # the host that users know on AWS
    written: str  # the host as this viewer wrote it, with its port

    @property
    def is_loopback(self) -> bool:
        """Whether the viewer used the loopback address."""
        return self.written != self.public

    def inwards(self, value: str) -> str:
        """Give an address of this site as it would be on AWS; other addresses unchanged."""
        return _replace_origin(value, f"http://{self.written}", f"https://{self.public}")

    def outwards(self, value: str) -> str:
        """Give an address of the site on AWS as this viewer reaches it; other addresses unchanged."""
        for start in (f"https://{self.public}", f"http://{self.public}"):
            value = _replace_origin(value, start, f"http://{self.written}")
        return _replace_origin(value, f"//{self.public}", f"//{self.written}")


def address_of(host: str, names: tuple[str, ...]) -> Address | None:
    """Give the address that a viewer used, by the distribution's names, the best known first; none for another site."""
    name = _PORT.sub("", host.lower())
    if name in _LOOPBACK or name.endswith(".localhost"):
        return Address(public=names[0], written=host.lower())
    return Address(public=name, written=name) if name in names else None


def incoming(headers: Headers, address: Address) -> emulator.Record:
    """Give a viewer's headers by lower-case name, one value each, as CloudFront takes them."""
    named = headers_by_name(headers)
    fields = {name: value for name, value in named.items() if name not in _REMOVED and not name.startswith("proxy-")}
    fields["host"] = address.public
    if address.is_loopback:
        for name in ("origin", "referer"):
            if name in fields:
                fields[name] = address.inwards(fields[name])
    return fields


def outgoing(headers: emulator.Record, address: Address) -> Headers:
    """Give an answer's headers as the viewer gets them."""
    pairs = header_pairs(headers)
    return tuple(_rewrite_headers(pairs, address)) if address.is_loopback else pairs


def _rewrite_headers(pairs: Iterable[tuple[str, str]], address: Address) -> Iterable[tuple[str, str]]:
    domain = re.compile(rf";\s*domain=\.?{re.escape(address.public)}\s*(?=;|$)", re.IGNORECASE)
    for name, value in pairs:
        if name.lower() in ("location", "access-control-allow-origin"):
            yield name, address.outwards(value)
        else:
            yield name, domain.sub("", value) if name.lower() == "set-cookie" else value


def _replace_origin(value: str, start: str, other: str) -> str:
    rest = value[len(start) :]
    if value.lower().startswith(start) and rest[:1] in ("", "/", "?", "#"):
        return other + rest
    return value
