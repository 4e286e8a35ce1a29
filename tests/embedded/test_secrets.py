"""Secrets of the containers: kept, listed and removed by the command, and missing ones refused before anything."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError
from typer.testing import CliRunner, Result

from installation.settings import Settings
from installation.settings.file import load_settings
from ops.aws.clients import Aws
from ops.cli.app import build
from ops.errors import ExitCode
from ops.service.secret_checks import missing_secrets
from tests.support.aws import given
from tests.support.embedded.server import EmbeddedAws
from tests.support.embedded.stacks import unique
from tests.support.synthesis import changed
from tests.support.waiting import LIMIT_SECONDS

VALUE = "correct-horse-battery-staple"
Command = Callable[..., Result]


@pytest.fixture
def ssm(embedded_aws: EmbeddedAws) -> Any:
    return embedded_aws.session().client("ssm")


@pytest.fixture
def hannibal(embedded_aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> Command:
    for name, value in embedded_aws.environment.items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str, text: str | bytes | None = None, settings: Settings | None = None) -> Result:
        if settings is not None:
            monkeypatch.setattr("installation.settings.file.load_settings", lambda _: settings)
        return CliRunner().invoke(build(), ["secrets", *arguments], input=text)

    return run


@pytest.fixture
def name() -> str:
    return unique("secret")


def naming(name: str) -> Settings:
    return changed(load_settings("dev"), service={"secrets": {"JWT_SECRET": {"kept": name}}})


def test_a_secret_is_set_encrypted_and_tagged_for_the_tasks_of_the_project(
    hannibal: Command, ssm: Any, name: str
) -> None:
    result = hannibal("set", name, text=f"{VALUE}\n")
    assert result.exit_code == ExitCode.DONE, result.output
    assert f"{name} is set (version 1)" in result.output
    assert f"{{kept: {name}}}" in result.output  # no variable gets it yet

    path = load_settings("dev").names.kept_secret(name)
    found = ssm.get_parameter(Name=path, WithDecryption=True)["Parameter"]
    assert (found["Value"], found["Type"]) == (VALUE, "SecureString")
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=path)["TagList"]
    assert {"Key": "Project", "Value": "nestjs-hannibal-3"} in tags


def test_setting_it_again_makes_a_version_and_keeps_the_tags(hannibal: Command, ssm: Any, name: str) -> None:
    for value in (VALUE, "another"):
        result = hannibal("set", name, text=value, settings=naming(name))
    assert f"{name} is set (version 2)" in result.output
    assert "JWT_SECRET of the container api gets it" in result.output
    path = load_settings("dev").names.kept_secret(name)
    assert ssm.get_parameter(Name=path, WithDecryption=True)["Parameter"]["Value"] == "another"
    assert ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=path)["TagList"]


def test_only_the_mark_of_utf_8_and_the_end_of_the_last_line_are_taken_off(
    hannibal: Command, ssm: Any, name: str
) -> None:
    """PowerShell writes the mark before a text; what reads the secret would fail at it."""
    hannibal("set", name, text=b"\xef\xbb\xbf-----BEGIN KEY-----\r\nabc \n\r\n")
    path = load_settings("dev").names.kept_secret(name)
    assert ssm.get_parameter(Name=path, WithDecryption=True)["Parameter"]["Value"] == "-----BEGIN KEY-----\r\nabc \n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"", "the value is empty"),
        (b" \n", "the value is empty"),
        (b"a\0b", "zero byte"),
        (b"x" * 4097, "4097 bytes"),
        (b"{{name}}", "Parameter Store refuses"),
        (b"\xff\xfe", "no UTF-8 text"),
    ],
)
def test_a_value_that_no_variable_can_hold_is_refused(
    hannibal: Command, ssm: Any, name: str, text: bytes, problem: str
) -> None:
    result = hannibal("set", name, text=text)
    assert result.exit_code == ExitCode.UNUSABLE_INPUT
    assert problem in result.output
    assert "nothing was set" in result.output
    with pytest.raises(ssm.exceptions.ParameterNotFound):
        ssm.get_parameter(Name=load_settings("dev").names.kept_secret(name))


@pytest.mark.parametrize("bad", ["", "a/b", "a b", "ä", "x" * 101])
def test_a_name_that_parameter_store_refuses_is_refused(hannibal: Command, bad: str) -> None:
    result = hannibal("set", bad, text=VALUE)
    assert result.exit_code == ExitCode.UNUSABLE_INPUT
    assert "is no name of a secret" in result.output


def test_no_value_is_ever_shown(hannibal: Command, name: str) -> None:
    shown = [
        hannibal("set", name, text=VALUE).output,
        hannibal("set", name, "--json", text=VALUE).output,
        hannibal("list").output,
        hannibal("list", "--json").output,
        hannibal("remove", name, "--yes").output,
    ]
    assert all(VALUE not in output for output in shown)
    assert all("Traceback" not in output for output in shown)


def test_the_list_says_who_gets_what_and_what_is_missing(hannibal: Command, name: str) -> None:
    before = hannibal("list", settings=naming(name))
    assert f"`hannibal secrets set {name}`" in before.output
    hannibal("set", name, text=VALUE)
    after = json.loads(hannibal("list", "--json").output)
    assert name in [kept["name"] for kept in after["kept"]]
    assert after["missing"] == []
    assert after["used"][0]["variable"] == "JWT_SECRET"
    assert "JWT_SECRET of the container api" in hannibal("list").output


def test_a_secret_that_the_settings_name_is_not_removed(hannibal: Command, name: str) -> None:
    hannibal("set", name, text=VALUE, settings=naming(name))
    result = hannibal("remove", name, "--yes")
    assert result.exit_code == ExitCode.REFUSED
    assert "without it no task starts" in result.output
    assert hannibal("remove", name, "--yes", settings=load_settings("dev")).exit_code == ExitCode.DONE
    assert name not in hannibal("list").output


def test_removing_asks_and_can_be_tried_first(hannibal: Command, name: str) -> None:
    hannibal("set", name, text=VALUE)
    assert "nothing was changed" in hannibal("remove", name, "--dry-run").output
    assert hannibal("remove", name, text="another\n").exit_code == ExitCode.REFUSED
    assert name in hannibal("list").output
    assert hannibal("remove", name, text=f"{name}\n").exit_code == ExitCode.DONE
    again = hannibal("remove", name, "--yes")
    assert again.exit_code == ExitCode.UNUSABLE_INPUT
    assert f"no secret {name} is kept" in again.output


def test_at_a_terminal_the_value_is_asked_for_twice_and_not_shown(
    embedded_aws: EmbeddedAws, ssm: Any, name: str
) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "tests.support.given_command", "secrets", "set", name]
    environment = embedded_aws.environment
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        shown = b""
        for _ in range(2):
            while not shown.endswith(b": "):
                shown += os.read(ours, 1024)
            os.write(ours, f"{VALUE}\n".encode())
            shown += b"|"
        try:
            while chunk := os.read(ours, 1024):
                shown += chunk
        except OSError:  # the other side of a terminal is gone
            pass
        assert process.wait(timeout=LIMIT_SECONDS) == ExitCode.DONE, shown.decode()
    os.close(ours)
    assert VALUE.encode() not in shown
    path = load_settings("dev").names.kept_secret(name)
    assert ssm.get_parameter(Name=path, WithDecryption=True)["Parameter"]["Value"] == VALUE


@pytest.fixture
def aws(hannibal: Command) -> Aws:
    return Aws(load_settings("dev"))


def test_a_parameter_needs_to_be_there_and_to_be_given_to_the_project(aws: Aws, ssm: Any) -> None:
    path = f"/shared/{unique('token')}"
    settings = changed(load_settings("dev"), service={"secrets": {"TOKEN": {"parameter": path}}})
    (missing,) = missing_secrets(given(aws, settings))
    assert "does not exist" in missing
    assert f"aws ssm put-parameter --name {path}" in missing
    ssm.put_parameter(Name=path, Value="x", Type="SecureString")
    (untagged,) = missing_secrets(given(aws, settings))
    assert "lacks the tag Project=nestjs-hannibal-3" in untagged
    tag = {"Key": "Project", "Value": "nestjs-hannibal-3"}
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=path, Tags=[tag])
    assert missing_secrets(given(aws, settings)) == ()
    ssm.put_parameter(Name=path, Value="x", Type="SecureString", KeyId="alias/ours", Overwrite=True)
    (locked,) = missing_secrets(given(aws, settings))
    assert f"the parameter {path}, which is encrypted with alias/ours, which no task may use" in locked
    ssm.put_parameter(Name=path, Value="x", Type="String", Overwrite=True)
    assert missing_secrets(given(aws, settings)) == ()


def test_a_secret_of_secrets_manager_as_well_by_name_and_by_arn(aws: Aws, embedded_aws: EmbeddedAws) -> None:
    client = embedded_aws.session().client("secretsmanager")
    secret = unique("mail")

    def settings(asked: str) -> Settings:
        source = {"secrets_manager": asked, "key": "password"}
        return changed(load_settings("dev"), service={"secrets": {"MAIL": source}})

    (missing,) = missing_secrets(given(aws, settings(secret)))
    assert "does not exist" in missing
    client.create_secret(Name=f"{secret}-2", SecretString="{}", Tags=[{"Key": "Project", "Value": "nestjs-hannibal-3"}])
    assert len(missing_secrets(given(aws, settings(secret)))) == 1  # another one whose name begins so
    arn = client.create_secret(Name=secret, SecretString='{"password": "x"}')["ARN"]
    for asked in (secret, arn):
        (untagged,) = missing_secrets(given(aws, settings(asked)))
        assert "lacks the tag" in untagged
    client.tag_resource(SecretId=secret, Tags=[{"Key": "Project", "Value": "nestjs-hannibal-3"}])
    for asked in (secret, arn):
        assert missing_secrets(given(aws, settings(asked))) == ()
    key = "arn:aws:kms:ap-northeast-1:000000000000:key/11111111-2222-3333-4444-555555555555"
    client.update_secret(SecretId=secret, KmsKeyId=key)
    (locked,) = missing_secrets(given(aws, settings(arn)))
    assert f"is encrypted with {key}, which no task may use" in locked
    assert f"`aws secretsmanager update-secret --secret-id {arn} --kms-key-id alias/aws/secretsmanager`" in locked


def test_a_key_that_the_json_of_a_secret_lacks_is_missing_where_the_caller_may_read_it(
    aws: Aws, embedded_aws: EmbeddedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, secret = embedded_aws.session().client("secretsmanager"), unique("mail")
    source = {"secrets_manager": secret, "key": "password"}
    settings = changed(load_settings("dev"), service={"secrets": {"MAIL": source}})
    client.create_secret(Name=secret, Tags=[{"Key": "Project", "Value": "nestjs-hannibal-3"}])
    (missing,) = missing_secrets(given(aws, settings))
    assert "MAIL of the container api is the key password" in missing
    assert "has no value yet" in missing
    for text, problem in [('{"Password": "x"}', "does not have it"), (VALUE, "is no JSON"), ("[]", "does not have it")]:
        client.put_secret_value(SecretId=secret, SecretString=text)
        (missing,) = missing_secrets(given(aws, settings))
        assert problem in missing
        assert f"`aws secretsmanager put-secret-value --secret-id {secret} --secret-string file://FILE`" in missing
        assert VALUE not in missing

    def denied(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetSecretValue")

    with monkeypatch.context() as without_permission:
        without_permission.setattr(aws.secretsmanager, "get_secret_value", denied)
        assert missing_secrets(given(aws, settings)) == ()
    client.put_secret_value(SecretId=secret, SecretString='{"password": "x"}')
    assert missing_secrets(given(aws, settings)) == ()
