"""The fields of a record that the query returns besides name and resources: those that conditions of the policies need.

For policies without conditions there are none.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from ops.templates.values import at

_LINE: Final = "\n"
EVENT_TIME: Final = "eventTime"
ACCOUNTS: Final = "resourceAccounts"
_CLAIM: Final = "claim:"
_PARAMETER: Final = "requestParameters:"
_SESSION: Final = "userIdentity.sessionContext"
# Fields by their names here, each as the column, or a part of one, of the audit database's view.
TEXTS: Final[Mapping[str, str]] = {
    "sourceIPAddress": "sourceIPAddress",
    "userAgent": "userAgent",
    "vpcEndpointId": "vpcEndpointId",
    "tlsVersion": "tlsDetails.tlsVersion",
    "principalId": "userIdentity.principalId",
    "invokedBy": "userIdentity.invokedBy",
    "mfaAuthenticated": f"{_SESSION}.attributes.mfaAuthenticated",
    "creationDate": f"{_SESSION}.attributes.creationDate",
    "federatedProvider": f"{_SESSION}.webIdFederationData.federatedProvider",
}
_PATHS: Final = {name: tuple(path.split(".")) for name, path in TEXTS.items()}
_CLAIMS: Final = f"{_SESSION}.webIdFederationData.attributes"


@dataclass(frozen=True, kw_only=True)
class NeededFields:
    """The fields of each record that the query returns."""

    fields: tuple[str, ...] = ()  # names of `TEXTS`, or ``resourceAccounts``
    claims: tuple[str, ...] = ()  # claims of a web identity, as CloudTrail writes them
    parameters: tuple[str, ...] = ()  # parameters of requests
    # Times that conditions compare the request's time with; None where none does.
    moments: tuple[datetime, ...] | None = None

    @property
    def sql(self) -> str:
        """An expression in Athena's SQL for all fields as one text, one name and value per line; NULL for none."""
        parts = [*self._parts()]
        return " || ".join(parts) if parts else "CAST(NULL AS varchar)"

    def _parts(self) -> Iterator[str]:
        for name in self.fields:
            value = _ACCOUNTS_SQL if name == ACCOUNTS else f"replace({TEXTS[name]}, '{_LINE}', ' ')"
            yield _line(name, value)
        for claim in self.claims:
            yield _line(
                _CLAIM + claim.lower(), f"replace(element_at({_CLAIMS}, '{_sql_quote(claim)}'), '{_LINE}', ' ')"
            )
        for name in self.parameters:
            yield _line(_PARAMETER + name, f"json_format(json_extract(requestParameters, '$[\"{_sql_quote(name)}\"]'))")
        if self.moments is not None:
            yield _line(EVENT_TIME, _time_sql(sorted(set(self.moments))))

    def kept(self, event: dict[str, Any]) -> dict[str, Any]:
        """The part of an event, as CloudTrail writes it, that the query reads; without ``resources``."""
        selected: dict[str, Any] = {}
        for name in self.fields:
            if name != ACCOUNTS and isinstance(value := at(event, *_PATHS[name]), str):
                _set_path(selected, _PATHS[name], value)
        if self.claims and isinstance(claims := at(event, *_CLAIMS.split(".")), dict):
            texts = {name: claims[name] for name in self.claims if isinstance(claims.get(name), str)}
            _set_path(selected, _CLAIMS.split("."), texts)
        return selected


NOTHING: Final = NeededFields()


def claim(name: str) -> str:
    """The field name of a claim."""
    return _CLAIM + name


def parameter(name: str) -> str:
    """The field name of a parameter of the request."""
    return _PARAMETER + name


def parse_values(text: str | None) -> dict[str, str]:
    """The values of the query's text, by field; empty where it was left out."""
    return {name: value for name, _, value in (line.partition("=") for line in (text or "").split(_LINE) if line)}


def _line(name: str, value: str) -> str:
    return f"COALESCE('{_sql_quote(name)}=' || {value} || '{_LINE}', '')"


def _sql_quote(text: str) -> str:
    return text.replace("'", "''")


_ACCOUNTS_SQL: Final = "array_join(array_sort(array_distinct(transform(resources, r -> r.accountId))), ' ')"


def _time_sql(moments: Iterable[datetime]) -> str:
    """SQL for the time of a request, rounded to the interval between two times in conditions."""
    second = timedelta(seconds=1)
    cases: list[str] = []
    latest = datetime(2000, 1, 1, tzinfo=UTC)
    for moment in moments:
        name = f"TIMESTAMP '{moment:%Y-%m-%d %H:%M:%S}'"
        cases.append(f"WHEN eventTime < {name} THEN '{_timestamp(latest if cases else moment - second)}'")
        cases.append(f"WHEN eventTime = {name} THEN '{_timestamp(moment)}'")
        latest = moment + second
    return f"CASE {' '.join(cases)} ELSE '{_timestamp(latest)}' END" if cases else f"'{_timestamp(latest)}'"


def _timestamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _set_path(target: dict[str, Any], path: Iterable[str], value: object) -> None:
    *folders, name = path
    for folder in folders:
        target = target.setdefault(folder, {})
    target[name] = value
