"""What an application prints when it lacks something that it needs here, in the words of its libraries.

The checklist of docs/your-product.md shows the same messages; a test holds the two together.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ops.doctor.causes import Cause, cause_named
from ops.doctor.finding import Remediation

_CHECKLIST: Final = "docs/your-product.md"
_SHIP: Final = "hannibal release --configuration --env {env}"
_LOG: Final = Remediation(what="read all that it printed", command="hannibal logs --env {env} --since 2h")
_LOOK_AT_DATABASE: Final = Remediation(
    what="its log speaks of the database", command="hannibal doctor database --env {env}"
)
_DATABASE_WORDS: Final = ("password authentication failed", "ECONNREFUSED", "ETIMEDOUT", "DATABASE_URL")
# As printed, and as they stand in a line of JSON.
_QUOTES: Final = r"[\\\\\"'`]*"
_VARIABLE: Final = r"[A-Z][A-Z0-9]*_[A-Z0-9_]+"

LOG_CAUSES: Final = (
    Cause(
        name="port-denied",
        pattern=re.compile(
            r"EACCES.*(0\.0\.0\.0|::|\*):\d+|[Pp]ermission denied.*\b(bind|listen|port \d+)|bind\(\).*"
            r"[Pp]ermission denied"
        ),
        summary="The container listens on a port below 1024, which only root may; it has to listen on PORT, {port}.",
        remediations=(
            Remediation(what=f"have it read PORT ({_CHECKLIST}, port)"),
            _LOG,
        ),
        shows_log=True,
    ),
    Cause(
        name="read-only-root",
        pattern=re.compile(r"EROFS|[Rr]ead-only file ?system|failed to map segment from shared object"),
        summary="The container writes a file outside /tmp, or runs one inside it: its root file system is read-only "
        "and /tmp runs no programs.",
        remediations=(
            Remediation(what=f"have it write to /tmp, or keep files elsewhere ({_CHECKLIST}, files)"),
            Remediation(
                what="or, against the advice: service.read_only_root false in config/{env}.yaml, and", command=_SHIP
            ),
        ),
        shows_log=True,
    ),
    Cause(
        name="tls-unverified",
        pattern=re.compile(
            r"unable to verify the first certificate|self[- ]signed certificate|unable to get local issuer certificate"
            r"|certificate verify failed|root certificate file .* does not exist|PKIX path building failed"
            r"|certificate signed by unknown authority"
        ),
        summary="The application verifies the database's certificate and does not know the authority that signed it.",
        remediations=(
            Remediation(
                what="have it read the file that NODE_EXTRA_CA_CERTS and PGSSLROOTCERT name, as a product does that "
                f"sets its own authorities ({_CHECKLIST}, TLS)"
            ),
            Remediation(
                what="see whether the database's certificate was changed", command="hannibal drift --env {env}"
            ),
        ),
        shows_log=True,
    ),
    Cause(
        name="tls-not-asked",
        pattern=re.compile(r"no pg_hba\.conf entry for host .*no encryption|SSL off"),
        summary="The application connects to the database without TLS, which the database refuses.",
        remediations=(
            Remediation(
                what="have it use DATABASE_URL as it is, or sslmode=verify-full where it builds its own address "
                f"({_CHECKLIST}, TLS)"
            ),
            _LOG,
        ),
        shows_log=True,
    ),
    Cause(
        name="schema-missing",
        pattern=re.compile(
            rf"(relation|table|type|column) {_QUOTES}[\w.]+{_QUOTES} (of relation {_QUOTES}[\w.]+{_QUOTES} )?does not "
            r"exist|migrations are pending|UndefinedTable|no such table"
        ),
        summary="The database has not the schema that this image needs: its migrations were not run.",
        remediations=(
            Remediation(
                what="run them with the image that runs; COMMAND is the product's own, such as node dist/migrate.js",
                command="hannibal run --env {env} -- COMMAND",
            ),
            Remediation(
                what="have each release run them before it gets users: release.migrate in config/{env}.yaml "
                f"({_CHECKLIST}, schema)"
            ),
        ),
        shows_log=True,
    ),
    Cause(
        name="origin-refused",
        pattern=re.compile(r"[Nn]ot allowed by CORS|is not CLIENT_URL|CORS.*(denied|rejected|not allowed)"),
        summary="The application refuses requests of a page: the address that it expects is another one.",
        remediations=(
            Remediation(
                what="give it the address that users open: the fact frontend_url as service.environment.CLIENT_URL in "
                "config/{env}.yaml, and",
                command=_SHIP,
            ),
        ),
        shows_log=True,
    ),
    Cause(
        name="heap-exhausted",
        pattern=re.compile(r"heap out of memory|java\.lang\.OutOfMemoryError|MemoryError"),
        summary="The application used up the memory that its runtime allows itself; the task has {memory} MiB.",
        remediations=(
            Remediation(what="give it more: service.memory_mib {more_memory} in config/{env}.yaml, and", command=_SHIP),
            _LOG,
        ),
        shows_log=True,
    ),
)
_MISSING_VARIABLE: Final = re.compile(
    rf"\b(?P<before>{_VARIABLE}|PORT)\b{_QUOTES} (must be (set|given|provided|defined)|(is|was|are)? ?"
    rf"(not (set|defined|given|provided|found)|required|missing|undefined|unset))\b"
    rf"|(?i:missing|required|undefined|unset)[^\n]{{0,40}}?\b(?P<after>{_VARIABLE})\b"
)
# A service that runs may still refuse what its users want. Terms of CloudWatch Logs, any of them; the patterns above
# decide. Variables and ports are of the start, and show in tasks that stopped.
WHILE_IT_RUNS: Final = " ".join(
    f'?"{term}"'
    for term in (
        *("does not exist", "UndefinedTable", "CORS", "CLIENT_URL", "EROFS", "Read-only file", "read-only file"),
        *("pg_hba.conf", "certificate"),
    )
)


def cause_of_log(cause: Cause, lines: Iterable[str]) -> Cause:
    """A cause again, after reading what the task printed: some say it there only.

    Args:
        cause: by ECS's words.
        lines: what the task printed last.
    """
    text = "\n".join(lines)
    if "exec format error" in text:
        return cause_named("wrong-processor")
    found = printed_cause(text)
    if found is not None:
        return found
    if any(word in text for word in _DATABASE_WORDS):
        return replace(cause, remediations=(_LOOK_AT_DATABASE, *cause.remediations))
    return cause


def printed_cause(text: str) -> Cause | None:
    """The first cause whose words stand in what was printed."""
    missing = _MISSING_VARIABLE.search(text)
    if missing:
        return _variable_missing(missing["before"] or missing["after"])
    return next((cause for cause in LOG_CAUSES if cause.pattern.search(text)), None)


def _variable_missing(name: str) -> Cause:
    return Cause(
        name="variable-missing",
        pattern=_MISSING_VARIABLE,
        summary=f"The application says that its variable {name} is missing.",
        remediations=(
            Remediation(
                what=f"add it: service.environment.{name}, or service.secrets.{name} where it is a secret, in "
                f"config/{{env}}.yaml ({_CHECKLIST}, variables), and",
                command=_SHIP,
            ),
            _LOG,
        ),
        shows_log=True,
    )
