"""The parameters of a group: which exist, their allowed values, and the server's settings from them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from embedded_aws.database import process
from embedded_aws.database.emulator import invalid_combination, invalid_value

_FORCE_TLS = "rds.force_ssl"
_TLS_BY_DEFAULT_SINCE = 15  # major version (Amazon RDS user guide, "Requiring an SSL connection")
_STATIC_OF_RDS = frozenset({"rds.logical_replication"})
# Parameters of RDS and of extensions, which PostgreSQL does not list.
_FOREIGN = re.compile(r"(rds|pg_stat_statements|auto_explain|pgaudit|cron|pglogical|plpgsql|pg_hint_plan)\.\w+")
# Parameters that the embedded server sets: for its address, its files and its log.
_OWN_PARAMETERS = re.compile(
    r"(listen_addresses|port|unix_socket_\w+|ssl\w*|data_directory|\w+_file|external_pid_file|include\w*|huge_page\w*"
    r"|log_(destination|directory|filename|file_mode|rotation_\w+|truncate_\w+)|logging_collector|archive_\w+)"
)
# GiB by the size of an instance class; the small sizes are equal in each family (Amazon RDS instance types).
_MEMORY_GIB = {"micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16}
# The default parameter group: LEAST({DBInstanceClassMemory/9531392},5000).
_BYTES_A_CONNECTION = 9531392
_MOST_CONNECTIONS = 5000


# Parameters that RDS sets (RDS user guide, "Parameters on your RDS for PostgreSQL DB instance").
_FIXED = re.compile(
    r"(config|hba|ident|external_pid)_file|data_directory|listen_addresses|port|unix_socket_\w+|log_directory"
    r"|logging_collector|archive_(mode|command)"
)
_AVAILABLE = re.compile(r"HINT:\s+Available values: (.+)\.")
_SWITCHES = ("0", "1", "on", "off", "true", "false")


@dataclass(frozen=True, kw_only=True)
class _Parameter:
    kind: str  # as PostgreSQL names it, such as ENUM
    static: bool
    minimum: float | None
    maximum: float | None


@cache
def _catalogue() -> Mapping[str, _Parameter]:
    rows = (line.split("\t") for line in process.run("postgres", "--describe-config").splitlines())
    return {
        name.lower(): _Parameter(
            kind=kind,
            static=context == "postmaster",
            minimum=float(least) if kind in ("INTEGER", "REAL") else None,
            maximum=float(most) if kind in ("INTEGER", "REAL") else None,
        )
        for name, context, _, kind, _, least, most, *_ in rows
    }


def is_static(name: str) -> bool:
    """Whether a parameter takes effect only at the next start."""
    known = _catalogue().get(name.lower())
    return known.static if known else name in _STATIC_OF_RDS


def check(name: str, value: str | None, apply_method: str) -> None:
    """Check a change in a parameter group; the value None resets it. Raises Refusal: name, value or method is wrong."""
    entry = _catalogue().get(name.lower())
    if entry is None and not _FOREIGN.fullmatch(name):
        raise invalid_value(f"Could not find parameter with name: {name}")
    if _FIXED.fullmatch(name):
        raise invalid_value(f"The parameter {name} cannot be modified.")
    if value is not None and entry is not None and entry.minimum is not None and entry.maximum is not None:
        _check_range(name, value, entry.minimum, entry.maximum)
    switched = entry.kind == "BOOLEAN" if entry else name == _FORCE_TLS
    if value is not None and switched and value.lower() not in _SWITCHES:
        raise invalid_value(f"Invalid parameter value: {value} for: {name} allowed values are: 0,1")
    if value is not None and entry is not None and entry.kind == "ENUM" and (allowed := _allowed_values(name, value)):
        raise invalid_value(f"Invalid parameter value: {value} for: {name} allowed values are: {allowed}")
    if apply_method == "immediate" and value is not None and is_static(name):
        raise invalid_combination("cannot use immediate apply method for static parameter")


# RDS's server is built with these; the server on this machine may not be.
_COMPRESSIONS = {"wal_compression": ("lz4", "zstd"), "default_toast_compression": ("lz4",)}


@cache
def _allowed_values(name: str, value: str) -> str:
    """The allowed values in PostgreSQL's error for an invalid value; empty for a valid one."""
    if value.lower() in _COMPRESSIONS.get(name.lower(), ()):
        return ""
    try:
        process.run("postgres", "-C", name, "-c", f"{name}={value}")
    except process.PostgresError as error:  # without a folder it always fails, but checks the value first
        hint = _AVAILABLE.search(str(error))
        return hint[1].replace(", ", ",") if hint else ""
    return ""


def _check_range(name: str, value: str, minimum: float, maximum: float) -> None:
    if "{" in value:
        return  # a formula of the instance class
    try:
        is_allowed = minimum <= float(value) <= maximum
    except ValueError:
        is_allowed = False
    if not is_allowed:
        message = f"Invalid parameter value: {value} for: {name} allowed values are: {minimum:.12g}-{maximum:.12g}"
        raise invalid_value(message)


def server_settings(values: Mapping[str, str], *, instance_class: str) -> dict[str, str]:
    """The settings to start the server with.

    Args:
        values: those of the parameter group; formulas and parameters that do not exist here get the server's default.
        instance_class: such as ``db.t4g.micro``; its memory decides the default of ``max_connections``.
    """
    connections = min(memory_gib(instance_class) * 2**30 // _BYTES_A_CONNECTION, _MOST_CONNECTIONS)
    settings = {"max_connections": str(connections)} | {
        name: value
        for name, value in values.items()
        if name.lower() in _catalogue()
        and not _OWN_PARAMETERS.fullmatch(name)
        and "{" not in value
        and value.lower() not in _COMPRESSIONS.get(name.lower(), ())
    }
    if "shared_preload_libraries" in settings:
        names = (name.strip() for name in settings["shared_preload_libraries"].split(","))
        existing = [name for name in names if (process.LIBRARIES / f"{name}.so").exists()]
        settings["shared_preload_libraries"] = ",".join(existing)
    return settings


def memory_gib(instance_class: str) -> int:
    """Memory of an instance class by its size; for an unknown size, the memory of ``large``."""
    size = instance_class.rpartition(".")[2]
    count = size.removesuffix("xlarge")
    return int(count) * _MEMORY_GIB["xlarge"] if count.isdigit() else _MEMORY_GIB.get(size, _MEMORY_GIB["large"])


def requires_tls(values: Mapping[str, str], *, engine_version: str) -> bool:
    """Whether clients must encrypt, by the parameter group or by the version's default."""
    default = "1" if int(engine_version.partition(".")[0]) >= _TLS_BY_DEFAULT_SINCE else "0"
    return values.get(_FORCE_TLS, default) in ("1", "on", "true")
