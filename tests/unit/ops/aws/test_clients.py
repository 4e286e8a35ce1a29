"""The clients of a session with AWS."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from installation.settings.file import load_settings
from ops.aws.clients import Aws
from ops.errors import UnreachableError
from tests.support.calls import clients


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Aws:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    return Aws(load_settings("dev"))


def test_a_client_is_made_once_and_for_the_region(aws: Aws) -> None:
    assert aws.ssm is aws.ssm
    assert aws.ssm.meta.region_name == "ap-northeast-1"
    assert "us-east-1" in aws.cost_explorer.meta.endpoint_url


def test_the_region_of_other_tools_is_the_one_that_they_take(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    """The AWS CLI and the CDK take AWS_REGION before all else, which boto3 does not know."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.delenv("AWS_REGION", raising=False)
    assert aws.configured_region == "us-east-1"
    monkeypatch.setenv("AWS_REGION", "ap-northeast-1")
    assert aws.configured_region == "ap-northeast-1"


@pytest.fixture
def profiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two profiles, and one that asks for a second factor through another one."""
    (tmp_path / "config").write_text(
        "[profile dev]\naws_access_key_id = dev\naws_secret_access_key = s\n"
        "[profile prod]\naws_access_key_id = prod\naws_secret_access_key = s\n"
        "[profile person]\nrole_arn = arn:aws:iam::123456789012:role/x\nsource_profile = dev\nmfa_serial = arn:x\n"
        "[profile further]\nrole_arn = arn:aws:iam::123456789012:role/y\nsource_profile = person\n"
    )
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("profiles")
def test_the_cdk_works_with_the_profile_that_was_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two variables that name one, boto3 takes the first of these and the CDK the second."""
    monkeypatch.setenv("AWS_DEFAULT_PROFILE", "dev")
    monkeypatch.setenv("AWS_PROFILE", "prod")
    aws = Aws(load_settings("dev"))
    assert aws.client("sts", region="us-east-1", config=Config())._request_signer._credentials.access_key == "dev"
    variables = aws.variables_of_child
    assert variables["AWS_PROFILE"] == "dev"
    assert "AWS_ACCESS_KEY_ID" not in variables


@pytest.mark.usefixtures("profiles")
@pytest.mark.parametrize("profile", ["person", "further"])
def test_the_cdk_gets_what_a_second_factor_was_given_for(monkeypatch: pytest.MonkeyPatch, profile: str) -> None:
    """Without a terminal it says that no credentials have been configured."""
    monkeypatch.setenv("AWS_PROFILE", profile)
    aws = Aws(load_settings("dev"))
    frozen = SimpleNamespace(access_key="key", secret_key="secret", token="token")
    given = SimpleNamespace(get_frozen_credentials=lambda: frozen)
    monkeypatch.setattr(aws._session, "get_credentials", lambda: given)
    monkeypatch.setenv("AWS_SESSION_TOKEN", "of another")
    variables = aws.variables_of_child
    assert {variables[f"AWS_{name}"] for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN")} == {
        "key",
        "secret",
        "token",
    }
    frozen.token = None
    assert "AWS_SESSION_TOKEN" not in aws.variables_of_child


def test_without_a_profile_the_cdk_gets_the_variables_as_they_are(aws: Aws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    assert "AWS_PROFILE" not in aws.variables_of_child
    assert aws.variables_of_child["AWS_ACCESS_KEY_ID"] == "key"


def test_threads_share_one_client(aws: Aws) -> None:
    with ThreadPoolExecutor(8) as threads:
        assert len({id(client) for client in threads.map(lambda _: aws.sts, range(32))}) == 1


def test_each_client_is_of_the_service_that_it_is_named_for() -> None:
    assert clients()["elbv2"] == "ElasticLoadBalancingv2Client"
    assert len(clients()) >= 18


def answering(client: Any, status: int, kind: str, body: bytes) -> None:
    """Have a client be answered without a network."""

    def answer(**_: object) -> AWSResponse:
        headers: Any = {"content-type": kind}
        raw = SimpleNamespace(read=lambda *_: body, stream=lambda **_: iter([body]))
        return AWSResponse("http://127.0.0.1", status, headers, raw)

    client.meta.events.register("before-send", answer)


@pytest.mark.parametrize("answered", [False, True])
def test_an_address_where_nobody_answers_is_said_after_two_tries(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, answered: bool
) -> None:
    """Whatever is asked first; later a connection that breaks is tried as often as all else."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    tries: list[str] = []

    def answer(**_: object) -> Any:
        if answered and not tries:
            tries.append("answered")
            headers: Any = {"content-type": "application/x-amz-json-1.1"}
            return AWSResponse("http://127.0.0.1", 200, headers, SimpleNamespace(stream=lambda **_: iter([b"{}"])))
        tries.append("refused")
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1")

    aws.logs.meta.events.register("before-send", answer)
    if answered:
        aws.logs.describe_log_groups()
    with pytest.raises(EndpointConnectionError):
        aws.logs.describe_log_groups()
    assert tries.count("refused") == (7 if answered else 2)


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        (400, "ThrottlingException", "AWS limits the rate of calls (DescribeLogGroups: ThrottlingException)"),
        (500, "", "AWS fails at the moment (DescribeLogGroups: 500)"),
    ],
)
def test_why_it_takes_long_is_said_once(
    aws: Aws, monkeypatch: pytest.MonkeyPatch, status: int, code: str, said: str
) -> None:
    """Seven tries with their pauses take up to a minute, and a screen of status makes sixty calls."""
    monkeypatch.setattr("time.sleep", lambda _: None)
    # After an answer that says so, botocore limits its own rate as well: half a minute of waiting here.
    monkeypatch.setattr("botocore.retries.bucket.TokenBucket.acquire", lambda *_, **__: True)
    messages: list[str] = []
    aws.notify = messages.append
    answering(aws.logs, status, "application/x-amz-json-1.1", json.dumps({"__type": code} if code else {}).encode())
    for _ in range(2):
        with pytest.raises(ClientError):
            aws.logs.describe_log_groups()
    (line,) = messages
    assert line.startswith(said)


@pytest.mark.parametrize("status", [200, 302, 403])
def test_a_page_in_place_of_an_answer_is_named(aws: Aws, status: int) -> None:
    """Of a network that wants a login, or of a proxy."""
    answering(aws.sts, status, "text/html; charset=utf-8", b"<html>log in</html>")
    with pytest.raises(UnreachableError, match=rf"in its place, with a page \(text/html\), status {status}"):
        aws.sts.get_caller_identity()


# HEAD has no body.
@pytest.mark.parametrize(("operation", "body"), [("get_object", b"<html></html>"), ("head_object", b"")])
def test_a_page_that_is_an_object_is_none_in_place_of_an_answer(aws: Aws, operation: str, body: bytes) -> None:
    answering(aws.s3, 200, "text/html", body)
    assert getattr(aws.s3, operation)(Bucket="pages", Key="index.html")["ContentType"] == "text/html"


@pytest.mark.parametrize(
    "address", ["localhost", "http://", "http://a b", "http://127.0.0.1:456666", "http://127.0.0.1:port"]
)
def test_an_address_that_is_none_is_one_error(aws: Aws, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", address)
    with pytest.raises(UnreachableError, match=r"reached: (Invalid endpoint|Port )"):
        _ = Aws(load_settings("dev")).sts
