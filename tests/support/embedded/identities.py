"""Assumes roles of the embedded AWS like people and workflows."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import boto3
import botocore.session

from tests.support.embedded.server import EmbeddedAws

REPOSITORY = "repo:hannibal-platform/nestjs-hannibal-3"
ISSUER = "https://token.actions.githubusercontent.com"
DEPLOYING: Mapping[str, str] = {
    "sub": f"{REPOSITORY}:environment:dev",
    "ref": "refs/heads/main",
    "job_workflow_ref": "hannibal-platform/nestjs-hannibal-3/.github/workflows/deploy.yml@refs/heads/main",
}
PULL_REQUEST: Mapping[str, str] = {"sub": f"{REPOSITORY}:pull_request", "ref": "refs/pull/1/merge"}
_TRUSTS_THE_ACCOUNT = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::000000000000:root"}, "Action": "sts:AssumeRole"}
    ],
}


class Identity:
    """The credentials of one session, with clients for it."""

    def __init__(self, server: EmbeddedAws, credentials: Mapping[str, Any]) -> None:
        self._server = server
        self._key, self._secret = credentials["AccessKeyId"], credentials["SecretAccessKey"]
        self._token = credentials.get("SessionToken")
        self._clients: dict[str, Any] = {}

    @property
    def environment(self) -> dict[str, str]:
        """The environment for a subprocess with this identity."""
        chosen = {"AWS_ACCESS_KEY_ID": self._key, "AWS_SECRET_ACCESS_KEY": self._secret}
        return self._server.environment | chosen | ({"AWS_SESSION_TOKEN": self._token} if self._token else {})

    def client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._new_client(service)
        return self._clients[service]

    def _new_client(self, service: str) -> Any:
        client: Any = boto3.Session(
            aws_access_key_id=self._key,
            aws_secret_access_key=self._secret,
            aws_session_token=self._token,
            region_name="ap-northeast-1",
            botocore_session=botocore.session.Session(),
        ).client(service, endpoint_url=self._server.endpoint)  # type: ignore[call-overload]
        # S3 Control puts the account number before the host name, which loopback cannot resolve.
        client.meta.events.register("before-sign.s3-control.*", _plain_address)
        return client


def _plain_address(request: Any, **_: object) -> None:
    request.url = request.url.replace("//000000000000.", "//")


def arn(role: str) -> str:
    return f"arn:aws:iam::000000000000:role/{role}"


def github_token(*, secret: str = "", **claims: str) -> str:
    """A token like GitHub's for a job, but signed with the secret of the embedded AWS's root user."""
    parts = ({"alg": "HS256"}, {"iss": ISSUER, "aud": "sts.amazonaws.com", **claims})
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in parts)
    return f"{signed}.{_encoded(hmac.digest(secret.encode(), signed.encode(), hashlib.sha256))}"


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def as_workflow(server: EmbeddedAws, role: str, **claims: str) -> Identity:
    """The identity of a GitHub job that has assumed a role."""
    token = github_token(secret=server.credentials["secret_access_key"], **claims)
    answer = (
        server.session()
        .client("sts")
        .assume_role_with_web_identity(RoleArn=arn(role), RoleSessionName="github", WebIdentityToken=token)
    )
    return Identity(server, answer["Credentials"])


def as_role(server: EmbeddedAws, role: str, **options: Any) -> Identity:
    """The identity of a role that trusts the account or a service, assumed by the account's administrator."""
    answer = server.session().client("sts").assume_role(RoleArn=arn(role), RoleSessionName="tests", **options)
    return Identity(server, answer["Credentials"])


def as_service_role(server: EmbeddedAws, role: str) -> Identity:
    """The identity of a service's role, which for a moment also trusts the administrator."""
    iam = server.session().client("iam")
    trust = iam.get_role(RoleName=role)["Role"]["AssumeRolePolicyDocument"]
    iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(_TRUSTS_THE_ACCOUNT))
    try:
        return as_role(server, role)
    finally:
        iam.update_assume_role_policy(RoleName=role, PolicyDocument=json.dumps(trust))


def new_role(server: EmbeddedAws, name: str, *, boundary: str) -> Identity:
    """The identity of a new role with all permissions that its permissions boundary allows."""
    iam = server.session().client("iam")
    iam.create_role(
        RoleName=name,
        AssumeRolePolicyDocument=json.dumps(_TRUSTS_THE_ACCOUNT),
        PermissionsBoundary=f"arn:aws:iam::000000000000:policy/{boundary}",
    )
    iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    return as_role(server, name)
