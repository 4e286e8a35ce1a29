"""The section `edge` of a configuration file: CloudFront, the domain and what pages may load."""

import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Final, Literal

from pydantic import Field, StringConstraints

from installation.permissions.statements import HostedZone
from installation.settings.section import CertificateArn, Section

# Source of what follows: W3C, "Content Security Policy Level 3".
# What a page of an application needs: its own origin, styles that components write inline, images as data.
DEFAULT_SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "default-src": ("'self'",),
    "img-src": ("'self'", "data:"),
    "style-src": ("'self'", "'unsafe-inline'"),
    "object-src": ("'none'",),
    "base-uri": ("'self'",),
    "form-action": ("'self'",),
    "frame-ancestors": ("'none'",),
}
_FETCHING: Final = frozenset(
    {
        *("child-src", "connect-src", "default-src", "font-src", "frame-src", "img-src", "manifest-src", "media-src"),
        *("object-src", "script-src", "script-src-attr", "script-src-elem", "style-src", "style-src-attr"),
        *("style-src-elem", "worker-src"),
    }
)
_DIRECTIVES: Final = _FETCHING | {"base-uri", "form-action", "frame-ancestors"}
_NONE: Final = "'none'"
_KEYWORD: Final = re.compile(
    r"none|report-sample|self|strict-dynamic|unsafe-eval|unsafe-hashes|unsafe-inline|wasm-unsafe-eval"
)
_QUOTED: Final = re.compile(rf"'({_KEYWORD.pattern}|sha(256|384|512)-[A-Za-z0-9+/_-]+={{0,2}})'")
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*:")
# A path is ASCII, as in an address, and without ; , and ', which end something.
_HOST: Final = re.compile(
    r"((https?|wss?)://)?(\*|(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*)(:([0-9]+|\*))?(/[!-&(-+\--:<-~]*)?"
)
# What CloudFront takes as a path pattern (API reference, CacheBehavior, PathPattern).
PathPattern = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9_.*$/~\"'@:+&?-]*$", max_length=255)]
# ACM API reference, RequestCertificate, DomainName: it is the common name of RFC 5280.
_LONGEST_CERTIFIED_NAME: Final = 64
# CloudFront developer guide, "Quotas", on response headers policies and, for `api_paths`, on distributions.
_LONGEST_POLICY: Final = 1_783


def check_directive(name: str, sources: tuple[str, ...]) -> None:
    """Hold one directive of the settings to what browsers understand.

    Raises:
        ValueError: the directive is unknown, or a source is none; browsers would ignore it without a word.
    """
    if name not in _DIRECTIVES:
        raise ValueError(f"{name} is no directive that this policy has: {', '.join(sorted(_DIRECTIVES))}")
    if not sources:
        raise ValueError(f"{name}: name at least one source, such as https://tiles.example.com")
    for source in sources:
        bare = source.removeprefix("-")
        if _KEYWORD.fullmatch(bare):
            raise ValueError(f"{name}: {bare} is written with its quotes: \"'{bare}'\"")
        if not any(kind.fullmatch(bare) for kind in (_QUOTED, _SCHEME, _HOST)):
            raise ValueError(f"{name}: {source!r} is no source, such as https://*.example.com, data: or \"'self'\"")
        if source.startswith("-") and bare not in DEFAULT_SOURCES.get(name, ()):
            raise ValueError(f"{name}: {bare} is not among the defaults, so it cannot be taken out")
    if _NONE in sources and len(sources) > 1:
        raise ValueError(f"{name}: {_NONE} stands alone")


def policy_text(added: Mapping[str, tuple[str, ...]]) -> str:
    """Write the policy as the header has it.

    Args:
        added: sources by directive, besides the default ones; ``'none'`` stands in place of them, and one behind a
            minus takes a default one out. A directive that the default policy lacks begins with what ``default-src``
            allows, because naming it ends that.
    """
    directives = {name: _join_sources(name, added) for name in (*DEFAULT_SOURCES, *added)}
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def _join_sources(name: str, added: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    sources = added.get(name, ())
    if sources == (_NONE,):
        return sources
    inherited = DEFAULT_SOURCES.get(name)
    if inherited is None:
        inherited = _join_sources("default-src", added) if name in _FETCHING else ()
    gone = {source[1:] for source in sources if source.startswith("-")} | ({_NONE} if sources else set())
    more = tuple(source for source in sources if not source.startswith("-"))
    found = tuple(dict.fromkeys([*(source for source in inherited if source not in gone), *more]))
    return found or (_NONE,)


class EdgeSettings(Section):
    """CloudFront in front of frontend and API."""

    domain: str | None = Field(
        default=None,
        max_length=253,
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+([a-z]{2,63}|xn--[a-z0-9-]{0,58}[a-z0-9])$",
    )
    """Own domain; browsers then use HTTPS only for it, and for each name below it, for a year. None: the address that
    CloudFront gives, another one each month."""
    certificate_arn: CertificateArn | None = None
    """ACM certificate of us-east-1. `hannibal start` refuses one that is not issued, or does not cover the domain."""
    hosted_zone_id: str | None = Field(default=None, pattern=r"^Z[A-Z0-9]{5,31}$")
    """Public hosted zone of this account that gets the domain's records. With it the origin has a name in the zone,
    EdgeStack outlives the month, and the way to the load balancer is encrypted (decision record 46). None: the records
    are created by hand where the zone is, and EdgeStack exists for one month."""
    origin_header_version: int = Field(default=1, ge=1)
    """With hosted_zone_id: a new number creates a new secret header; change it while the month is stopped."""
    price_class: Literal["100", "200", "all"] = "200"
    """Edge locations that serve; 200 is the cheapest that includes Tokyo."""
    api_paths: tuple[PathPattern, ...] = Field(default=("/graphql", "/api/*"), min_length=1, max_length=75)
    """Paths that go to the load balancer, uncached."""
    content_security_policy: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """What the pages may load besides their own origin, by directive, such as `img-src: [https://tiles.example.com]`;
    `-'unsafe-inline'` removes a default source."""
    immutable_paths: tuple[PathPattern, ...] = ()
    """Files that browsers keep for a year, besides those with a hash in their name: their names must change with their
    content."""
    mutable_paths: tuple[PathPattern, ...] = ()
    """Files whose names look as if they had a hash, but have none."""

    def _check_domain(self) -> Iterator[str]:
        if (self.domain is None) != (self.certificate_arn is None):
            yield "domain and certificate_arn: give both or neither"
        if self.certificate_arn and not self.certificate_arn.startswith("arn:aws:acm:us-east-1:"):
            yield "certificate_arn: CloudFront accepts certificates of us-east-1 only"
        if self.hosted_zone_id and not self.domain:
            yield "hosted_zone_id: needs domain, which the records are for"
        if self.origin_name and len(self.origin_name) > _LONGEST_CERTIFIED_NAME:
            yield (
                f"domain: {self.domain} is too long, because ACM certifies {self.origin_name} for the origin, and a "
                f"certificate's first name has at most {_LONGEST_CERTIFIED_NAME} characters"
            )
        for directive, sources in self.content_security_policy.items():
            try:
                check_directive(directive, sources)
            except ValueError as error:
                yield f"content_security_policy: {error}"
        if len(self.policy_text) > _LONGEST_POLICY:
            yield (
                f"content_security_policy: the header has {len(self.policy_text)} characters, and CloudFront takes "
                f"{_LONGEST_POLICY}"
            )

    @property
    def hosted_zone(self) -> HostedZone | None:
        """The zone with the names that are the installation's; None where the records are made by hand."""
        if self.hosted_zone_id is None or self.domain is None:
            return None
        names = (self.domain, f"origin.{self.domain}")
        return HostedZone(id=self.hosted_zone_id, names=names, certified=names[1])

    @property
    def origin_name(self) -> str | None:
        """The load balancer's name in the zone; None without a zone."""
        return self.hosted_zone.certified if self.hosted_zone else None

    @property
    def policy_text(self) -> str:
        """The content security policy as the header has it."""
        return policy_text(self.content_security_policy)
