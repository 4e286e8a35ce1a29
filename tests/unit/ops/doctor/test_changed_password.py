"""Two secrets that agree, and a database that refuses their password."""

import json
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from ops.doctor import database_login
from ops.doctor.database_login import note_agreement
from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence
from ops.doctor.subjects import Subject
from tests.support.fakes import NOW, FakeAccount
from tests.support.running_account import running

SECRETS = {
    "url-secret": "postgresql://hannibal:secret@db.example:5432/postgres",
    "hannibal/db/password": json.dumps({"username": "hannibal", "password": "secret"}),
}
LINE = Evidence("log of 01234567", 'FATAL: password authentication failed for user "hannibal"')


@pytest.mark.parametrize(("minutes", "causes"), [(1, ["password-refused"]), (20, [])])
def test_a_password_that_was_changed_in_rds_alone(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch, minutes: int, causes: list[str]
) -> None:
    """The tasks' log led to this section, which said that the secrets agree."""

    def printed(_examiner: object, _pattern: str, since: datetime) -> tuple[Evidence, ...]:
        return (LINE,) if since <= NOW - timedelta(minutes=minutes) else ()

    def get_secret_value(SecretId: str, **_: str) -> Any:  # noqa: N803 - boto3's name
        return {"SecretString": SECRETS[SecretId], "VersionId": "new", "CreatedDate": NOW}

    monkeypatch.setattr(database_login, "complaints", printed)
    running(account)
    account.stacks["StorageStack"]["Outputs"] = [{"OutputKey": "DatabaseUrlSecret", "OutputValue": "url-secret"}]
    aws: Any = account.aws(settings)
    aws.secretsmanager = SimpleNamespace(get_secret_value=get_secret_value)
    examiner = Examiner(Subject.DATABASE, aws, NOW)
    note_agreement(examiner, "db.example:5432", (LINE,))
    findings = examiner.examination().findings
    assert [it.cause for it in findings] == causes
    assert all("--master-user-password" in it.remediations[0].command for it in findings)
