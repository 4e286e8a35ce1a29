"""Distributions as the edge reads them: parsed once for each version of their configuration."""

from dataclasses import dataclass

from embedded_aws.cloudfront import emulator
from embedded_aws.core.context import ServerContext

_ERROR_SECONDS = 10  # Developer guide, "Control how long CloudFront caches errors"
_DAY, _YEAR = 86_400, 31_536_000


@dataclass(frozen=True, kw_only=True)
class CacheRules:
    """How long a behaviour's answers are cached, in seconds, and which encodings the cache distinguishes."""

    minimum: int = 0
    default: int = _DAY
    maximum: int = _YEAR
    gzip: bool = False
    brotli: bool = False


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What happens to requests for some paths."""

    record: emulator.Record  # as the emulator reads it
    compress: bool  # whether CloudFront compresses answers
    rules: CacheRules  # of its cache

    @property
    def allowed_methods(self) -> tuple[str, ...]:
        """Methods that are answered; GET and HEAD by default."""
        return tuple(self.record.get("allowed_methods") or ("GET", "HEAD"))


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """One distribution."""

    record: emulator.Record  # as the emulator keeps it
    configuration: emulator.Record  # as GetDistributionConfig returns it
    parsed: emulator.Record  # origins and behaviours as the emulator reads them

    @property
    def id(self) -> str:
        """Its id."""
        return str(self.record["Id"])

    @property
    def enabled(self) -> bool:
        """Whether it answers."""
        return bool(self.configuration.get("Enabled", True))

    @property
    def domain_names(self) -> tuple[str, ...]:
        """Its domain names; the first is the one that users know."""
        aliases = (self.configuration.get("Aliases") or {}).get("Items") or []
        return (*(alias.lower() for alias in aliases), self.record["DomainName"].lower())

    def behaviour(self, path: str) -> Behaviour:
        """Give the behaviour for a path; its policies may have changed since the distribution did."""
        record = emulator.match_behaviour(self.parsed, path)
        others = (self.configuration.get("CacheBehaviors") or {}).get("Items") or []
        default = self.configuration["DefaultCacheBehavior"]
        configured = next((item for item in others if item["PathPattern"] == record["path_pattern"]), default)
        compress = bool(configured.get("Compress", False))
        return Behaviour(record=record, compress=compress, rules=_rules(record, configured))

    def origins(self, behaviour: Behaviour) -> tuple[emulator.Record, ...]:
        """Give the origin of a behaviour, or the two of its origin group in order, as far as they exist."""
        wanted = behaviour.record["target_origin_id"]
        group = self._group(wanted)
        members = [item["OriginId"] for item in group["Members"]["Items"]] if group else [wanted]
        known: dict[str, emulator.Record] = self.parsed["origins"]
        return tuple(known[member] for member in members if member in known)

    def fails_over(self, behaviour: Behaviour, status: int) -> bool:
        """Say whether the first origin's status makes its group fail over."""
        group = self._group(behaviour.record["target_origin_id"])
        return bool(group) and status in group["FailoverCriteria"]["StatusCodes"]["Items"]

    def _group(self, name: str) -> emulator.Record:
        groups: list[emulator.Record] = (self.configuration.get("OriginGroups") or {}).get("Items") or []
        return next((group for group in groups if group["Id"] == name), {})

    def error_seconds(self, status: int) -> int:
        """How long an origin's error is cached, in seconds."""
        for item in (self.configuration.get("CustomErrorResponses") or {}).get("Items") or []:
            if item["ErrorCode"] == status and "ErrorCachingMinTTL" in item:
                return int(item["ErrorCachingMinTTL"])
        return _ERROR_SECONDS


class Catalogue:
    """Finds distributions and reads each version of their configuration once."""

    def __init__(self, context: ServerContext) -> None:
        self._scope = context.scope
        self._read: dict[str, tuple[str, Distribution]] = {}

    def ids(self) -> list[str]:
        """List the ids of all distributions."""
        with self._scope():
            return list(emulator.distributions)

    def get(self, distribution_id: str) -> Distribution | None:
        """Give a distribution as it is now; none if it was deleted."""
        with self._scope():
            record = emulator.distributions.get(distribution_id)
            if record is None:
                self._read.pop(distribution_id, None)
                return None
            cached = self._read.get(distribution_id)
            if cached is None or cached[0] != record["ETag"]:
                parsed = Distribution(
                    record=record,
                    configuration=emulator.configuration(distribution_id),
                    parsed=emulator.routing(record),
                )
                cached = self._read[distribution_id] = (record["ETag"], parsed)
            return cached[1]


def _rules(record: emulator.Record, configured: emulator.Record) -> CacheRules:
    policy = emulator.cache_policy(record["cache_policy_id"]) if record.get("cache_policy_id") else None
    if policy is None:  # legacy settings of the behaviour itself, which have gzip only
        return CacheRules(
            minimum=int(configured.get("MinTTL", 0)),
            default=int(configured.get("DefaultTTL", _DAY)),
            maximum=int(configured.get("MaxTTL", _YEAR)),
            gzip=bool(configured.get("Compress")),
        )
    parameters = policy.get("Parameters") or {}
    return CacheRules(
        minimum=int(policy.get("MinTTL", 0)),
        default=int(policy.get("DefaultTTL", _DAY)),
        maximum=int(policy.get("MaxTTL", _YEAR)),
        gzip=bool(parameters.get("EnableAcceptEncodingGzip")),
        brotli=bool(parameters.get("EnableAcceptEncodingBrotli")),
    )
