from pathlib import Path

import boto3
import pytest
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigParseError,
    EndpointConnectionError,
    LoginRefreshRequired,
    LoginTokenLoadError,
    NoCredentialsError,
    ProfileNotFound,
    ReadTimeoutError,
    TokenRetrievalError,
)
from botocore.parsers import ResponseParserError

from ops.aws.errors import explain, translated_errors, with_advice
from ops.errors import ExitCode, OpsError, UnreachableError
from tests.support.fake_clients import client_error

# A proxy refuses with a page: botocore finds no error in it.
NO_ANSWER_OF_AWS = ClientError({"ResponseMetadata": {"HTTPStatusCode": 403}}, "Operation")  # type: ignore[typeddict-item]


@pytest.mark.parametrize(
    ("error", "code", "says"),
    [
        (NoCredentialsError(), ExitCode.UNREACHABLE, "no usable AWS credentials"),
        (ProfileNotFound(profile="x"), ExitCode.UNREACHABLE, "no usable AWS credentials"),
        (TokenRetrievalError(provider="sso", error_msg="old"), ExitCode.UNREACHABLE, "login is not valid"),
        (LoginRefreshRequired(), ExitCode.UNREACHABLE, "login is not valid any more: Your session has expired"),
        (LoginTokenLoadError(error_msg="gone"), ExitCode.UNREACHABLE, "login is not valid"),
        (EndpointConnectionError(endpoint_url="http://127.0.0.1:1"), ExitCode.UNREACHABLE, "cannot be reached"),
        (ReadTimeoutError(endpoint_url="http://127.0.0.1:1"), ExitCode.UNREACHABLE, "cannot be reached"),
        (BotoCoreError(), ExitCode.FAILED, "AWS call failed"),
        (ConfigParseError(path="/a", error="b"), ExitCode.UNREACHABLE, "configuration cannot be read"),
        (ResponseParserError("no\nXML"), ExitCode.UNREACHABLE, "another server answers in its place"),
        (NO_ANSWER_OF_AWS, ExitCode.UNREACHABLE, "another server answers in its place, with status 403"),
        (client_error("503", "Service Unavailable", status=503), ExitCode.UNREACHABLE, "cannot answer now: Operation"),
        (client_error("InternalFailure", "Unknown", status=500), ExitCode.UNREACHABLE, "cannot answer now: Operation"),
        (client_error("ExpiredToken", "is old"), ExitCode.UNREACHABLE, "expired"),
        (client_error("InvalidClientTokenId", "?"), ExitCode.UNREACHABLE, "does not know these credentials"),
        (client_error("AccessDenied", "no"), ExitCode.UNREACHABLE, "may not do Operation: no"),
        (client_error("403", "Forbidden"), ExitCode.UNREACHABLE, "may not do Operation: Forbidden"),
        (
            client_error("ForbiddenException", "No access", "GetRoleCredentials"),
            ExitCode.UNREACHABLE,
            "does not know these credentials (GetRoleCredentials: No access)",
        ),
        (client_error("InvalidToken", "?"), ExitCode.UNREACHABLE, "does not know these credentials"),
        (client_error("AuthorizationError", "no"), ExitCode.UNREACHABLE, "may not do Operation: no"),
        (client_error("RequestTimeTooSkewed", "far"), ExitCode.UNREACHABLE, "this machine's clock differs from AWS's"),
        (
            client_error("SignatureDoesNotMatch", "Signature expired: 20261126T000000Z is now earlier than"),
            ExitCode.UNREACHABLE,
            "this machine's clock differs from AWS's",
        ),
        (
            client_error("InvalidSignatureException", "Signature not yet current: 20261126T000000Z"),
            ExitCode.UNREACHABLE,
            "this machine's clock differs from AWS's",
        ),
        (client_error("InvalidSignatureException", "?"), ExitCode.UNREACHABLE, "does not know these credentials"),
        (client_error("OptInRequired", "sign up"), ExitCode.UNREACHABLE, "this account is not activated for Operation"),
        (client_error("PriorRequestNotComplete"), ExitCode.FAILED, "limits the rate of Operation"),
        (client_error("SlowDown", status=503), ExitCode.FAILED, "limits the rate of Operation"),
        (client_error("ThrottlingException"), ExitCode.FAILED, "limits the rate of Operation"),
        (client_error("ValidationError", "bad name"), ExitCode.FAILED, "Operation failed: bad name (ValidationError)"),
    ],
)
def test_each_error_is_one_line_with_its_exit_code(
    error: BotoCoreError | ClientError | ResponseParserError, code: ExitCode, says: str
) -> None:
    found = explain(error)
    assert says in found.problem
    assert "\n" not in found.problem
    assert found.exit_code is code


def test_a_token_with_a_line_break_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied with the end of its line, from a file of Windows as well."""
    for name, value in {
        "ACCESS_KEY_ID": "key",
        "SECRET_ACCESS_KEY": "x",
        "SESSION_TOKEN": "token-of-a-session\r",
    }.items():
        monkeypatch.setenv(f"AWS_{name}", value)
    client = boto3.Session(region_name="ap-northeast-1").client("sts", endpoint_url="http://127.0.0.1:1")
    with pytest.raises(UnreachableError, match="a line break stands in one of them") as raised, translated_errors():
        client.get_caller_identity()
    assert "token-of-a-session" not in "".join((raised.value.problem, *raised.value.advice))


def test_a_session_of_aws_login_is_handed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """botocore reads it with awscrt alone, which is not among the pinned packages."""
    config = tmp_path / "config"
    config.write_text("[default]\nlogin_session = arn:aws:iam::123456789012:user/somebody\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(UnreachableError, match="aws login") as raised, translated_errors():
        boto3.Session(region_name="ap-northeast-1").client("sts").get_caller_identity()
    # Copied ones end after 15 minutes (AWS SDKs and tools reference, "Login credentials provider").
    assert "credential_process = aws configure export-credentials" in raised.value.advice[0]


def test_what_botocore_raises_in_the_block_is_explained_and_the_rest_is_not() -> None:
    with pytest.raises(OpsError, match="expired"), translated_errors():
        raise client_error("ExpiredToken")
    with pytest.raises(KeyError), translated_errors():
        raise KeyError


def test_what_continues_without_the_command_is_said_after_the_error() -> None:
    with (
        pytest.raises(UnreachableError, match="cannot be reached") as raised,
        translated_errors(),
        with_advice("It goes on.", "Come back."),
    ):
        raise EndpointConnectionError(endpoint_url="http://127.0.0.1:1")
    assert raised.value.advice[-2:] == ("It goes on.", "Come back.")


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("User not enabled for cost explorer access", "Open Cost Explorer once in the console"),
        # As CloudTrail records it: no role may, whatever its policies.
        ("IAM user access not activated", "As root, activate IAM user and role access"),
        ("User: x is not authorized, with an explicit deny in a service control policy", "The organisation forbids it"),
        ("User: x is not authorized to perform: ecs:RunTask", "Use a role that may"),
    ],
)
def test_a_denied_call_is_explained_with_advice(message: str, remedy: str) -> None:
    assert remedy in explain(client_error("AccessDeniedException", message)).advice[0]
