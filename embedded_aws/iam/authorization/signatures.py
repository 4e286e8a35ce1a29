"""Makes root sign its requests like all other principals, with keys that cannot be guessed.

The emulator verifies the signatures of users and roles. But it accepts an empty key, ``test`` and any account number as
root's, and never verifies root's signature. It derives the keys of Lambda functions from their names, verifies
presigned URLs of S3 separately, also root's, and accepts any content of GitHub's tokens. Their real signature cannot be
verified without a network, and anyone who can write a token acts as the pipeline: so root's secret signs them here.
"""

import base64
import hashlib
import hmac
import os
import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

from ministack import app
from ministack.core import iam_evaluator, lambda_runtime
from ministack.core.iam_evaluator import AuthError, ResolvedCredential, SignedRequest
from ministack.services import lambda_svc, sts

from embedded_aws.core import emulator as requests
from embedded_aws.core.patching import Function, wrap, wrap_everywhere
from embedded_aws.core.refusal import Refusal, answering
from embedded_aws.core.request_guard import OPEN_PATHS
from embedded_aws.iam import emulator

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_MISMATCH: Final = "XAmzContentSHA256Mismatch"
_OTHER_BODY: Final = "The provided 'x-amz-content-sha256' header does not match what was computed."
# As reported by users (aws-sdk-rust #827).
_NOT_VERIFIED: Final = (
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity "
    "documentation for requirements"
)
# Services that the project calls without a signature; the emulator's Cognito would give anyone a session.
_UNSIGNED_SERVICES: Final = frozenset({"sns", "sts"})
# Whether the emulator is deciding whether to verify a signature: then root's key is treated as any other.
_pinning: ContextVar[bool] = ContextVar("hannibal_pinning_request", default=False)
# Whether the request is a presigned URL of S3, which S3 verifies after the policies.
_presigned: ContextVar[bool] = ContextVar("hannibal_presigned_request", default=False)


def install() -> None:
    """Verify root's signatures if the server enforces policies."""
    if not app.AUTH:
        return
    # The error in services of the query protocol, of JSON, and in S3.
    signature_failed = ("SignatureDoesNotMatch", 403, "InvalidSignatureException")
    emulator.authentication_failures[_MISMATCH] = (*signature_failed, (_MISMATCH, 400, _OTHER_BODY))
    root = os.environ["AWS_ACCESS_KEY_ID"]
    wrap_everywhere(iam_evaluator, "is_root_access_key", lambda _original, key: not _pinning.get() and key == root)
    wrap_everywhere(iam_evaluator, "pin_signed_request", _pin)
    wrap_everywhere(iam_evaluator, "caller_verified", _verify_caller)
    wrap_everywhere(iam_evaluator, "authenticate", _authenticate)
    wrap_everywhere(iam_evaluator, "enforce", _enforce)
    requests.handle_before_body.wrap(_refuse_unsigned_paths)
    emulator.check_web_identity.wrap(answering(_check_token, Refusal.as_query_xml))
    for module in (lambda_runtime, lambda_svc):
        wrap(module, "execution_credentials", _random_credentials)


def _pin(original: Function, *arguments: Any, **named: Any) -> None:
    token = _pinning.set(True)
    try:
        original(*arguments, **named)
    finally:
        _pinning.reset(token)
    request = emulator.signed_request.get()
    _presigned.set(request is not None and request.s3_scoped)


def _authenticate(original: Function, access_key: str, account: str) -> Any:
    """Refuse a key without a verified signature, from this check or an earlier one."""
    request = emulator.signed_request.get()
    checked = original(access_key, account)
    if isinstance(checked, ResolvedCredential) and request is not None and not _is_body_signed(request):
        return AuthError(_MISMATCH, _OTHER_BODY)
    verified = checked is not None or _is_verified_key(access_key) or _presigned.get()
    return checked if verified else AuthError("MissingAuthenticationToken", "Missing Authentication Token")


def _is_body_signed(request: SignedRequest) -> bool:
    """Whether the body matches the signed digest; the emulator trusts the header."""
    digest = request.headers.get("x-amz-content-sha256", "")
    return not _SHA256.fullmatch(digest) or hashlib.sha256(request.body).hexdigest() == digest


def _verify_caller(_original: Function, access_key: str, account: str) -> bool:
    if not access_key or _is_verified_key(access_key):
        return bool(access_key)
    return not isinstance(iam_evaluator.authenticate(access_key, account), AuthError)


def _is_verified_key(access_key: str) -> bool:
    return bool(access_key) and emulator.verified_key.get() == access_key


def authentication_failed(access_key: str) -> bool:
    """Whether the current request has a key without a valid signature."""
    return bool(app.AUTH and access_key and not _is_verified_key(access_key) and not _presigned.get())


def _enforce(original: Function, access_key: str, action: str, service: str, *rest: Any, **named: Any) -> Any:
    """Allow what AWS serves without credentials, such as exchanging GitHub's token."""
    if not access_key and service in _UNSIGNED_SERVICES and emulator.served_unsigned(service, action):
        return None
    if not access_key and service == "s3":
        return AuthError("MissingAuthenticationToken", "Access Denied")  # the project has no public bucket
    return original(access_key, action, service, *rest, **named)


def _check_token(original: Function, role_arn: str, parameters: Any, *rest: Any) -> Any:
    """Refuse a token of GitHub that root's secret did not sign (RFC 7515, ``HS256``)."""
    signed, _, signature = emulator.parameter(parameters, "WebIdentityToken").rpartition(".")
    root = os.environ["AWS_SECRET_ACCESS_KEY"].encode()
    wanted = base64.urlsafe_b64encode(hmac.digest(root, signed.encode(), hashlib.sha256)).rstrip(b"=")
    if not hmac.compare_digest(signature.encode(), wanted):
        raise Refusal("Sts", "InvalidIdentityToken", _NOT_VERIFIED)
    return original(role_arn, parameters, *rest)


async def _refuse_unsigned_paths(original: Function, method: str, path: str, *rest: Any) -> Any:
    """Close the paths without signatures: the emulator's own, and the registry's, where anyone could push images."""
    own = path.startswith("/_ministack/") and not path.startswith(OPEN_PATHS)
    if own or requests.is_registry_path(path):
        text = "With --auth the embedded AWS does not serve this path, because nothing there checks a signature.\n"
        return 403, {"Content-Type": "text/plain"}, text.encode()
    return await original(method, path, *rest)


def _random_credentials(_original: Function, config: Mapping[str, Any]) -> dict[str, str]:
    """A session of a function's role, always the same for a function, and secret to anyone without root's secret."""
    role, function = str(config.get("Role", "")), str(config.get("FunctionArn", ""))
    name, role_name = str(config.get("FunctionName", "function"))[:64], role.rpartition("/")[2]
    account = function.split(":")[4]
    key, secret, token = (_digest(purpose, function, role) for purpose in ("key", "secret", "token"))
    session = {
        "Arn": f"arn:aws:sts::{account}:assumed-role/{role_name}/{name}",
        "SecretAccessKey": secret,
        "SessionToken": token,
        "UserId": f"{role_name}:{name}",
    }
    access_key = f"ASIA{key[:16].upper()}"
    sts.register_session(access_key, session)
    return {"AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}


def _digest(*parts: str) -> str:
    root = os.environ["AWS_SECRET_ACCESS_KEY"].encode()
    return hmac.new(root, "\n".join(parts).encode(), hashlib.sha256).hexdigest()
