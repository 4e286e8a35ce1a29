"""Whether the password's secret, DATABASE_URL and the database's endpoint agree."""

import json
import shlex
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

from installation.names import DATABASE_URL_OUTPUT, STORAGE_STACK
from ops.aws.clients import Aws
from ops.aws.errors import code_of, message_of
from ops.doctor.causes import SECRET_MISSING, cause_named, filled
from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence, Remediation
from ops.doctor.tasks import complaints
from ops.stacks.state import read_stack

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.type_defs import GetSecretValueResponseTypeDef

_PREVIOUS = "AWSPREVIOUS"
_REFUSED = '"password authentication failed"'
_RECENT = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class DatabaseUrl:
    """The content of ``DATABASE_URL``, and its secret."""

    secret: str  # ARN of the secret
    user: str  # user name
    password: str  # the password; never printed
    endpoint: str  # host and port


@dataclass(frozen=True, kw_only=True)
class DatabaseLogin:
    """The content of the password's secret."""

    user: str  # user name
    password: str  # the password; never printed
    version: str  # id of this version
    changed: datetime | None  # when the secret was last changed


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A secret, or a version of one, that cannot be read."""

    reason: str  # Secrets Manager's message


def note_agreement(examiner: Examiner, endpoint: str, symptoms: tuple[Evidence, ...]) -> None:
    """Compare the two secrets with each other and with the database's endpoint; no password is printed."""
    aws, settings = examiner.aws, examiner.settings
    storage = read_stack(aws, STORAGE_STACK)
    secret = storage.output(DATABASE_URL_OUTPUT) if storage else None
    if not storage or not storage.lasts or not secret:  # a half deleted stack has no secret that anybody misses
        return
    url = examiner.read("DATABASE_URL", lambda: read_url(aws, secret))
    login = examiner.read("the password", lambda: read_login(aws, settings.names.database_secret))
    if isinstance(login, Unreadable):
        # The running service has its own copy, but the next month's database is made with this one.
        name = settings.names.database_secret
        examiner.add_finding("password-missing", Evidence(name, login.reason), *symptoms, secret=name)
        login = None
    if isinstance(url, Unreadable):
        note_missing_secret(examiner, secret, url.reason, symptoms)
        return
    if url is None:
        return
    if endpoint and url.endpoint != endpoint:
        leads = Evidence("DATABASE_URL", url.endpoint or "no address that a client can read")
        seen, first = (leads, Evidence("database", endpoint), *symptoms), _restore_url_remediations(aws, secret)
        examiner.add_finding("endpoint-differs", *seen, first=first)
    if url.user == settings.database.service_user:  # each task sets this user's password before it logs in
        examiner.healthy(f"DATABASE_URL signs in as {url.user}, the service's own user")
    elif login is not None:
        _compare(examiner, url, login, symptoms)


def note_missing_secret(examiner: Examiner, secret: str, reason: str, symptoms: tuple[Evidence, ...]) -> None:
    """Note that the secret of DATABASE_URL cannot be read, with the reason."""
    cause = filled(cause_named(SECRET_MISSING), None, examiner.settings, secret)
    seen = Evidence("secret", f"{secret}: {reason}")
    examiner.add(cause.name, cause.summary, seen, *symptoms, remediations=cause.remediations)


def _compare(examiner: Examiner, url: DatabaseUrl, login: DatabaseLogin, symptoms: tuple[Evidence, ...]) -> None:
    """Compare two secrets made of one password; which of them was changed since decides the remediation."""
    settings = examiner.settings
    name = settings.names.database_secret
    if (url.user, url.password) == (login.user, login.password):
        # Of the last minutes only: what was corrected is no trouble.
        recent = complaints(examiner, _REFUSED, examiner.now - _RECENT)[-1:] if symptoms else ()
        if recent:
            examiner.add_finding("password-refused", *recent, database=settings.names.database, secret=name)
        else:
            examiner.healthy(f"DATABASE_URL and {name} agree")
        return
    previous = read_login(examiner.aws, name, _PREVIOUS)
    field = "password" if url.user == login.user else "user"
    when = f"{login.changed:%Y-%m-%d %H:%M %Z}" if login.changed else "at an unknown time"
    evidence = [
        Evidence("DATABASE_URL", f"user {url.user}, a {field} that differs from {name}'s"),
        Evidence(name, f"user {login.user}, changed {when}"),
    ]
    if isinstance(previous, DatabaseLogin) and previous.password == url.password:
        evidence.append(Evidence(f"{name}, {_PREVIOUS}", f"is the one of DATABASE_URL ({previous.version})"))
        move = _move_stage(name, previous.version, login.version)
        changed = "The password"
        back: tuple[Remediation, ...] = (Remediation("restore the password with which the database was created", move),)
    else:
        changed, back = "DATABASE_URL", _restore_url_remediations(examiner.aws, url.secret)
    seen = (*evidence, *symptoms)
    database, secret = settings.names.database, url.secret
    examiner.add_finding("password-differs", *seen, first=back, what=changed, database=database, secret=secret)


def _restore_url_remediations(aws: Aws, secret: str) -> tuple[Remediation, ...]:
    again = f"hannibal release --env {aws.settings.environment} --again --image IMAGE --ignore-alarms"
    new_tasks = Remediation("tasks read it only when they start: start new ones of the same image", again)
    stages = aws.secretsmanager.describe_secret(SecretId=secret).get("VersionIdsToStages", {})
    versions = {stage: version for version, stages_of_it in stages.items() for stage in stages_of_it}
    if _PREVIOUS not in versions:
        return (new_tasks,)
    move = _move_stage(secret, versions[_PREVIOUS], versions.get("AWSCURRENT", ""))
    return Remediation("put back the earlier DATABASE_URL", move), new_tasks


def _move_stage(secret: str, to_version: str, from_version: str) -> str:
    # Whoever writes a version chooses its id, by the ClientRequestToken of 32 characters or more.
    words = ("--move-to-version-id", to_version, "--remove-from-version-id", from_version)
    command = ("aws", "secretsmanager", "update-secret-version-stage", "--secret-id", secret)
    return shlex.join((*command, "--version-stage", "AWSCURRENT", *words))


def read_url(aws: Aws, secret: str) -> DatabaseUrl | Unreadable:
    """Read DATABASE_URL from its secret."""
    answer = _read(aws, secret, "AWSCURRENT")
    if isinstance(answer, Unreadable):
        return answer
    try:
        parts = urlsplit(answer.get("SecretString", ""))
        endpoint = f"{parts.hostname}:{parts.port}" if parts.hostname else ""
    except ValueError:  # for example, special characters of a password are not escaped
        return DatabaseUrl(secret=secret, user="", password="", endpoint="")
    return DatabaseUrl(
        secret=secret, user=unquote(parts.username or ""), password=unquote(parts.password or ""), endpoint=endpoint
    )


def read_login(aws: Aws, name: str, stage: str = "AWSCURRENT") -> DatabaseLogin | Unreadable:
    """Read the database's user and password from one version of the secret."""
    answer = _read(aws, name, stage)
    if isinstance(answer, Unreadable):
        return answer
    try:
        content = json.loads(answer.get("SecretString", ""))
    except ValueError:
        content = None
    if not isinstance(content, dict):  # only a password, which may be a number
        content = {}
    return DatabaseLogin(
        user=str(content.get("username", "")),
        password=str(content.get("password", "")),
        version=answer.get("VersionId", ""),
        changed=answer.get("CreatedDate"),
    )


def _read(aws: Aws, name: str, stage: str) -> "GetSecretValueResponseTypeDef | Unreadable":
    try:
        return aws.secretsmanager.get_secret_value(SecretId=name, VersionStage=stage)
    except ClientError as error:
        # The second code means that it is marked for deletion (API reference, GetSecretValue).
        if code_of(error) in ("ResourceNotFoundException", "InvalidRequestException"):
            return Unreadable(reason=message_of(error) or code_of(error))
        raise
