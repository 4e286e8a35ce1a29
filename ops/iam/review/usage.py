"""From the rows of the query to what a role used: error classes, mapping, coverage."""

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
from ops.iam.review.condition_keys import Recorded
from ops.iam.review.events import Checked
from ops.iam.review.query import Window, shown
from ops.iam.review.resources import Request, Spellings

_API_CALL = "AwsApiCall"
_KMS = "kms.amazonaws.com"
NO_ACTION = "no such action in the catalogue"
_ACTION = re.compile(r"[a-z0-9-]+:\w+", re.ASCII)
_DENIED = ("AccessDenied*", "Client.UnauthorizedOperation", "AuthorizationError*")  # the last is SNS's
# Names by which services limit calls (each service's API reference, "Common errors"). Some limit before they look at
# permissions and some after, so these say nothing.
_THROTTLED = ("*Throttl*", "*RequestLimitExceeded", "TooManyRequests*", "SlowDown", "*RateExceeded*")
# Names by which services refuse who asks before they look at permissions (their API references, "Common errors").
_NOT_SIGNED_IN = (
    "*ExpiredToken*", "RequestExpired*", "*InvalidClientTokenId*", "UnrecognizedClient*", "*SignatureDoesNotMatch*",
    "InvalidSignature*", "IncompleteSignature*", "MissingAuthenticationToken*", "InvalidAccessKeyId",
    "RequestTimeTooSkewed", "Client.AuthFailure", "AuthFailure", "Client.RequestExpired",
)  # fmt: skip


class Outcome(StrEnum):
    """What an event's error says about permission."""

    AUTHORIZED = "authorized"
    """No error, or one that came after the check: what was wanted does not exist, or is not valid."""
    DENIED = "denied"
    THROTTLED = "throttled"
    NOT_SIGNED_IN = "not signed in"
    """The session had ended, or its signature was wrong: no permission was looked at."""


_BY_ERROR = {Outcome.DENIED: _DENIED, Outcome.THROTTLED: _THROTTLED, Outcome.NOT_SIGNED_IN: _NOT_SIGNED_IN}


class Row(NamedTuple):
    """A row of the query's answer, in its order: DuckDB and Athena give the same."""

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
    """Calls of a role that are alike."""

    day: date  # when
    source: str  # where, such as ``ec2.amazonaws.com``
    name: str  # event name
    outcome: Outcome  # whether they were authorized
    parameters: frozenset[str]  # of those that decide something, the ones that the requests had
    request: Request  # what the records say about the resources
    count: int  # how many
    # What the records say of what the conditions of the policies ask for; None where that was left out.
    said: str | None = None

    @cached_property
    def checked(self) -> Checked:
        """The permissions that they have checked."""
        return events.checked(self.source, self.name, self.parameters) or Checked(direct=frozenset())

    def recorded(self, permission: str) -> Recorded:
        """One of them, as far as conditions on a permission are about it."""
        return Recorded(permission=permission, request=self.request, text=self.said)


@dataclass(frozen=True, kw_only=True)
class Unmapped:
    """Events of a role that stand for no known permission."""

    source: str  # their source
    name: str  # their name
    reason: str  # why
    count: int  # how many


@dataclass(frozen=True, kw_only=True)
class Coverage:
    """How far the records reach."""

    first: date | None  # day of the first event of anybody in the window; None without any
    last: date | None  # day of the last one
    days_with_events: int  # on how many days there was any
    events: int  # events of everybody in the window
    role_events: int  # those of the role
    regions: tuple[str, ...]  # regions that have events
    selectors: tuple[str, ...]  # what kinds of events there are: management and data, read and write
    kms: bool = True  # whether there is any event of KMS
    outside: int = 0  # events of the role before or after the window, which count for nothing


@dataclass(frozen=True, kw_only=True)
class Use:
    """On what a permission was used."""

    calls: Mapping[Spellings, int]  # how many calls by resource
    unknown: int  # how many calls whose resources are not all known


@dataclass(frozen=True, kw_only=True)
class Usage:
    """What a role did in a window."""

    issuers: tuple[str, ...]  # ARNs of the roles that the name fits; more than one if paths or accounts differ
    others: tuple[str, ...]  # ARNs of other roles with events, for a name that was misspelled
    calls: tuple[Call, ...]  # its calls that stand for permissions
    unmapped: tuple[Unmapped, ...]  # its other events
    errors: dict[str, int]  # its events by error class
    coverage: Coverage  # how far the records reach

    @property
    def presumed(self) -> frozenset[str]:
        """Permissions that its calls stand for if they are named like them: the catalogue knows none."""
        names = (events.event_of(one.source, one.name) for one in self.unmapped if one.reason == NO_ACTION)
        return frozenset(name for name in names if _ACTION.fullmatch(name))

    @property
    def authorized(self) -> tuple[Call, ...]:
        """Those of its calls that were authorized."""
        return tuple(call for call in self.calls if call.outcome is Outcome.AUTHORIZED)

    def permissions(self, outcome: Outcome) -> Counter[str]:
        """How many calls have checked each permission for certain, and ended so."""
        found: Counter[str] = Counter()
        for call in self.calls:
            if call.outcome is outcome:
                found.update(dict.fromkeys(call.checked.certain, call.count))
        return found

    def implicit(self) -> dict[str, frozenset[str]]:
        """What authorized calls may have checked besides, with the permissions of those calls."""
        found: dict[str, set[str]] = defaultdict(set)
        for call in self.authorized:
            for permission in call.checked.implicit:
                found[permission] |= call.checked.direct
        return {permission: frozenset(callers) for permission, callers in found.items()}

    def uses(self, where: Callable[[str, Call], bool] = lambda *_: True) -> dict[str, Use]:
        """On what each permission was used that can be limited to resources, by those calls that count."""
        calls: dict[str, Counter[Spellings]] = defaultdict(Counter)
        unknown: Counter[str] = Counter()
        for call in self.authorized:
            for permission in filter(resources.can_be_limited, call.checked.certain):
                if not where(permission, call):
                    continue
                found = resources.about(permission, call.request)
                if found is None:
                    unknown[permission] += call.count
                calls[permission].update(dict.fromkeys(found or (), call.count))
        return {
            permission: Use(calls=dict(sorted(found.items())), unknown=unknown[permission])
            for permission, found in sorted(calls.items())
        }


def outcome_of(error_code: str | None) -> Outcome:
    """Which class an error is of."""
    for outcome, patterns in _BY_ERROR.items():
        if error_code is not None and any(fnmatchcase(error_code, pattern) for pattern in patterns):
            return outcome
    return Outcome.AUTHORIZED


def newest_day(rows: Iterable[Row]) -> date | None:
    """The day of the newest event of anybody."""
    return max((date.fromisoformat(row.event_day) for row in rows), default=None)


def summarize(rows: Iterable[Row], window: Window) -> Usage:
    """What the rows of a window say."""
    rows = list(rows)
    rows_of_role = [row for row in rows if row.of_role]
    inside = [row for row in rows if window.first <= date.fromisoformat(row.event_day) <= window.last]
    mine = [row for row in inside if row.of_role]
    calls: list[Call] = []
    unmapped: Counter[tuple[str, str, str]] = Counter()
    errors: Counter[str] = Counter()
    for row in mine:
        source, name, parameters = row.event_source or "", row.event_name or "", shown(row.parameters)
        outcome = outcome_of(row.error_code)
        errors["without an error" if row.error_code is None else _ERRORS[outcome]] += row.calls
        if row.event_type != _API_CALL:
            unmapped[source, name, f"no call: {row.event_type}"] += row.calls
        elif events.checked(source, name, parameters) is None:
            free = events.needs_no_permission(source, name)
            reason = "checks no permission: a token allows it" if free else NO_ACTION
            unmapped[source, name, reason] += row.calls
        else:
            calls.append(_call(row, outcome))
    return Usage(
        issuers=_issuers(mine),
        others=_issuers(row for row in inside if not row.of_role),
        calls=tuple(calls),
        unmapped=tuple(
            Unmapped(source=source, name=name, reason=reason, count=count)
            for (source, name, reason), count in sorted(unmapped.items())
        ),
        errors=dict(sorted(errors.items())),
        coverage=_coverage(inside, mine, _calls(rows_of_role) - _calls(mine)),
    )


def _call(row: Row, outcome: Outcome) -> Call:
    return Call(
        day=date.fromisoformat(row.event_day),
        source=row.event_source or "",
        name=row.event_name or "",
        outcome=outcome,
        parameters=shown(row.parameters),
        request=request_of(row),
        count=row.calls,
        said=row.said,
    )


def request_of(row: Row) -> Request:
    """What a row says of its requests."""
    return Request(
        event=events.event_of(row.event_source or "", row.event_name or ""),
        arns=tuple((row.arns or "").split()),
        named=resources.named(row.named),
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


def _coverage(rows: list[Row], mine: list[Row], outside: int) -> Coverage:
    days = {date.fromisoformat(row.event_day) for row in rows}
    return Coverage(
        first=min(days, default=None),
        last=max(days, default=None),
        days_with_events=len(days),
        events=_calls(rows),
        role_events=_calls(mine),
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
