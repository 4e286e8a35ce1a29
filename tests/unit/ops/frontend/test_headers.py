"""What browsers are told of files."""

import gzip
import random
import string

import pytest

from installation.settings.edge import EdgeSettings
from ops.frontend.headers import (
    IMMUTABLE,
    REVALIDATED,
    cache_control,
    compressed,
    content_type,
    needs_compression,
)

_NONE = EdgeSettings()


@pytest.mark.parametrize(
    "name",
    [
        "assets/index-BkZ3x9aQ.js",  # Vite
        "assets/index-BkZ3-9aQ.css",
        "assets/index-DiwrGTda.css",
        "assets/index-_kZ3x9aQ.js",
        "static/js/main.3f2a9c1b.js",  # webpack
        "static/js/2.3f2a9c1b.chunk.js",
        "static/media/logo.8a7b6c5d.svg",
        "main-AB3DEF12.js",  # Angular
        "_next/static/chunks/framework-0123456789abcdef.js",  # Next
        "main.3f2a9c1b.min.js",
        "assets/index-BkZ3x9aQ.js.map",
    ],
)
def test_names_with_a_hash_are_kept_for_a_year(name: str) -> None:
    assert cache_control(name, _NONE) == IMMUTABLE


@pytest.mark.parametrize(
    "name",
    [
        "index.html",
        "index-BkZ3x9aQ.html",
        "about-overview.html",
        "jquery-fallback.js",
        "assets/user-DataTable.js",
        "report-20261125.csv",
        "report-2024-12-31.csv",
        "sale-Summer24.png",
        "summer-campaign2024.png",
        "bootstrap-5.3.2.min.js",
        "favicon.ico",
        "version2.js",
        "roboto-latin-400-normal.woff2",
        "manifest.json",
        "service-worker.js",
        "holiday-IMG_2024.jpg",
        "photo-1080x720.jpg",
        "i18n-en_US.json",
        "apple-touch-icon-180x180.png",
        "logo-DarkMode.svg",
        "hero-large@2x.png",
    ],
)
def test_all_other_names_are_asked_for_each_time(name: str) -> None:
    assert cache_control(name, _NONE) == REVALIDATED


def test_nearly_every_hash_of_vite_is_seen() -> None:
    letters = string.ascii_letters + string.digits + "_-"
    chosen = random.Random(7)  # noqa: S311 - a sample, the same each time
    names = [f"assets/index-{''.join(chosen.choices(letters, k=8))}.js" for _ in range(2000)]
    seen = sum(cache_control(name, _NONE) == IMMUTABLE for name in names)
    assert seen > 0.95 * len(names)


def test_settings_decide_where_names_mislead() -> None:
    patterns = EdgeSettings(immutable_paths=("/fonts/*",), mutable_paths=("/assets/plan-BkZ3x9aQ.js",))
    assert cache_control("fonts/serif.woff2", patterns) == IMMUTABLE
    assert cache_control("assets/plan-BkZ3x9aQ.js", patterns) == REVALIDATED
    assert cache_control("fonts/index.html", patterns) == REVALIDATED


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("index.html", "text/html; charset=utf-8"),
        ("a.js", "text/javascript; charset=utf-8"),
        ("a.mjs", "text/javascript; charset=utf-8"),
        ("a.css", "text/css; charset=utf-8"),
        ("a.json", "application/json"),
        ("a.map", "application/json"),
        ("a.svg", "image/svg+xml; charset=utf-8"),
        ("a.woff2", "font/woff2"),
        ("a.js.gz", "application/gzip"),
        ("a.tar.gz", "application/gzip"),
        ("a.svg.bz2", "application/octet-stream"),
        ("a.xhtml", "application/xhtml+xml"),
        ("a.m4a", "audio/mp4"),
        ("a.webmanifest", "application/manifest+json; charset=utf-8"),
        ("a.wasm", "application/wasm"),
        ("a.avif", "image/avif"),
        ("a.PNG", "image/png"),
        ("robots.txt", "text/plain; charset=utf-8"),
        (".well-known/apple-app-site-association", "application/json"),
        ("LICENSE", "application/octet-stream"),
    ],
)
def test_types_go_by_the_name_and_not_by_the_machine(name: str, kind: str) -> None:
    assert content_type(name) == kind


@pytest.mark.parametrize(
    ("kind", "size", "ours"),
    [
        ("text/css; charset=utf-8", 5_000, False),
        ("text/css; charset=utf-8", 10_000_001, True),
        ("application/wasm", 300_000_000, False),
        ("application/manifest+json; charset=utf-8", 2_000, True),
        ("application/manifest+json; charset=utf-8", 999, False),
        ("image/png", 20_000_000, False),
    ],
)
def test_what_cloudfront_does_not_compress_is_ours(kind: str, size: int, ours: bool) -> None:
    assert needs_compression(kind, size) is ours


def test_compressing_gives_the_same_bytes_and_is_left_where_it_saves_nothing() -> None:
    content = b'{"name": "app"}' * 200
    packed = compressed(content)
    assert packed is not None
    assert gzip.decompress(packed) == content
    assert packed == compressed(content)
    assert compressed(random.Random(1).randbytes(2000)) is None  # noqa: S311 - what no compression makes smaller
