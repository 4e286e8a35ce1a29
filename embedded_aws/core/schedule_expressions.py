"""Checks schedule expressions of EventBridge's rules and EventBridge Scheduler: ``rate``, ``cron``, ``at``.

Sources: EventBridge user guide, "Setting a schedule pattern"; EventBridge Scheduler user guide, "Schedule types".
"""

import re
from datetime import datetime
from typing import Final

_RATE: Final = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)(s?)\)")
_AT: Final = re.compile(r"at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)")
_CRON: Final = re.compile(r"cron\((.+)\)")
_MONTHS: Final = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS: Final = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
# Minutes, hours, day of the month, month, day of the week, year: the lowest and highest number, and their names.
_FIELDS: Final[tuple[tuple[int, int, tuple[str, ...]], ...]] = (
    (0, 59, ()),
    (0, 23, ()),
    (1, 31, ()),
    (1, 12, _MONTHS),
    (1, 7, _DAYS),
    (1970, 2199, ()),
)
_DAY_OF_MONTH, _DAY_OF_WEEK = 2, 4
_DAY: Final = f"[1-7]|{'|'.join(_DAYS)}"
_SPECIAL: Final = {
    _DAY_OF_MONTH: re.compile(r"\?|L|LW|\d{1,2}W"),
    _DAY_OF_WEEK: re.compile(rf"\?|({_DAY})?L|({_DAY})#[1-5]", re.IGNORECASE),
}


def is_rule_schedule(text: str) -> bool:
    """Whether it is valid in a rule of EventBridge: the unit is singular only for 1, and there is no ``at``."""
    if found := _RATE.fullmatch(text):
        return (found[1] == "1") == (found[3] == "")
    return _is_cron(text)


def is_scheduler_schedule(text: str) -> bool:
    """Whether it is valid in EventBridge Scheduler, which accepts units with and without an s."""
    if found := _AT.fullmatch(text):
        try:
            datetime.fromisoformat(found[1])
        except ValueError:
            return False
        return True
    return _RATE.fullmatch(text) is not None or _is_cron(text)


def _is_cron(text: str) -> bool:
    found = _CRON.fullmatch(text)
    fields = found[1].split() if found else []
    if len(fields) != len(_FIELDS):
        return False
    if (fields[_DAY_OF_MONTH] == "?") == (fields[_DAY_OF_WEEK] == "?"):
        return False
    return all(_is_field(position, field) for position, field in enumerate(fields))


def _is_field(position: int, field: str) -> bool:
    special = _SPECIAL.get(position)
    return all((special is not None and special.fullmatch(it)) or _is_range(position, it) for it in field.split(","))


def _is_range(position: int, text: str) -> bool:
    first, last, names = _FIELDS[position]
    base, slash, step = text.partition("/")
    if slash and not (step.isdecimal() and int(step) > 0):
        return False
    if base == "*":
        return True
    bounds = [_number(it, first, names) for it in base.split("-")]
    return len(bounds) <= 2 and all(it is not None and first <= it <= last for it in bounds)


def _number(text: str, first: int, names: tuple[str, ...]) -> int | None:
    if text.upper() in names:
        return names.index(text.upper()) + first
    return int(text) if text.isdecimal() else None
