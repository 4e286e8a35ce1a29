"""A small fake of GitHub in this process, over real HTTP."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support.http_server import serving


class FakeGitHub:
    """Comments and issues of one repository."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.issues: list[dict[str, Any]] = []
        self.labels: list[dict[str, Any]] = []
        self.pull_requests: Any = []
        self.repository: dict[str, Any] = {}
        self.subject_format: dict[str, Any] = {"use_default": True}
        self.tokens: set[str] = set()
        self.paths: list[str] = []
        self.status = 200
        self.address = ""

    def answer(self, method: str, path: str, content: dict[str, Any]) -> Any:
        if path.endswith("/pulls"):
            return self.pull_requests
        if path.endswith("/oidc/customization/sub"):
            return self.subject_format
        if path.startswith("/repos/") and path.count("/") == 3:
            return self.repository
        place = path.removeprefix("/repos/owner/name")
        if method == "DELETE":
            self.labels = [one for one in self.labels if one["name"] != unquote(place.rpartition("/labels/")[2])]
            return {}
        if method == "GET":
            found = self.comments if place.endswith("/comments") else self.issues
            if place.endswith("/labels"):
                found = self.labels
            return [one for one in found if one.get("state", "open") == "open"]
        if method == "PATCH":
            number = int(place.rpartition("/")[2])
            target = (self.comments if "/comments/" in place else self.issues)[number - 1]
            return target | (target.update(content) or {}) | content
        kind = self.comments if place.endswith("/comments") else self.issues
        new = {"id": len(kind) + 1, "number": len(kind) + 1, "html_url": f"https://github/{place}/{len(kind) + 1}"}
        kind.append(new | {"user": {"type": "Bot", "login": "github-actions[bot]"}} | content)
        return kind[-1]


@contextmanager
def serve() -> Iterator[FakeGitHub]:
    """Answer on a port of this machine."""
    fake = FakeGitHub()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = json.loads(self.rfile.read(length) or b"{}")
            fake.tokens.add(self.headers.get("Authorization", ""))
            url = urlsplit(self.path)
            fake.paths.append(url.path)
            body = fake.answer(self.command, url.path, content)
            if isinstance(body, list):
                query = parse_qs(url.query)
                size, page = int(query["per_page"][0]), int(query["page"][0])
                body = body[size * (page - 1) : size * page]
            self.send_response(fake.status)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        do_DELETE = do_GET = do_POST = do_PATCH = handle_any  # noqa: N815 - the names of the library

    with serving(Handler) as server:
        fake.address = f"http://127.0.0.1:{server.server_port}"
        yield fake
