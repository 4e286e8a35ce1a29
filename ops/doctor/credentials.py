"""Whether the service logs in with what the database expects: the password's secret, DATABASE_URL and the endpoint."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from botocore.exceptions import ClientError

from installation.names import DATABASE_URL_OUTPUT, STORAGE_STACK
from installation.settings import Settings
from ops.aws.clients import Aws
from ops.aws.errors import code_of, message_of
from ops.doctor.causes import SECRET_MISSING, cause_named, filled
from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence, Remediation
from ops.stacks.state import read_output

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager.type_defs import GetSecretValueResponseTypeDef

_PREVIOUS = "AWSPREVIOUS"


@dataclass(frozen=True, kw_only=True)
class Url:
    """What ``DATABASE_URL`` says, and the secret that holds it."""

    secret: str  # ARN of the secret
    user: str  # user name
    password: str  # the password; never printed
    endpoint: str  # host and port


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """What the password's secret says."""

    user: str  # user name
    password: str  # the password; never printed
    version: str  # id of this version
    changed: datetime | None  # when the secret was changed last


@dataclass(frozen=True, kw_only=True)
class Unreadable:
    """A secret, or a version of it, that nobody can read."""

    reason: str  # Secrets Manager's words


def note_agreement(examiner: Examiner, endpoint: str, symptoms: tuple[Evidence, ...]) -> None:
    """Compare the two secrets with each other and with the database's endpoint; no password is printed."""
    aws, settings = examiner.aws, examiner.settings
    secret = read_output(aws, STORAGE_STACK, DATABASE_URL_OUTPUT)
    if not secret:
        return
    url = examiner.read("DATABASE_URL", lambda: read_url(aws, secret))
    credentials = examiner.read("the password", lambda: read_credentials(aws, settings.names.database_secret))
    if isinstance(credentials, Unreadable):
        _password_gone(examiner, credentials, symptoms)
        credentials = None
    if isinstance(url, Unreadable):
        cause = filled(cause_named(SECRET_MISSING), None, settings, secret)
        found = (Evidence("secret", f"{secret}: {url.reason}"), *symptoms)
        examiner.add(cause.name, cause.summary, *found, remediations=cause.remediations)
        return
    if url is None:
        return
    if endpoint and url.endpoint != endpoint:
        leads = Evidence("DATABASE_URL", url.endpoint or "no endpoint")
        examiner.found(
            "endpoint-differs", leads, Evidence("database", endpoint), *symptoms, first=_put_url_back(aws, secret)
        )
    if url.user == settings.database.service_user:  # each task gives it the password before it signs in
        examiner.healthy(f"DATABASE_URL signs in as {url.user}, the service's own user")
    elif credentials is not None:
        _compare(examiner, url, credentials, symptoms)


def _password_gone(examiner: Examiner, gone: Unreadable, symptoms: tuple[Evidence, ...]) -> None:
    """The running service has its own copy, but the next month's database is made with this one."""
    name = examiner.settings.names.database_secret
    examiner.found("password-missing", Evidence(name, gone.reason), *symptoms, secret=name)


def _compare(examiner: Examiner, url: Url, credentials: Credentials, symptoms: tuple[Evidence, ...]) -> None:
    if (url.user, url.password) == (credentials.user, credentials.password):
        examiner.healthy(f"DATABASE_URL and {examiner.settings.names.database_secret} agree")
    else:
        _differ(examiner, url, credentials, symptoms)


def _differ(examiner: Examiner, url: Url, credentials: Credentials, symptoms: tuple[Evidence, ...]) -> None:
    """Both were made of one password; which of them was changed since decides the remediation."""
    settings = examiner.settings
    name = settings.names.database_secret
    previous = read_credentials(examiner.aws, name, _PREVIOUS)
    rotated = isinstance(previous, Credentials) and previous.password == url.password
    what = "password" if url.user == credentials.user else "user"
    when = f"{credentials.changed:%Y-%m-%d %H:%M %Z}" if credentials.changed else "at an unknown time"
    evidence = [
        Evidence("DATABASE_URL", f"user {url.user}, a {what} that differs from {name}'s"),
        Evidence(name, f"user {credentials.user}, changed {when}"),
    ]
    if rotated and isinstance(previous, Credentials):
        evidence.append(Evidence(f"{name}, {_PREVIOUS}", f"is the one of DATABASE_URL ({previous.version})"))
        remediations = (
            Remediation(
                "put back the password with which the database was made",
                _move_stage(name, previous.version, credentials.version),
            ),
            *_new_password(settings, url.secret),
        )
    else:
        remediations = (*_put_url_back(examiner.aws, url.secret), *_new_password(settings, url.secret))
    changed = "The password" if rotated else "DATABASE_URL"
    examiner.found("password-differs", *evidence, *symptoms, first=remediations, what=changed)


def _put_url_back(aws: Aws, secret: str) -> tuple[Remediation, ...]:
    stages = aws.secretsmanager.describe_secret(SecretId=secret).get("VersionIdsToStages", {})
    current = next((version for version, names_ in stages.items() if "AWSCURRENT" in names_), "")
    previous = next((version for version, names_ in stages.items() if _PREVIOUS in names_), "")
    remediations = []
    if previous:
        remediations.append(Remediation("put back the DATABASE_URL of before", _move_stage(secret, previous, current)))
    return (*remediations, _fresh_tasks(aws.settings))


def _new_password(settings: Settings, secret: str) -> tuple[Remediation, ...]:
    """The other direction: the database takes the new password, DATABASE_URL is written again, tasks start anew."""
    return (
        Remediation(
            "or keep the new one: give it to the database, and write DATABASE_URL with it",
            f"aws rds modify-db-instance --db-instance-identifier {settings.names.database} "
            "--apply-immediately --master-user-password PASSWORD && "
            f"aws secretsmanager put-secret-value --secret-id {secret} --secret-string URL",
        ),
        _fresh_tasks(settings),
    )


def _move_stage(secret: str, to: str, away: str) -> str:
    return (
        f"aws secretsmanager update-secret-version-stage --secret-id {secret} --version-stage AWSCURRENT "
        f"--move-to-version-id {to} --remove-from-version-id {away}"
    )


def _fresh_tasks(settings: Settings) -> Remediation:
    return Remediation(
        "tasks read it only when they start: start fresh ones of the same image",
        f"hannibal release --env {settings.environment} --again --image IMAGE",
    )


def read_url(aws: Aws, secret: str) -> Url | Unreadable:
    """What the service connects with."""
    answer = _read(aws, secret, "AWSCURRENT")
    if isinstance(answer, Unreadable):
        return answer
    parts = urlsplit(answer.get("SecretString", ""))
    return Url(
        secret=secret,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        endpoint=f"{parts.hostname}:{parts.port}" if parts.hostname else "",
    )


def read_credentials(aws: Aws, name: str, stage: str = "AWSCURRENT") -> Credentials | Unreadable:
    """The database's user and password, of one version."""
    answer = _read(aws, name, stage)
    if isinstance(answer, Unreadable):
        return answer
    try:
        content = json.loads(answer.get("SecretString", ""))
    except ValueError:
        content = {}
    return Credentials(
        user=str(content.get("username", "")),
        password=str(content.get("password", "")),
        version=answer.get("VersionId", ""),
        changed=answer.get("CreatedDate"),
    )


def _read(aws: Aws, name: str, stage: str) -> "GetSecretValueResponseTypeDef | Unreadable":
    try:
        return aws.secretsmanager.get_secret_value(SecretId=name, VersionStage=stage)
    except ClientError as error:
        # The second one says that it is marked for deletion (API reference, GetSecretValue).
        if code_of(error) in ("ResourceNotFoundException", "InvalidRequestException"):
            return Unreadable(reason=message_of(error) or code_of(error))
        raise
