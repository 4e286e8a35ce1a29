"""Which secrets of the running version a deployment takes from its role."""

from types import SimpleNamespace
from typing import Any

import pytest

from installation.settings import Settings
from ops.month import withdrawn_secrets
from ops.templates.template import Template
from tests.support.fakes import FakeAccount

SSM, SECRETS = "arn:aws:ssm:ap-northeast-1:", "arn:aws:secretsmanager:ap-northeast-1:"
URL = f"{SECRETS}123456789012:secret:DatabaseUrl-AbCdEf"
PASSWORD = f"{SECRETS}123456789012:secret:hannibal/db/password-AbCdEf:password::"
JWT = f"{SSM}123456789012:parameter/p/secrets/jwt"
MAIL = f"{SECRETS}123456789012:secret:mail/smtp:password::"
WHOLE = f"{SECRETS}123456789012:secret:mail-secret-AbCdEf"


def of_account(service: str, rest: str) -> Any:
    """An ARN of the template's account, as the CDK writes it."""
    return {"Fn::Join": ["", [service, {"Ref": "AWS::AccountId"}, f":{rest}"]]}


OUTPUT = {"Fn::GetStackOutput": {"StackName": "StorageStack", "OutputName": "Url"}}
OF_URL = {"DATABASE_URL": OUTPUT}
OF_PASSWORD = {"Fn::Join": ["", [{"Fn::GetStackOutput": {"StackName": "A", "OutputName": "P"}}, ":password::"]]}
KEPT = of_account(SSM, "parameter/p/secrets/jwt")
OTHER = of_account(SSM, "parameter/p/secrets/jwt2")
SMTP = of_account(SECRETS, "secret:mail/smtp:user::")


def notes(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch, read: Any, wanted: Any, desired: int = 1
) -> list[str]:
    """The notes where the container `api` reads some secrets and shall read others."""
    primary = SimpleNamespace(revision=SimpleNamespace(arn="t:7"))
    service = SimpleNamespace(primary=primary, desired=desired)
    secrets = [{"name": name, "valueFrom": value} for name, value in read.items()]
    definition = {"containerDefinitions": [{"name": "api", "secrets": secrets}, {"name": "certificates"}]}
    monkeypatch.setattr(withdrawn_secrets, "read_running_service", lambda _: service)
    monkeypatch.setattr(withdrawn_secrets, "read_definition", lambda *_: definition)
    new = [{"Name": name, "ValueFrom": value} for name, value in wanted.items()]
    containers: Any = [{"Name": "api", "Secrets": new}, {"Name": "certificates"}]
    properties = {"ContainerDefinitions": containers}
    content: Any = {"Resources": {"T": {"Type": "AWS::ECS::TaskDefinition", "Properties": properties}}}
    return list(withdrawn_secrets.withdrawn_secrets(account.aws(settings), Template("ComputeStack", content)))


@pytest.mark.parametrize(
    ("read", "wanted", "lost"),
    [
        ({}, {}, ""),
        ({"JWT": JWT}, {"JWT": KEPT}, ""),
        ({"JWT": JWT}, {"JWT": OTHER}, "JWT"),
        ({"JWT": JWT}, {}, "JWT"),
        ({"JWT": JWT}, {"JWT": OTHER, "OLD": KEPT}, ""),  # the role goes on reading it
        ({"JWT": JWT}, {"JWT": OF_PASSWORD}, "JWT"),
        ({"PASSWORD": PASSWORD}, {"PASSWORD": OF_PASSWORD}, ""),
        ({"PASSWORD": PASSWORD}, {}, "PASSWORD"),
        ({"PASSWORD": PASSWORD, "AGAIN": PASSWORD}, {"AGAIN": OF_PASSWORD}, ""),
        ({"MAIL": MAIL}, {"MAIL": SMTP}, ""),  # another key of the same secret
        ({"MAIL": MAIL}, {"MAIL": WHOLE}, "MAIL"),
        ({"MAIL": WHOLE}, {"MAIL": WHOLE}, ""),
        ({"MAIL": MAIL}, {"MAIL": f"{SECRETS}123456789012:secret:mail/smtp-AbCdEf"}, ""),  # the same one
    ],
)
def test_what_nothing_names_any_longer_is_taken(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch, read: Any, wanted: Any, lost: str
) -> None:
    found = notes(account, settings, monkeypatch, {"DATABASE_URL": URL} | read, OF_URL | wanted)
    assert [f"({lost} of the container api)" in note for note in found] == [True] * bool(lost)


def test_in_a_pause_the_service_has_to_run_first(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for desired, found in ((1, False), (0, True)):
        (note,) = notes(account, settings, monkeypatch, {"DATABASE_URL": URL, "JWT": JWT}, OF_URL, desired)
        assert "right after the deployment `hannibal release --configuration`" in note
        assert ("`hannibal resume` first" in note) is found
