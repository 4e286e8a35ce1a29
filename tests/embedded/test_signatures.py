"""With ``--auth`` a request is whoever signed it: a wrong signature, an old one or none is nobody.

Requests are signed here by botocore's signer and sent as they are, some of them changed on the way.
"""

import datetime as dt
import hashlib
import http.client
import json
import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore import UNSIGNED
from botocore.auth import HmacV1Auth, S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from tests.support.embedded.identities import ISSUER, github_token
from tests.support.embedded.server import EmbeddedAws
from tests.support.waiting import LIMIT_SECONDS

pytestmark = pytest.mark.embedded
REGION, BUCKET = "ap-northeast-1", "signed"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
LIST_USERS = "Action=ListUsers&Version=2010-05-08"
UNKNOWN = ("InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId")

VERSION_4, NO_SIGNATURE = Config(signature_version="s3v4"), Config(signature_version=UNSIGNED)

Change = Callable[[AWSRequest], None]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedAws]:
    server = EmbeddedAws(tmp_path_factory.mktemp("signatures"), options=("--auth", "--cloudtrail"))
    server.start()
    s3 = server.session().client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    s3.put_object(Bucket=BUCKET, Key="kept", Body=b"content")
    yield server
    server.close()


def root(server: EmbeddedAws, *, secret: str | None = None) -> Credentials:
    return Credentials(server.credentials["access_key_id"], secret or server.credentials["secret_access_key"])


def session(server: EmbeddedAws, key: str, secret: str) -> boto3.Session:
    return boto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=REGION)


def send(server: EmbeddedAws, request: AWSRequest) -> tuple[int, str]:
    address = urlsplit(str(request.url))
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=LIMIT_SECONDS)
    try:
        target = address.path + (f"?{address.query}" if address.query else "")
        connection.request(str(request.method), target, body=request.data or b"", headers=dict(request.headers.items()))
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def list_users(server: EmbeddedAws, *, secret: str | None = None) -> AWSRequest:
    request = AWSRequest("POST", f"{server.endpoint}/", headers=dict(FORM), data=LIST_USERS)
    SigV4Auth(root(server, secret=secret), "iam", "us-east-1").add_auth(request)
    return request


class UnsignedPayload(S3SigV4Auth):
    def payload(self, request: AWSRequest) -> str:
        del request
        return "UNSIGNED-PAYLOAD"


def put(server: EmbeddedAws, signer: type[S3SigV4Auth] = S3SigV4Auth) -> AWSRequest:
    request = AWSRequest("PUT", f"{server.endpoint}/{BUCKET}/new%20one", data=b"sent")
    signer(root(server), "s3", REGION).add_auth(request)
    return request


# -- who is nobody ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("key", ["test", "000000000000", "111122223333", "AKIAIOSFODNN7EXAMPLE"])
@pytest.mark.parametrize("service", ["iam", "s3", "ssm", "ec2", "lambda"])
def test_guessable_access_keys_are_no_identity(server: EmbeddedAws, key: str, service: str) -> None:
    calls = {
        "ec2": "describe_vpcs",
        "iam": "list_users",
        "lambda": "list_functions",
        "s3": "list_buckets",
        "ssm": "describe_parameters",
    }
    client = session(server, key, "test").client(service, endpoint_url=server.endpoint)  # type: ignore[call-overload]

    with pytest.raises(ClientError) as raised:
        getattr(client, calls[service])()
    assert raised.value.response["Error"]["Code"] in (*UNKNOWN, "AuthFailure")


def test_the_secret_must_be_roots(server: EmbeddedAws) -> None:
    assert send(server, list_users(server))[0] == 200

    status, text = send(server, list_users(server, secret="x" * 40))

    assert (status, "SignatureDoesNotMatch" in text) == (403, True)


def test_sts_refuses_an_unknown_access_key(server: EmbeddedAws) -> None:
    client = session(server, "test", "test").client("sts", endpoint_url=server.endpoint)

    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client.get_caller_identity()


@pytest.mark.parametrize("secret", ["", "test", "x" * 40])
def test_a_token_of_github_must_be_signed_with_roots_secret(server: EmbeddedAws, secret: str) -> None:
    """GitHub's own signature cannot be verified without a network, and anybody can write down what it would say."""
    host, role = ISSUER.removeprefix("https://"), f"workflow-{len(secret)}"
    trusted = {"Federated": f"arn:aws:iam::000000000000:oidc-provider/{host}"}
    allowed = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRoleWithWebIdentity"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    server.session().client("iam").create_role(RoleName=role, AssumeRolePolicyDocument=trust)
    sts = boto3.client("sts", region_name=REGION, endpoint_url=server.endpoint, config=NO_SIGNATURE)
    wanted: Any = {"RoleArn": f"arn:aws:iam::000000000000:role/{role}", "RoleSessionName": "job"}

    with pytest.raises(ClientError, match="InvalidIdentityToken"):
        sts.assume_role_with_web_identity(WebIdentityToken=github_token(secret=secret, sub="x"), **wanted)
    signed = github_token(secret=server.credentials["secret_access_key"], sub="x")
    assert sts.assume_role_with_web_identity(WebIdentityToken=signed, **wanted)["Credentials"]


def test_no_service_gives_credentials_to_unsigned_callers(server: EmbeddedAws) -> None:
    cognito = boto3.client("cognito-identity", region_name=REGION, endpoint_url=server.endpoint, config=NO_SIGNATURE)

    with pytest.raises(ClientError, match="MissingAuthenticationToken"):
        cognito.get_credentials_for_identity(IdentityId=f"{REGION}:11111111-2222-3333-4444-555555555555")


def other_body(request: AWSRequest) -> None:
    request.data = LIST_USERS.replace("Users", "Roles")


def other_host(request: AWSRequest) -> None:
    request.headers["Host"] = str(request.url).split("/")[2].replace("127.0.0.1", "localhost")


def other_date(request: AWSRequest) -> None:
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
    request.headers.replace_header("X-Amz-Date", later.strftime("%Y%m%dT%H%M%SZ"))


def other_scope(request: AWSRequest) -> None:
    request.headers.replace_header("Authorization", request.headers["Authorization"].replace("/iam/", "/sts/"))


def no_signature(request: AWSRequest) -> None:
    del request.headers["Authorization"]


def empty_signature(request: AWSRequest) -> None:
    head, _, _ = request.headers["Authorization"].rpartition("=")
    request.headers.replace_header("Authorization", f"{head}=")


def half_a_header(request: AWSRequest) -> None:
    request.headers.replace_header("Authorization", request.headers["Authorization"].partition(", ")[0])


def another_algorithm(request: AWSRequest) -> None:
    request.headers.replace_header("Authorization", request.headers["Authorization"].replace("SHA256", "NONE", 1))


def bearer(request: AWSRequest) -> None:
    request.headers.replace_header("Authorization", "Bearer token")


@pytest.mark.parametrize(
    "change",
    [
        other_body,
        other_host,
        other_date,
        other_scope,
        no_signature,
        empty_signature,
        half_a_header,
        another_algorithm,
        bearer,
    ],
)
def test_a_request_that_is_changed_on_its_way_is_refused(server: EmbeddedAws, change: Change) -> None:
    request = list_users(server)
    change(request)

    status, text = send(server, request)

    assert status in (400, 403), text
    assert "<member>" not in text


def test_an_old_request_is_refused(server: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    old = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=20)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: old.replace(tzinfo=None))

    status, text = send(server, list_users(server))

    assert status in (400, 403), text
    assert "Signature expired" in text


def test_a_session_needs_its_token(server: EmbeddedAws) -> None:
    iam = server.session().client("iam")
    trust = '{"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}'
    iam.create_role(RoleName="signed", AssumeRolePolicyDocument=trust)
    given = server.session().client("sts").assume_role(
        RoleArn="arn:aws:iam::000000000000:role/signed", RoleSessionName="tests"
    )["Credentials"]  # fmt: skip
    client = session(server, given["AccessKeyId"], given["SecretAccessKey"]).client("ssm", endpoint_url=server.endpoint)

    with pytest.raises(ClientError, match=r"UnrecognizedClientException|InvalidClientTokenId"):
        client.describe_parameters()


def test_the_keys_of_functions_do_not_follow_from_their_names(server: EmbeddedAws) -> None:
    """The emulator derives them so; a caller that knew the name would have the function's role."""
    function = f"arn:aws:lambda:{REGION}:000000000000:function:f"
    digest = hashlib.sha256(f"{function}:arn:aws:iam::000000000000:role/signed".encode()).hexdigest()
    guessed = boto3.Session(
        aws_access_key_id=f"ASIA{digest[:16].upper()}",
        aws_secret_access_key=hashlib.sha256(f"secret:{digest}".encode()).hexdigest(),
        aws_session_token=hashlib.sha256(f"token:{digest}".encode()).hexdigest(),
        region_name=REGION,
    ).client("sts", endpoint_url=server.endpoint)

    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        guessed.get_caller_identity()


# -- objects ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_objects_are_not_public(server: EmbeddedAws, method: str) -> None:
    status, text = send(server, AWSRequest(method, f"{server.endpoint}/{BUCKET}/kept"))

    assert status == 403, text
    assert server.session().client("s3").get_object(Bucket=BUCKET, Key="kept")["Body"].read() == b"content"


@pytest.mark.parametrize("signer", [S3SigV4Auth, UnsignedPayload])
def test_an_upload_may_leave_its_body_unsigned(server: EmbeddedAws, signer: type[S3SigV4Auth]) -> None:
    status, text = send(server, put(server, signer))

    assert status == 200, text
    assert server.session().client("s3").get_object(Bucket=BUCKET, Key="new one")["Body"].read() == b"sent"


def test_another_body_than_the_signed_one_is_refused(server: EmbeddedAws) -> None:
    request = put(server)
    request.data = b"other"

    status, text = send(server, request)

    assert (status, "XAmzContentSHA256Mismatch" in text) == (400, True)


def test_a_presigned_url_is_good_for_what_it_was_signed(server: EmbeddedAws) -> None:
    s3 = server.session().client("s3", config=VERSION_4)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "kept"})

    assert send(server, AWSRequest("GET", url)) == (200, "content")
    assert send(server, AWSRequest("DELETE", url))[0] == 403
    assert send(server, AWSRequest("GET", url.replace("/kept", "/new")))[0] == 403
    assert send(server, AWSRequest("GET", url.replace("X-Amz-Expires=3600", "X-Amz-Expires=7200")))[0] == 403
    assert send(server, AWSRequest("GET", url.partition("&X-Amz-Signature")[0]))[0] in (400, 403)


def test_a_presigned_url_with_another_secret_is_refused(server: EmbeddedAws) -> None:
    s3 = session(server, server.credentials["access_key_id"], "x" * 40).client(
        "s3", endpoint_url=server.endpoint, config=VERSION_4
    )
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "kept"})

    assert send(server, AWSRequest("GET", url))[0] == 403


def test_a_presigned_url_expires(server: EmbeddedAws, monkeypatch: pytest.MonkeyPatch) -> None:
    old = dt.datetime.now(dt.UTC) - dt.timedelta(minutes=2)
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: old.replace(tzinfo=None))
    s3 = server.session().client("s3", config=VERSION_4)
    url = s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "kept"}, ExpiresIn=60)

    assert send(server, AWSRequest("GET", url))[0] == 403


def test_the_old_signature_of_s3_needs_the_secret_too(server: EmbeddedAws) -> None:
    def request(secret: str | None) -> AWSRequest:
        request = AWSRequest("GET", f"{server.endpoint}/{BUCKET}/kept")
        HmacV1Auth(root(server, secret=secret)).add_auth(request)
        return request

    assert send(server, request(None)) == (200, "content")
    assert send(server, request("x" * 40))[0] == 403


def test_large_uploads_in_parts_and_chunks_arrive(server: EmbeddedAws) -> None:
    s3 = server.session().client("s3", config=Config(request_checksum_calculation="when_required"))
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="large")["UploadId"]
    part = s3.upload_part(Bucket=BUCKET, Key="large", UploadId=upload, PartNumber=1, Body=b"p" * 100_000)
    s3.complete_multipart_upload(
        Bucket=BUCKET,
        Key="large",
        UploadId=upload,
        MultipartUpload={"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]},
    )

    assert s3.head_object(Bucket=BUCKET, Key="large")["ContentLength"] == 100_000


# -- bodies in signed chunks -------------------------------------------------------------------------------------------
CHUNKS = (b"first chunk, ", b"and the second", b"")
STREAMING = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"


class ChunkSigner(S3SigV4Auth):
    """Signs a body chunk by chunk, as the SDKs for Java and Go do (S3 API reference, "Transferring payload in multiple
    chunks: signature calculations").
    """

    def payload(self, request: AWSRequest) -> str:
        del request
        return STREAMING

    def chunked(self, request: AWSRequest) -> bytes:
        """Give the body, each chunk signed with the signature before it."""
        before = request.headers["Authorization"].rpartition("=")[2]
        when = request.context["timestamp"]
        body = b""
        for chunk in CHUNKS:
            parts = ("AWS4-HMAC-SHA256-PAYLOAD", when, self.credential_scope(request), before, EMPTY, digest(chunk))
            before = self.signature("\n".join(parts), request)
            body += f"{len(chunk):x};chunk-signature={before}\r\n".encode() + chunk + b"\r\n"
        return body


def digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


EMPTY = digest(b"")


def put_in_chunks(server: EmbeddedAws, *, secret: str | None = None) -> AWSRequest:
    length = str(sum(map(len, CHUNKS)))
    headers = {"Content-Encoding": "aws-chunked", "X-Amz-Decoded-Content-Length": length}
    request = AWSRequest("PUT", f"{server.endpoint}/{BUCKET}/chunks", headers=headers, data=b"")
    signer = ChunkSigner(root(server, secret=secret), "s3", REGION)
    signer.add_auth(request)
    request.data = signer.chunked(request)
    return request


def test_a_body_in_signed_chunks_arrives(server: EmbeddedAws) -> None:
    status, text = send(server, put_in_chunks(server))

    assert status == 200, text
    body = server.session().client("s3").get_object(Bucket=BUCKET, Key="chunks")["Body"].read()
    assert body == b"".join(CHUNKS)


def other_chunk(body: bytes) -> bytes:
    return body.replace(b"second", b"secret")


def other_chunk_signature(body: bytes) -> bytes:
    return body.replace(b"chunk-signature=", b"chunk-signature=0", 1)


def no_chunk_signature(body: bytes) -> bytes:
    return re.sub(rb";chunk-signature=[0-9a-f]+", b"", body)


def chunks_in_another_order(body: bytes) -> bytes:
    first, second, last = re.findall(rb"[0-9a-f]+;chunk-signature=[0-9a-f]{64}\r\n[^\r]*\r\n", body)
    return bytes(second + first + last)


def no_last_chunk(body: bytes) -> bytes:
    return body[: body.rindex(b"0;chunk-signature")]


def no_chunks(body: bytes) -> bytes:
    del body
    return b"".join(CHUNKS)


@pytest.mark.parametrize(
    "change",
    [other_chunk, other_chunk_signature, no_chunk_signature, chunks_in_another_order, no_last_chunk, no_chunks],
)
def test_a_chunk_that_is_changed_on_its_way_is_refused(server: EmbeddedAws, change: Callable[[bytes], bytes]) -> None:
    request = put_in_chunks(server)
    request.data = change(bytes(request.data or b""))

    status, text = send(server, request)

    assert status in (400, 403), text


def test_chunks_with_another_secret_are_refused(server: EmbeddedAws) -> None:
    assert send(server, put_in_chunks(server, secret="x" * 40))[0] == 403


# -- the ways past AWS's own APIs -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/_ministack/reset"),
        ("POST", "/_ministack/config"),
        ("GET", "/_ministack/config"),
        ("GET", "/_ministack/lambda-code/f"),
        ("GET", "/_ministack/sqs/messages"),
        ("GET", "//_ministack/reset"),
        ("GET", "/v2/_catalog"),
        ("POST", "/v2/api/blobs/uploads/"),
        ("PUT", "/v2/api/manifests/latest"),
    ],
)
def test_paths_that_check_no_signature_are_closed(server: EmbeddedAws, method: str, path: str) -> None:
    assert send(server, AWSRequest(method, f"{server.endpoint}{path}"))[0] == 403
    assert server.session().client("s3").head_object(Bucket=BUCKET, Key="kept")


@pytest.mark.parametrize("path", ["health", "rds/ca.pem"])
def test_what_is_no_secret_may_be_asked_by_everybody(server: EmbeddedAws, path: str) -> None:
    assert send(server, AWSRequest("GET", f"{server.endpoint}/_ministack/{path}"))[0] == 200


# -- what is written down ---------------------------------------------------------------------------------------------
def test_what_nobody_asked_for_is_not_in_the_trail(server: EmbeddedAws) -> None:
    """A wrong key must not look like root's, whose use raises an alarm."""
    with pytest.raises(ClientError):
        session(server, "test", "test").client("iam", endpoint_url=server.endpoint).list_groups()
    server.session().client("iam").list_policies()
    with pytest.raises(ClientError):
        server.session().client("iam").get_role(RoleName="not-there")

    events = server.session().client("cloudtrail").lookup_events()["Events"]
    names = [event["EventName"] for event in events]
    assert "ListGroups" not in names
    assert {"ListPolicies", "GetRole"} <= set(names)
