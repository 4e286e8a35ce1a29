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
OF_USER = {"Fn::Join": ["", [{"Fn::GetStackOutput": {"StackName": "A", "OutputName": "P"}}, ":username::"]]}
KEPT = of_account(SSM, "parameter/p/secrets/jwt")
OTHER = of_account(SSM, "parameter/p/secrets/jwt2")
SMTP = of_account(SECRETS, "secret:mail/smtp:user::")


# What the template says where a task reads it.
WRITTEN: dict[str, Any] = {URL: OUTPUT, PASSWORD: OF_PASSWORD, JWT: KEPT, MAIL: SMTP, WHOLE: WHOLE}


def compute(secrets: Any) -> Template:
    containers: Any = [{"Name": "api", "Secrets": listed("Name", "ValueFrom", secrets)}, {"Name": "certificates"}]
    properties = {"ContainerDefinitions": containers}
    content: Any = {"Resources": {"T": {"Type": "AWS::ECS::TaskDefinition", "Properties": properties}}}
    return Template("ComputeStack", content)


def listed(name: str, value: str, secrets: Any) -> Any:
    return [{name: variable, value: source} for variable, source in secrets.items()]


def notes(
    account: FakeAccount,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    read: Any,
    wanted: Any,
    deployed: Any = None,
    desired: int = 1,
) -> list[str]:
    """The notes where the container `api` reads some secrets and shall read others; what it reads is deployed."""
    deployed = read if deployed is None else deployed
    service = SimpleNamespace(primary=SimpleNamespace(revision=SimpleNamespace(arn="t:7")), desired=desired)

    def definition(_: object, arn: str) -> Any:
        secrets = listed("name", "valueFrom", {"t:7": read, "t:8": deployed}[arn])
        return {"containerDefinitions": [{"name": "api", "secrets": secrets}, {"name": "certificates"}]}

    monkeypatch.setattr(withdrawn_secrets, "read_running_service", lambda _: service)
    monkeypatch.setattr(withdrawn_secrets, "deployed_revision", lambda _: "t:8")
    monkeypatch.setattr(withdrawn_secrets, "read_definition", definition)
    live = compute({variable: WRITTEN[arn] for variable, arn in deployed.items()})
    return list(withdrawn_secrets.withdrawn_secrets(account.aws(settings), live, compute(wanted)))


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
        ({"PASSWORD": PASSWORD}, {"DB_PASSWORD": OF_PASSWORD}, ""),
        ({"PASSWORD": PASSWORD}, {"USER": OF_USER}, ""),
        ({"PASSWORD": MAIL}, {"PASSWORD": OF_PASSWORD}, "PASSWORD"),
        ({"PASSWORD": PASSWORD}, {"PASSWORD": OUTPUT}, "PASSWORD"),  # of another stack's secret
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
        read = {"DATABASE_URL": URL, "JWT": JWT}
        (note,) = notes(account, settings, monkeypatch, read, OF_URL, desired=desired)
        assert "right after the deployment `hannibal release --configuration`" in note
        assert ("`hannibal resume` first" in note) is found


def test_what_an_earlier_deployment_took_is_said_so(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for desired, found in ((1, False), (0, True)):
        read, deployed = {"DATABASE_URL": URL, "JWT": JWT}, {"DATABASE_URL": URL}
        (note,) = notes(account, settings, monkeypatch, read, OF_URL, deployed, desired)
        assert "may not read any longer (JWT of the container api)" in note
        assert note.endswith("`hannibal release --configuration --ignore-alarms`")
        assert ("after `hannibal resume` has begun" in note) is found
