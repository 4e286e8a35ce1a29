"""HTTP requests that a web page tries to make a browser send to the embedded AWS."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

BUCKET = "kept-from-browsers"
PAGE = "https://attacker.example"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TEXT = {"Content-Type": "text/plain"}
SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_6) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.6 Safari/605.1.15"
)
TEMPLATE = json.dumps({"Resources": {"Queue": {"Type": "AWS::SQS::Queue"}}})
CREATE_STACK = urlencode({"Action": "CreateStack", "StackName": "intruder", "TemplateBody": TEMPLATE})
FAULT = json.dumps({"kind": "never_healthy", "pattern": "*"})
WEBSOCKET = {"Upgrade": "websocket", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13"}
TYPED = {"Sec-Fetch-Site": "none"}
NPM = {"User-Agent": "npm/11.6.0", "Content-Type": "application/json"}
SIGNED = {"Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/ap-northeast-1/cloudformation/aws4_request"}
GIT_LFS = {"User-Agent": "git-lfs/3.7.0", "Content-Type": "application/vnd.git-lfs+json; charset=utf-8"}
CREATE_CLUSTER = "AmazonEC2ContainerServiceV20141113.CreateCluster"
INVOKE = "/2015-03-31/functions/any/invocations"
HTTP2 = {"Upgrade": "h2c", "HTTP2-Settings": ""}


def preflight(method: str) -> dict[str, str]:
    """Headers of a browser's preflight request (CORS)."""
    preflight_headers = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "x-amz-target"}
    return {"Origin": PAGE, **preflight_headers}


@dataclass(frozen=True)
class Attempt:
    """A request of a page. ``host`` is the header's value; "{port}" means the server's port."""

    name: str
    method: str = "GET"
    path: str = "/"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    host: str | None = "127.0.0.1:{port}"


ATTEMPTS = (
    Attempt("form that creates a stack", "POST", "/", {**FORM, "Origin": PAGE}, CREATE_STACK),
    Attempt("fetch without CORS", "POST", "/", {**TEXT, "Origin": PAGE, "Sec-Fetch-Mode": "no-cors"}, CREATE_STACK),
    Attempt("sandboxed frame", "POST", "/", {**FORM, "Origin": "null"}, CREATE_STACK),
    Attempt("empty origin", "POST", "/", {**FORM, "Origin": ""}, CREATE_STACK),
    Attempt("page of another port", "POST", "/", {**FORM, "Origin": "http://localhost:3000"}, CREATE_STACK),
    Attempt("the server's own origin", "POST", "/", {**FORM, "Origin": "http://127.0.0.1:{port}"}, CREATE_STACK),
    Attempt("image that creates a stack", path=f"/?{CREATE_STACK}", headers={"Sec-Fetch-Site": "cross-site"}),
    Attempt("image of a page on localhost", path=f"/?{CREATE_STACK}", headers={"Sec-Fetch-Site": "same-site"}),
    Attempt("image in Safari, which says nothing", path=f"/?{CREATE_STACK}", headers={"User-Agent": SAFARI}),
    Attempt("reset", "POST", "/_ministack/reset", {**TEXT, "Origin": PAGE}),
    Attempt("configuration", "POST", "/_ministack/config", {**TEXT, "Origin": PAGE}, "{}"),
    Attempt("health", path="/_ministack/health", headers={"Sec-Fetch-Site": "cross-site"}),
    Attempt("faults are injected", "POST", "/_hannibal/faults", {**TEXT, "Origin": PAGE}, FAULT),
    Attempt("faults are ended", "DELETE", "/_hannibal/faults", {"Origin": PAGE}),
    Attempt("listeners", path="/_hannibal/listeners", headers={"Sec-Fetch-Site": "cross-site"}),
    Attempt("object is written", "PUT", f"/{BUCKET}/page.html", {"Origin": PAGE}, "<script>"),
    Attempt("bucket is deleted", "DELETE", f"/{BUCKET}", {"Origin": PAGE}),
    Attempt("bucket is looked for", "HEAD", f"/{BUCKET}", {"Sec-Fetch-Site": "cross-site"}),
    Attempt("odd method", "PATCH", "/", {"Origin": PAGE}),
    Attempt("preflight", "OPTIONS", "/", preflight("POST")),
    Attempt("preflight of the reset", "OPTIONS", "/_ministack/reset", preflight("POST")),
    Attempt("preflight of faults", "OPTIONS", "/_hannibal/faults", preflight("DELETE")),
    Attempt("preflight of a bucket", "OPTIONS", f"/{BUCKET}/x", preflight("PUT")),
    Attempt("preflight without origin", "OPTIONS", "/", {"Sec-Fetch-Site": "cross-site"}),
    Attempt("rebound name", "POST", "/", FORM, CREATE_STACK, host="attacker.example:{port}"),
    Attempt("rebound name without port", "POST", "/", FORM, CREATE_STACK, host="attacker.example"),
    Attempt("name that begins well", "POST", "/", FORM, CREATE_STACK, host="127.0.0.1.attacker.example:{port}"),
    Attempt("name that ends well", "POST", "/", FORM, CREATE_STACK, host="attacker.notlocalhost:{port}"),
    Attempt("name of a service", path="/", host="api.execute-api.attacker.example:{port}"),
    Attempt("another port", "POST", "/", FORM, CREATE_STACK, host="localhost:80"),
    Attempt("no port", "POST", "/", FORM, CREATE_STACK, host="localhost"),
    Attempt("any address", "POST", "/", FORM, CREATE_STACK, host="0.0.0.0:{port}"),
    Attempt("name with a dot at its end", "POST", "/", FORM, CREATE_STACK, host="localhost.:{port}"),
    Attempt("address with a dot at its end", "POST", "/", FORM, CREATE_STACK, host="127.0.0.1.:{port}"),
    Attempt("address of six parts", "POST", "/", FORM, CREATE_STACK, host="[::1]:{port}"),
    Attempt("address as one number", "POST", "/", FORM, CREATE_STACK, host="2130706433:{port}"),
    Attempt("name behind a user", "POST", "/", FORM, CREATE_STACK, host="127.0.0.1:{port}@attacker.example"),
    Attempt("no name", "POST", "/", FORM, CREATE_STACK, host=""),
    Attempt("link in an e-mail", path=f"/?{CREATE_STACK}", headers={**TYPED, "Sec-Fetch-Mode": "navigate"}),
    Attempt("link that is written otherwise", path=f"/?x=1&%41ction={CREATE_STACK[7:]}", headers=TYPED),
    Attempt("dependency of a foreign repository", path=f"/?{CREATE_STACK}", headers={"User-Agent": "npm/11.6.0"}),
    Attempt("submodule", path=f"/?{CREATE_STACK}&x=/info/refs&service=x", headers={"User-Agent": "git/2.51.0"}),
    Attempt("registry of a foreign repository", "POST", "/_ministack/reset?x=/-/npm/v1/x", NPM, '{"a": ["1.0.0"]}'),
    Attempt("large files of a foreign repository", "POST", f"{INVOKE}?x=/objects/batch", GIT_LFS, "{}"),
    Attempt("large file with a header of its server", path=f"/?{CREATE_STACK}", headers={**GIT_LFS, **SIGNED}),
    Attempt("large file that is a call", headers={**GIT_LFS, **SIGNED, "X-Amz-Target": CREATE_CLUSTER}),
    Attempt(
        "large files by SSH, with a header of their server",
        "POST",
        f"/?{CREATE_STACK}&x=/objects/batch",
        {**GIT_LFS, **SIGNED},
        "{}",
    ),
    Attempt("registry with a password", "POST", INVOKE, {**NPM, "Authorization": "Basic QVdTNDp4"}, "{}"),
    Attempt("registry that is a name of a service", "POST", INVOKE, NPM, "{}", host="a.lambda-url.localhost:{port}"),
    Attempt("websocket", "GET", "/", {"Origin": PAGE, "Connection": "Upgrade", **WEBSOCKET}),
    Attempt("new protocol", "POST", "/", {"Origin": PAGE, "Connection": "Upgrade, HTTP2-Settings", **HTTP2}),
)
