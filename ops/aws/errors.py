"""Translates botocore's errors into one clear line with advice."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigNotFound,
    ConfigParseError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    LoginError,
    MissingDependencyException,
    NoCredentialsError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
    TokenRetrievalError,
)
from botocore.exceptions import ConnectionError as BotoConnectionError
from botocore.parsers import ResponseParserError

from ops.errors import FailedError, OpsError, UnreachableError

# Error codes of different services with the same meaning (each service's API reference, "Common errors").
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
_UNKNOWN_CREDENTIALS = {
    *("InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException"),
    *("IncompleteSignature", "IncompleteSignatureException", "InvalidAccessKeyId", "AuthFailure"),
    *("MissingAuthenticationToken", "InvalidToken"),  # the latter of S3
    "ForbiddenException",  # IAM Identity Center, where nobody has assigned the profile's role (aws-sam-cli #2129)
}
DENIED = {
    *("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "UnauthorizedException"),
    *("AuthorizationError", "403"),  # SNS; S3's answer to HEAD, which has no error code
}
THROTTLED = {
    *("Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException"),
    *("RequestLimitExceeded", "TooManyRequestsException", "SlowDown", "BandwidthLimitExceeded"),
    "PriorRequestNotComplete",  # Route 53
}
SERVER_ERROR = 500  # from this HTTP status on the failure is AWS's own, whatever the error code
# A new account is not activated for a service yet (EC2 API reference, "Error codes", and others).
_NOT_ACTIVATED = {"OptInRequired", "SubscriptionRequiredException"}
# By the beginning or a part of the message, because other errors have the same code. A signature is valid for 5
# minutes, S3's for 15, by AWS's clock (IAM user guide, "Troubleshoot signed requests").
_CLOCK_CODES = {"RequestTimeTooSkewed"}
_CLOCK = ("Signature expired", "Signature not yet current")
_ORGANISATION = "The organisation forbids it, whatever the role: ask who administers it."
# Denials that hold for every role, by words of the message.
_WHATEVER_THE_ROLE = {
    "not enabled for cost explorer": "Open Cost Explorer once in the console, as root or with IAM access to billing; "
    "data come within a day.",
    "IAM user access not activated": "As root, activate IAM user and role access to billing information, in the "
    "console under Account.",
    "service control policy": _ORGANISATION,
    "resource control policy": _ORGANISATION,
}

_ANOTHER_ROLE = (
    "Use a role that may: the developer role for daily work, the CI/CD role to start and stop, "
    "an administrator's for the account itself (`hannibal bootstrap`)."
)
_LOG_IN = (
    "Log in with the AWS CLI 2 (`aws sso login`, `aws login`), set AWS_PROFILE or the AWS_ACCESS_KEY_ID family, "
    "and try again."
)
_HAND_OVER = (
    "Set AWS_PROFILE to a second profile, with `credential_process = aws configure export-credentials --profile NAME "
    "--format process`, NAME being the first: credentials that are copied end after 15 minutes."
)
_WHERE_CALLS_GO = "Check the network, a proxy, and AWS_ENDPOINT_URL, which sends calls elsewhere when it is set."
_EMBEDDED = 'For the embedded AWS: `hannibal local up`, then `eval "$(hannibal local env)"`.'

_MOST_SHOWN = 200


@contextmanager
def translated_errors() -> Iterator[None]:
    """Translate botocore's errors inside the block."""
    try:
        yield
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        raise explain(error) from error


@contextmanager
def with_advice(*advice: str) -> Iterator[None]:
    """Translate botocore's errors inside the block, and add advice, such as that AWS goes on, and how to watch it."""
    try:
        yield
    except (BotoCoreError, ClientError, ResponseParserError) as error:
        explained = explain(error)
        raise type(explained)(explained.problem, *explained.advice, *advice) from error


def explain(error: BotoCoreError | ClientError | ResponseParserError) -> OpsError:
    """The error to show in place of botocore's."""
    if isinstance(error, ResponseParserError):
        return foreign_answer_error(f"an answer that cannot be read: {' '.join(str(error).split())[:_MOST_SHOWN]}")
    if isinstance(error, ClientError):
        return _explain_answer(error)
    if isinstance(error, NoCredentialsError | PartialCredentialsError | ProfileNotFound | CredentialRetrievalError):
        return UnreachableError(f"no usable AWS credentials: {error}", _LOG_IN, _EMBEDDED)
    if isinstance(error, MissingDependencyException) and "login credential provider" in str(error):
        return UnreachableError("this command cannot read the session of `aws login`", _HAND_OVER)  # it lacks awscrt
    if isinstance(error, SSOError | LoginError | TokenRetrievalError):
        return UnreachableError(f"the AWS login is not valid any more: {error}", _LOG_IN)
    if isinstance(error, EndpointConnectionError | BotoConnectionError | HTTPClientError):
        return unreachable(error)
    if isinstance(error, ConfigNotFound | ConfigParseError):
        return UnreachableError(f"AWS's configuration cannot be read: {error}", "Correct that file, and try again.")
    return FailedError(f"AWS call failed: {error}")


def foreign_answer_error(answer: str) -> OpsError:
    """The error for an answer that is not AWS's: of a proxy, a login page of a network, or another program."""
    return unreachable(f"another server answers in its place, with {answer}")


def unreachable(reason: object) -> OpsError:
    """The error for an endpoint that does not answer, or is no address."""
    if "Invalid header value" in str(reason):  # the rest of the message is the value: a session token
        return UnreachableError("no usable AWS credentials: a line break stands in one of them", _LOG_IN)
    return UnreachableError(f"AWS cannot be reached: {reason}", _WHERE_CALLS_GO, _EMBEDDED)


def _explain_answer(error: ClientError) -> OpsError:
    code = code_of(error)
    if not code:
        return foreign_answer_error(f"status {status_of(error)} and no error of AWS's")
    message = error.response["Error"].get("Message") or code
    operation = error.operation_name
    if (refused := _caller_error(operation, code, message)) is not None:
        return refused
    if code in THROTTLED:
        return FailedError(f"AWS still limits the rate of {operation} after several tries", "Try again in a minute.")
    if status_of(error) >= SERVER_ERROR:
        return UnreachableError(
            f"AWS cannot answer now: {operation}: {message}",
            "Try again in a minute.",
            _WHERE_CALLS_GO,
            "The embedded AWS says why: `hannibal local logs`.",
        )
    return FailedError(f"{operation} failed: {message} ({code})")


def _caller_error(operation: str, code: str, message: str) -> OpsError | None:
    """The error where AWS refuses this caller; None for other errors."""
    if code in _CLOCK_CODES or message.startswith(_CLOCK):
        return UnreachableError(
            f"this machine's clock differs from AWS's ({operation}: {message})", "Set it right, and try again."
        )
    if code in _EXPIRED:
        return UnreachableError(f"the AWS credentials have expired ({operation}: {message})", _LOG_IN)
    if code in _UNKNOWN_CREDENTIALS:
        return UnreachableError(f"AWS does not know these credentials ({operation}: {message})", _LOG_IN, _EMBEDDED)
    if code in _NOT_ACTIVATED:
        return UnreachableError(
            f"this account is not activated for {operation} yet: {message}",
            "A new account is ready up to 24 hours after its payment method and telephone number were verified.",
        )
    if code in DENIED:
        advice = next((it for words, it in _WHATEVER_THE_ROLE.items() if words in message), _ANOTHER_ROLE)
        return UnreachableError(f"these credentials may not do {operation}: {message}", advice)
    return None


def code_of(error: ClientError) -> str:
    """The error code, such as ``ValidationError``; empty where something else than AWS answered."""
    return error.response.get("Error", {}).get("Code", "")


def message_of(error: ClientError) -> str:
    """The message in AWS's words."""
    return error.response.get("Error", {}).get("Message", "")


class ignoring:  # noqa: N801 - as `contextlib.suppress` is called
    """Ignore errors with one of these codes, such as that a resource does not exist; the block ends there."""

    def __init__(self, *codes: str) -> None:
        self._codes = codes

    def __enter__(self) -> None: ...

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        return isinstance(error, ClientError) and code_of(error) in self._codes


def is_temporary(error: BotoCoreError | ClientError | ResponseParserError) -> bool:
    """Whether an error may be temporary: a lost network, half an answer, throttling, or a failure of AWS."""
    if isinstance(error, ClientError):
        return code_of(error) in THROTTLED or status_of(error) >= SERVER_ERROR
    return isinstance(error, BotoConnectionError | HTTPClientError | ResponseParserError)


def is_signed_out(error: BotoCoreError | ClientError) -> bool:
    """Whether AWS does not accept these credentials any more, for any call."""
    if isinstance(error, ClientError):
        return code_of(error) in _EXPIRED | _UNKNOWN_CREDENTIALS
    return isinstance(
        error, NoCredentialsError | CredentialRetrievalError | SSOError | LoginError | TokenRetrievalError
    )


def is_denied(error: ClientError) -> bool:
    """Whether the credentials lack a permission."""
    return code_of(error) in DENIED


def status_of(error: ClientError) -> int:
    """The HTTP status of the answer; S3's answer to HEAD has no error code."""
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
