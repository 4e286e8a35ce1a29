"""Names that users of a PostgreSQL database of RDS cannot have."""

import re
from typing import Final

# The words that PostgreSQL 18 reserves (its documentation, "SQL Key Words", and `pg_get_keywords()`). RDS accepts none
# of them for a master user: "MasterUsername user cannot be used as it is a reserved word used by the engine".
_RESERVED: Final = re.compile(
    r"all|analy[sz]e|and|any|array|as|asc|asymmetric|both|case|cast|check|collate|column|constraint|create"
    r"|current_(catalog|date|role|time|timestamp|user)|default|deferrable|desc|distinct|do|else|end|except|false|fetch"
    r"|for|foreign|from|grant|group|having|in|initially|intersect|into|lateral|leading|limit|localtime|localtimestamp"
    r"|not|null|offset|on|only|or|order|placing|primary|references|returning|select|session_user|some|symmetric"
    r"|system_user|table|then|to|trailing|true|union|unique|user|using|variadic|when|where|window|with"
)


def is_reserved_user(name: str) -> bool:
    """Whether RDS or PostgreSQL reserve a name.

    RDS also refuses `admin` and the names of its own roles, and PostgreSQL reserves names that begin with pg_.
    """
    return name == "admin" or name.startswith(("rds", "pg_")) or _RESERVED.fullmatch(name) is not None
