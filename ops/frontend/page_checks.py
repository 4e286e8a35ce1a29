"""Checks pages before they are published: missing files, and content that browsers will refuse."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from html.parser import HTMLParser
from typing import Final
from urllib.parse import unquote, urljoin, urlsplit

from ops.errors import UnusableInputError
from ops.frontend.headers import is_page
from ops.frontend.page_files import INDEX, PageFile

_LARGEST_PAGE: Final = 2_000_000
# The directive of an element, with its fallbacks (Content Security Policy Level 3, 6.8).
_DIRECTIVES: Final = {"script": "script-src", "stylesheet": "style-src", "img": "img-src", "iframe": "frame-src"}


@dataclass
class _Page(HTMLParser):
    """Collects what a page loads."""

    loaded: list[tuple[str, str, str]] = field(default_factory=list)  # directive, address, and base as of there
    inline_scripts: int = 0
    base: str | None = None  # what its first base element with an address says
    _in_script: bool = False

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: (value or "").strip(" \t\n\f\r") for name, value in attrs}  # as browsers do
        relations = attributes.get("rel", "").lower().split()
        if tag == "base" and self.base is None:
            self.base = attributes.get("href")
        if tag == "script":
            kind = attributes.get("type", "").lower()
            runs = kind in ("", "module", "text/javascript", "application/javascript")
            self._in_script = runs and "src" not in attributes
        if tag in ("script", "img", "iframe") and attributes.get("src"):
            self.loaded.append((_DIRECTIVES[tag], attributes["src"], self.base or ""))
        if tag == "link" and attributes.get("href") and {"stylesheet", "modulepreload"} & set(relations):
            kind = "stylesheet" if "stylesheet" in relations else "script"
            self.loaded.append((_DIRECTIVES[kind], attributes["href"], self.base or ""))

    def handle_data(self, data: str) -> None:
        if self._in_script and data.strip():
            self.inline_scripts += 1
            self._in_script = False

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_script = False


def check_pages(files: Iterable[PageFile], policy: str, api_paths: Iterable[str]) -> tuple[str, ...]:
    """Check the pages of a folder by the content security policy; returns warnings with advice.

    Raises:
        UnusableInputError: a page loads a file that is not in the folder.
    """
    files_by_key = {file.key: file for file in files}
    warnings = [
        f"{key} is never shown: /{key} goes to the API, by edge.api_paths ({pattern})"
        for key in files_by_key
        for pattern in api_paths
        if fnmatchcase(f"/{key}", pattern)
    ]
    warnings += _address_warnings(files_by_key)
    directives = _directives(policy)
    for key, file in files_by_key.items():
        if is_page(key) and file.size <= _LARGEST_PAGE:
            warnings += _page_warnings(key, file, files_by_key, directives)
    return tuple(dict.fromkeys(warnings))


def _address_warnings(keys: Iterable[str]) -> Iterator[str]:
    """Warn of files that are not served at the address that their name suggests."""
    without_extension = "because each path without an extension shows /index.html"
    for pattern, reason in (
        (rf"/{INDEX}$", f"shown at that whole address only, {without_extension}"),
        (r"^(?!\.well-known/)(?!.*\.[A-Za-z0-9]+$)", f"never shown, {without_extension}"),
        (r"\+", "shown where its address has %2B in place of +, which S3 takes for a space"),
    ):
        found = [key for key in keys if re.search(pattern, key)]
        if found:
            yield f"{', '.join(found[:2])}{', …' * (len(found) > 2)}: {reason}"


def _page_warnings(
    key: str, file: PageFile, files: Mapping[str, PageFile], directives: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    page = _Page()
    page.feed(file.path.read_text(encoding="utf-8", errors="replace"))
    for directive, address, written in page.loaded:
        try:
            base = _base(written, directives)
            parts = urlsplit(urljoin(urljoin(f"/{key}", base), address))
        except ValueError:
            yield f"{key} loads {address}, which is no address that browsers can read"
            continue
        if parts.scheme not in ("", "http", "https"):  # such as data:, blob: and about:blank
            continue
        if parts.netloc:
            yield from _host_warnings(key, directive, parts.netloc, directives)
            continue
        path = unquote(parts.path).removeprefix("/")
        if key == INDEX and not address.startswith("/") and not base.startswith("/"):
            deeper = urljoin(urljoin("/a/b", base), address)
            yield (
                f"{key} loads {address}, a relative address: the page is shown at each path, and at /a/b browsers would"
                f" look for {deeper}; build it with the base address /"
            )
        if path and path not in files:
            raise UnusableInputError(
                f"{key} loads {address}, which is not in the folder",
                "Build the frontend again, whole; is its base address / ?",
            )
    if page.inline_scripts and not _allows_inline(directives):
        yield (
            f"{key} has a script in the page itself, which browsers refuse by the content security policy; move it "
            "into a file"
        )


def _base(written: str, directives: Mapping[str, tuple[str, ...]]) -> str:
    """The base address: of one with a host only the path, as of the page's own, unless the policy allows others."""
    parts = urlsplit(written)
    if not parts.netloc or _allows_host(directives.get("base-uri", ()), parts.netloc):
        return written
    return parts.path or "/"


def _allows_host(sources: tuple[str, ...], host: str) -> bool:
    return any(
        source in ("*", "https:") or fnmatchcase(host, source.removeprefix("https://").partition("/")[0])
        for source in sources
        if not source.startswith("'")
    )


def _host_warnings(key: str, directive: str, host: str, directives: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    sources = directives.get(directive, directives.get("default-src", ()))
    if not _allows_host(sources, host):
        yield (
            f"{key} loads from {host}, which browsers refuse by the content security policy; allow it in the settings: "
            f"edge.content_security_policy: {{{directive}: [https://{host}]}}"
        )


def _allows_inline(directives: Mapping[str, tuple[str, ...]]) -> bool:
    sources = directives.get("script-src", directives.get("default-src", ("'unsafe-inline'",)))
    return any(source == "'unsafe-inline'" or source.startswith(("'sha", "'nonce-")) for source in sources)


def _directives(policy: str) -> dict[str, tuple[str, ...]]:
    parts = (part.split() for part in policy.split(";"))
    return {name.lower(): tuple(sources) for name, *sources in (part for part in parts if part)}
