"""The function at CloudFront that gives the application's page for every path of it."""

import json
import subprocess
from typing import Any

import pytest

from constructs_lib.edge.distribution import SINGLE_PAGE_FILE
from tests.support.waiting import LIMIT_SECONDS

PATHS = {
    "/": "/index.html",
    "/routes": "/index.html",
    "/routes/alps/3": "/index.html",
    "/routes/": "/index.html",
    "/release-1.2/notes": "/index.html",
    "/index.html": "/index.html",
    "/assets/app.3f2a.js": "/assets/app.3f2a.js",
    "/favicon.ico": "/favicon.ico",
    "/.well-known/security": "/.well-known/security",
    "/.well-known/security.txt": "/.well-known/security.txt",
}


@pytest.fixture(scope="module")
def rewritten() -> dict[str, dict[str, Any]]:
    """The request that the deployed code makes of each path, run by Node in a context without Node's globals."""
    program = """
        const [code, paths] = JSON.parse(require('fs').readFileSync(0, 'utf8'));
        const handler = require('vm').runInNewContext(code + '; handler');
        const request = (uri) => ({ method: 'GET', uri, querystring: { a: { value: '1' } }, headers: {} });
        console.log(JSON.stringify(Object.fromEntries(paths.map((p) => [p, handler({ request: request(p) })]))));
    """
    given = json.dumps([SINGLE_PAGE_FILE.read_text(encoding="utf-8"), list(PATHS)])
    done = subprocess.run(
        ["node", "-e", program], input=given, capture_output=True, text=True, check=True, timeout=LIMIT_SECONDS
    )
    answers: dict[str, dict[str, Any]] = json.loads(done.stdout)
    return answers


@pytest.mark.parametrize(("path", "file"), PATHS.items())
def test_pages_fall_back_to_index_and_files_do_not(rewritten: dict[str, dict[str, Any]], path: str, file: str) -> None:
    assert rewritten[path] == {"method": "GET", "uri": file, "querystring": {"a": {"value": "1"}}, "headers": {}}
