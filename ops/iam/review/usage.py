"""Converts rows of the query to a role's usage: error classes, permissions, coverage."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cached_property
from typing import NamedTuple

from ops.iam.review import events, resources
from ops.iam.review.condition_keys import RecordedValues
from ops.iam.review.events import CheckedPermissions
from ops.iam.review.query import Window, parse_parameters
from ops.iam.review.resources import Request, Spellings

# Records before version 1.02 have no type (CloudTrail user guide, "CloudTrail record contents").
_API_CALLS = ("AwsApiCall", None)
_KMS = "kms.amazonaws.com"
NO_ACTION = "no such action in the catalogue"
_ACTION = re.compile(r"[a-z0-9-]+:\w+", re.ASCII)
_DENIED = ("AccessDenied*", "Client.UnauthorizedOperation", "AuthorizationError*")  # the last is SNS's
# Throttling errors of services (each service's API reference, "Common errors"). Some throttle before they check
# permissions and some after, so these prove nothing.
_THROTTLED = ("*Throttl*", "*RequestLimitExceeded", "TooManyRequests*", "SlowDown", "*RateExceeded*")
# Errors of services about the caller's credentials, before permissions are checked (their API references, "Common
# errors").
_NOT_SIGNED_IN = (
    "*ExpiredToken*", "RequestExpired*", "*InvalidClientTokenId*", "UnrecognizedClient*", "*SignatureDoesNotMatch*",
    "InvalidSignature*", "IncompleteSignature*", "MissingAuthenticationToken*", "InvalidAccessKeyId",
    "RequestTimeTooSkewed", "Client.AuthFailure", "AuthFailure", "Client.RequestExpired",
)  # fmt: skip


class Outcome(StrEnum):
    """What an event's error shows about permissions."""

    # No error, or an error after the check: the resource does not exist, or the request is not valid.
    AUTHORIZED = "authorized"
    DENIED = "denied"
    THROTTLED = "throttled"
    NOT_SIGNED_IN = "not signed in"  # the session had expired, or the signature was wrong: no permission was checked


_BY_ERROR = {Outcome.DENIED: _DENIED, Outcome.THROTTLED: _THROTTLED, Outcome.NOT_SIGNED_IN: _NOT_SIGNED_IN}


class Row(NamedTuple):
    """A row of the query's answer, with its columns in order; the same for DuckDB and Athena."""

    issuer: str | None
    of_role: bool
    event_day: str
    aws_region: str | None
    management_event: bool | None
    read_only: bool | None
    event_type: str | None
    event_source: str | None
    event_name: str | None
    error_code: str | None
    parameters: str | None
    arns: str | None
    named: str | None
    said: str | None
    calls: int
    first_call: str
    last_call: str


@dataclass(frozen=True, kw_only=True)
class Call:
    """Equal calls of a role."""

    day: date  # the day of the calls
    source: str  # event source, such as ``ec2.amazonaws.com``
    name: str  # event name
    outcome: Outcome  # whether they were authorized
    parameters: frozenset[str]  # relevant parameters in the requests
    request: Request  # the recorded resources
    count: int  # number of events
    # Recorded fields that the policies' conditions need; None where they were left out.
    said: str | None = None

    @cached_property
    def checked(self) -> CheckedPermissions:
        """The permissions that they have checked."""
        return events.checked_permissions(self.source, self.name, self.parameters) or CheckedPermissions(
            direct=frozenset()
        )

    def recorded(self, permission: str) -> RecordedValues:
        """One of the calls with a permission, for the evaluation of conditions."""
        return RecordedValues(permission=permission, request=self.request, text=self.said)


@dataclass(frozen=True, kw_only=True)
class Unmapped:
    """Events of a role without a known permission."""

    source: str  # their source
    name: str  # their name
    reason: str  # why the permission is not known
    count: int  # number of events


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """What the records cover."""

    first: date | None  # day of the first event of any caller in the window; None without events
    last: date | None  # day of the last one
    days_with_events: int  # number of days with events
    events: int  # events of all callers in the window
    role_events: int  # events of the role
    regions: tuple[str, ...]  # regions that have events
    selectors: tuple[str, ...]  # kinds of events: management and data, read and write
    kms: bool = True  # whether there is any event of KMS
    outside: int = 0  # events of the role before or after the window, which do not count

    @property
    def management(self) -> set[str]:
        """The kinds of management events."""
        return {selector for selector in self.selectors if selector.startswith("management")}


@dataclass(frozen=True, kw_only=True)
class Use:
    """The resources on which a permission was used."""

    calls: Mapping[Spellings, int]  # number of calls by resource
    unknown: int  # calls whose resources are not all known


@dataclass(frozen=True, kw_only=True)
class Usage:
    """A role's usage in a window."""

    issuers: tuple[str, ...]  # ARNs of roles with this name; several if paths or accounts differ
    others: tuple[str, ...]  # ARNs of other roles with events, to suggest in place of a misspelled name
    calls: tuple[Call, ...]  # its calls with known permissions
    unmapped: tuple[Unmapped, ...]  # its other events
    errors: dict[str, int]  # its events by error class
    coverage: Coverage  # how far the records reach

    @property
    def presumed(self) -> frozenset[str]:
        """Permissions that are presumed to have the name of their calls, because the catalogue has none."""
        names = (events.event_of(one.source, one.name) for one in self.unmapped if one.reason == NO_ACTION)
        return frozenset(name for name in names if _ACTION.fullmatch(name))

    @property
    def authorized(self) -> tuple[Call, ...]:
        """Its authorized calls."""
        return tuple(call for call in self.calls if call.outcome is Outcome.AUTHORIZED)

    def permissions(self, outcome: Outcome) -> Counter[str]:
        """The number of calls with an outcome that have certainly checked each permission."""
        found: Counter[str] = Counter()
        for call in self.calls:
            if call.outcome is outcome:
                found.update(dict.fromkeys(call.checked.certain, call.count))
        return found

    def implicit(self) -> dict[str, frozenset[str]]:
        """Permissions that authorized calls may have checked too, with the calls' own permissions."""
        found: dict[str, set[str]] = defaultdict(set)
        for call in self.authorized:
            for permission in call.checked.implicit:
                found[permission] |= call.checked.direct
        return {permission: frozenset(callers) for permission, callers in found.items()}

    def uses(self, selects: Callable[[str, Call], bool] = lambda *_: True) -> dict[str, Use]:
        """The resources on which each permission was used that can be limited to resources, by selected calls."""
        calls: dict[str, Counter[Spellings]] = defaultdict(Counter)
        undecided: Counter[str] = Counter()
        for call in self.authorized:
            for permission in filter(resources.can_be_limited, call.checked.certain):
                if not selects(permission, call):
                    continue
                found = resources.about(permission, call.request)
                if found is None:
                    undecided[permission] += call.count
                calls[permission].update(dict.fromkeys(found or (), call.count))
        by_name = sorted(calls.items())
        return {name: Use(calls=dict(sorted(it.items())), unknown=undecided[name]) for name, it in by_name}


def outcome_of(error_code: str | None) -> Outcome:
    """The class of an error code."""
    for outcome, patterns in _BY_ERROR.items():
        if error_code is not None and any(fnmatchcase(error_code, pattern) for pattern in patterns):
            return outcome
    return Outcome.AUTHORIZED


def newest_day(rows: Iterable[Row]) -> date | None:
    """The day of the newest event of any caller."""
    return max((date.fromisoformat(row.event_day) for row in rows), default=None)


def summarize(rows: Iterable[Row], window: Window) -> Usage:
    """The usage in a window, by the rows."""
    rows = list(rows)
    rows_of_role = [row for row in rows if row.of_role]
    inside = [row for row in rows if window.first <= date.fromisoformat(row.event_day) <= window.last]
    rows_by_role = [row for row in inside if row.of_role]
    calls: list[Call] = []
    unmapped: Counter[tuple[str, str, str]] = Counter()
    errors: Counter[str] = Counter()
    for row in rows_by_role:
        source, name, parameters = row.event_source or "", row.event_name or "", parse_parameters(row.parameters)
        outcome, free = outcome_of(row.error_code), events.needs_no_permission(source, name)
        errors["without an error" if row.error_code is None else _ERRORS[outcome]] += row.calls
        if row.event_type not in _API_CALLS:
            unmapped[source, name, f"no call: {row.event_type}"] += row.calls
        elif free or events.checked_permissions(source, name, parameters) is None:
            reason = "checks no permission: a token or AWS itself allows it" if free else NO_ACTION
            unmapped[source, name, reason] += row.calls
        else:
            call = Call(
                day=date.fromisoformat(row.event_day),
                source=source,
                name=name,
                outcome=outcome,
                parameters=parameters,
                request=request_of(row),
                count=row.calls,
                said=row.said,
            )
            calls.append(call)
    return Usage(
        issuers=_issuers(rows_by_role),
        others=_issuers(row for row in inside if not row.of_role),
        calls=tuple(calls),
        unmapped=tuple(
            Unmapped(source=source, name=name, reason=reason, count=count)
            for (source, name, reason), count in sorted(unmapped.items())
        ),
        errors=dict(sorted(errors.items())),
        coverage=_coverage(inside, rows_by_role, _calls(rows_of_role) - _calls(rows_by_role)),
    )


def request_of(row: Row) -> Request:
    """The recorded resources of a row."""
    return Request(
        event=events.event_of(row.event_source or "", row.event_name or ""),
        arns=tuple((row.arns or "").split()),
        named=resources.named_parameters(row.named),
        region=row.aws_region or "*",
        role=row.issuer or "",
    )


_ERRORS = {
    Outcome.AUTHORIZED: "another error, authorized all the same",
    Outcome.DENIED: "denied",
    Outcome.THROTTLED: "throttled, which says nothing",
    Outcome.NOT_SIGNED_IN: "refused before permissions are looked at (session ended, signature wrong)",
}


def _issuers(rows: Iterable[Row]) -> tuple[str, ...]:
    return tuple(sorted({row.issuer for row in rows if row.issuer}))


def _calls(rows: Iterable[Row]) -> int:
    return sum(row.calls for row in rows)


def _coverage(rows: list[Row], rows_by_role: list[Row], outside: int) -> Coverage:
    days = {date.fromisoformat(row.event_day) for row in rows}
    return Coverage(
        first=min(days, default=None),
        last=max(days, default=None),
        days_with_events=len(days),
        events=_calls(rows),
        role_events=_calls(rows_by_role),
        regions=tuple(sorted({row.aws_region for row in rows if row.aws_region})),
        selectors=tuple(sorted({_selector(row) for row in rows})),
        kms=any(row.event_source == _KMS for row in rows),
        outside=outside,
    )


def _selector(row: Row) -> str:
    kind = "data" if row.management_event is False else "management"
    if row.read_only is None:
        return f"{kind} (read or write not said)"
    return f"{kind} {'read' if row.read_only else 'write'}"
