"""Refuses requests that a web page makes a browser send: an opened page gets no access to this server.

A page may send requests to loopback without being able to read the answers, and one request suffices to create a
stack whose function runs as the user. Command lines and SDKs send none of the headers that are checked here.

Sources: Fetch standard, "Origin" and "CORS protocol" (every cross-origin POST carries ``Origin``, a plain form's too);
Fetch Metadata request headers, "Sec-Fetch-Site" (pages cannot set either). The check of ``Host`` prevents DNS
rebinding, where the page's own name resolves to 127.0.0.1 and the request is same-origin for the browser.
"""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import parse_qsl

from hypercorn.typing import ASGIFramework, ASGIReceiveCallable, ASGISendCallable, ASGISendEvent, Scope

Headers = Iterable[tuple[str, str]]

_HOST: Final = re.compile(r"(?:127\.0\.0\.1|(?:[a-z0-9_.-]+\.)?localhost)(?::(\d{1,5}))?", re.ASCII | re.IGNORECASE)
# Only names that the emulator accepts as a distribution's (see ``cloudfront.addresses``): any other name reaches all
# services.
_DISTRIBUTION: Final = re.compile(r"[a-z0-9]+\.cloudfront\.localhost(?::\d+)?", re.ASCII | re.IGNORECASE)
_HTTP_PORT: Final = 80
_SAME_SITE: Final = frozenset({"none", "same-origin"})
_BROWSER_AGENT: Final = "mozilla/"  # the beginning of every browser's User-Agent, and of no SDK's
_SIGNED: Final = "AWS"
_GIT_LFS: Final = "application/vnd.git-lfs+json"
# Other paths where a POST needs no signature: faults by curl, the image registry. At ``/`` the body decides.
_UNSIGNED_POSTS: Final = ("/_hannibal/", "/v2/")
# From where connections of a task's containers come, so that they can be told from those of this machine's user.
CONTAINERS_ADDRESS: Final = "127.0.0.2"
# The emulator's own paths: whether the server is ready, the certificate by which clients trust a database, and paths
# that contain a secret.
OPEN_PATHS: Final = (
    *("/_ministack/health", "/_ministack/ready", "/_ministack/rds/ca.pem"),
    *("/_ministack/cfn-response/", "/_ministack/cfn-signal/"),
)
# Actions that AWS itself accepts in a URL: without a signature, or, for the last, with one in the URL that is shared.
_UNSIGNED: Final = frozenset(
    {"AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "ConfirmSubscription", "Unsubscribe", "GetCallerIdentity"}
)
_SANDBOX: Final = (b"content-security-policy", b"sandbox")


def refusal_reason(headers: Headers, *, port: int) -> str | None:
    """The reason to refuse a request, by its headers in their order and the port that ``Host`` must have; or None."""
    sent = [(name.lower(), value) for name, value in headers]
    return _browser_reason(sent) or _host_reason([value for name, value in sent if name == "host"], port)


def _browser_reason(headers: list[tuple[str, str]]) -> str | None:
    """The reason to believe that a web page caused a request, or None; independent of the host."""
    if any(name == "origin" for name, _ in headers):
        return "it carries the header Origin, as requests of web pages do"
    sites = [value.strip().lower() for name, value in headers if name == "sec-fetch-site"]
    if not all(site in _SAME_SITE for site in sites):
        return "its header Sec-Fetch-Site says that another site caused it"
    # Safari sends no Sec-Fetch-Site over plain HTTP, and no Origin with the GET of an image.
    agents = [value.lstrip().lower() for name, value in headers if name == "user-agent"]
    if not sites and any(agent.startswith(_BROWSER_AGENT) for agent in agents):
        return "a browser sent it without the header Sec-Fetch-Site, so the page that caused it is not known"
    return None


def link_reason(method: str, headers: Headers, query: bytes) -> str | None:
    """The reason to refuse an action of AWS's query protocol that needs nothing but a URL: of a link, or a dependency.

    Sec-Fetch-Site is ``none`` for a link in an e-mail as well as for a typed URL. npm, pip and git fetch URLs from
    untrusted repositories, even where they run none of their scripts, and Git LFS with the headers that the
    repository's server names, such as a signature (Git LFS API, "Batch API", ``actions``): so a signature counts with
    a POST only. The host name of a distribution reaches pages only, and their URLs are not restricted here.
    """
    found = parse_qsl(query.decode("latin-1"), keep_blank_values=True)
    actions = [value for name, value in found if name.lower() == "action"]
    sent = [(name.lower(), value) for name, value in headers]
    if not actions or _names_a_distribution(sent):
        return None
    if any(name.startswith("sec-fetch-") for name, _ in sent):
        return "a browser sent an Action in its address, as a link in an e-mail makes it do"
    if method == "POST" and any(name == "authorization" and value.startswith(_SIGNED) for name, value in sent):
        return None
    if _UNSIGNED.issuperset(actions):
        return None
    return "it has an Action in its address, and is no POST with a signature among its headers"


def dependency_reason(method: str, path: str, headers: Headers) -> str | None:
    """The reason to refuse what a package manager may send to a URL from an untrusted repository.

    npm sends its audit as a POST to the registry in ``.npmrc``, Git LFS its queries to the URL in ``.lfsconfig``; what
    they append to the URL has no effect behind ``?`` or ``#``. So the URL selects a function to call, or the emulator's
    own reset, with a body in JSON. The forms for S3 uploads are neither. Git LFS downloads by GET, with any headers;
    AWS's protocols in JSON take POST only. Its queries have any headers too where a server that is reached by SSH names
    them, but for these two (git-lfs, lfshttp, ``NewRequest``).
    """
    kinds = [value for name, value in headers if name.lower() in ("accept", "content-type")]
    if any(value.startswith(_GIT_LFS) for value in kinds):
        return "Git LFS sent it, to an address and with headers that a repository's server may name"
    if method == "GET" and any(name.lower() == "x-amz-target" for name, _ in headers):
        return "it is a GET with the header X-Amz-Target, which needs a POST"
    if method != "POST" or path == "/" or path.startswith(_UNSIGNED_POSTS):
        return None
    sent = [(name.lower(), value) for name, value in headers]
    signed = any(name == "authorization" and value.startswith(_SIGNED) for name, value in sent)
    form = any(name == "content-type" and value.startswith("multipart/form-data") for name, value in sent)
    if signed or form or _names_a_distribution(sent):
        return None
    return "it is a POST without a signature among its headers"


def container_reason(client: str, path: str) -> str | None:
    """The reason to refuse what AWS does not have to a container: faults and what deletes all state are its user's."""
    if client != CONTAINERS_ADDRESS or path.startswith(OPEN_PATHS):
        return None
    return "a container sent it, which gets what AWS has" if path.startswith(("/_hannibal/", "/_ministack/")) else None


def _shows_the_endpoint(headers: Headers) -> bool:
    """Whether a browser requests the endpoint itself, and not a page of a distribution."""
    sent = [(name.lower(), value) for name, value in headers]
    return any(name.startswith("sec-fetch-") for name, _ in sent) and not _names_a_distribution(sent)


def _names_a_distribution(sent: list[tuple[str, str]]) -> bool:
    return any(name == "host" and _DISTRIBUTION.fullmatch(value) for name, value in sent)


def _host_reason(hosts: list[str], port: int) -> str | None:
    match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
    if match is None or int(match.group(1) or _HTTP_PORT) != port:
        return f"its header Host is not 127.0.0.1:{port}, localhost:{port} or a name that ends in .localhost:{port}"
    return None


def refusal_text(reason: str) -> str:
    """The text of the answer to a refused request."""
    return f"The embedded AWS refuses this request: {reason}. See docs/embedded-aws.md, Trust.\n"


def with_request_guard(application: ASGIFramework, *, port: int) -> ASGIFramework:
    """Put the guard in front of an application, for every path, method and protocol."""

    async def guard(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if scope["type"] == "lifespan":
            await application(scope, receive, send)
            return
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        method = scope["method"] if scope["type"] == "http" else "GET"
        reason = (
            refusal_reason(headers, port=port)
            or link_reason(method, headers, scope["query_string"])
            or dependency_reason(method, scope["path"], headers)
            or container_reason((scope["client"] or ("",))[0], scope["path"])
        )
        if reason is None:
            await application(scope, receive, _sandboxed(send) if _shows_the_endpoint(headers) else send)
        elif scope["type"] == "http":
            await _refuse(send, refusal_text(reason).encode())
        else:
            # Before the handshake is accepted, so that the client sees HTTP's 403.
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": None})

    return guard


def _sandboxed(send: ASGISendCallable) -> ASGISendCallable:
    """Send answers in which no script of an object has the endpoint's origin (Content Security Policy, ``sandbox``)."""

    async def sandboxed(event: ASGISendEvent) -> None:
        if event["type"] == "http.response.start":
            event["headers"] = [*event["headers"], _SANDBOX]
        await send(event)

    return sandboxed


async def _refuse(send: ASGISendCallable, body: bytes) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 403, "headers": headers, "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
