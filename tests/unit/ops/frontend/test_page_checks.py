"""What is wrong with pages before users see them."""

from pathlib import Path

import pytest

from installation.settings.edge import policy_text
from ops.errors import UnusableInputError
from ops.frontend.page_checks import check_pages
from ops.frontend.page_files import read_folder

_API = ("/graphql", "/api/*")


def _check(tmp_path: Path, page: str, policy: str | None = None, **files: str) -> tuple[str, ...]:
    (tmp_path / "index.html").write_text(page)
    for name, content in files.items():
        path = tmp_path / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.with_suffix(".js" if not path.suffix else path.suffix).write_text(content)
    return check_pages(read_folder(tmp_path).files, policy or policy_text({}), _API)


def test_a_page_as_vite_writes_it_is_fine(tmp_path: Path) -> None:
    page = (
        '<link rel="icon" href="data:,"><script type="module" crossorigin src="/assets__a.js"></script>'
        '<script type="application/ld+json">{"@context": "https://schema.org"}</script>'
        '<a href="https://example.com">elsewhere</a><img src="data:image/png;base64,AA==">'
    ).replace("__", "/")
    assert _check(tmp_path, page, assets__a="1") == ()


@pytest.mark.parametrize(
    "page",
    [
        '<script src="/assets/gone.js"></script>',
        '<link rel="stylesheet" href="gone.css?v=1">',
        '<link rel="modulepreload" href="./gone.js">',
        '<img src="/my%20picture.png">',
    ],
)
def test_a_page_that_loads_what_is_not_there_is_refused(tmp_path: Path, page: str) -> None:
    with pytest.raises(UnusableInputError, match="which is not in the folder"):
        _check(tmp_path, page)


def test_what_the_policy_forbids_is_a_warning_with_the_setting(tmp_path: Path) -> None:
    page = '<script>boot()</script><script src="https://cdn.example.com/x.js"></script>'
    warnings = _check(tmp_path, page)
    assert len(warnings) == 2
    assert "edge.content_security_policy: {script-src: [https://cdn.example.com]}" in warnings[0]
    assert "has a script in the page itself" in warnings[1]
    allowed = policy_text({"script-src": ("https://*.example.com", "'sha256-AAAA'")})
    assert _check(tmp_path, page, allowed) == ()


def test_a_file_that_the_api_hides_is_a_warning(tmp_path: Path) -> None:
    (warning,) = _check(tmp_path, "<p>", api__data="1")
    assert "api/data.js is never shown" in warning


def test_a_relative_address_in_the_page_that_is_shown_everywhere_is_a_warning(tmp_path: Path) -> None:
    script = '<script type="module" src="./assets/a.js"></script>'
    (warning,) = _check(tmp_path, script, assets__a="1")
    assert "index.html loads ./assets/a.js" in warning
    assert "look for /a/assets/a.js; build it with the base address /" in warning
    assert _check(tmp_path, f'<base href="/">{script}', assets__a="1") == ()


@pytest.mark.parametrize(
    ("base", "loaded"), [("/", "assets/a.js"), ("/assets/", "a.js"), ("../assets/", "a.js"), ("/", "./assets/a.js")]
)
def test_a_relative_address_counts_from_the_base_element(tmp_path: Path, base: str, loaded: str) -> None:
    (tmp_path / "about").mkdir()
    (tmp_path / "about" / "page.html").write_text(f'<base href="{base}"><script src="{loaded}"></script>')
    assert _check(tmp_path, "<p>", assets__a="1") == ()


def test_spaces_around_an_address_do_not_count(tmp_path: Path) -> None:
    """As in browsers (HTML, "valid URL potentially surrounded by spaces")."""
    assert _check(tmp_path, '<base href=" / "><script src="\na.js "></script><img src=" ">', a="1") == ()


def test_a_script_of_blanks_alone_is_no_inline_script(tmp_path: Path) -> None:
    assert _check(tmp_path, "<script>\n  </script>") == ()


def test_a_base_element_can_hide_what_is_in_the_folder_or_lead_elsewhere(tmp_path: Path) -> None:
    script = '<script src="a.js"></script>'
    with pytest.raises(UnusableInputError, match=r"index.html loads a.js, which is not in the folder"):
        _check(tmp_path, f'<base href="/app/"><base href="/">{script}', a="1")
    with pytest.raises(UnusableInputError, match=r"index.html loads gone.js, which is not in the folder"):
        _check(tmp_path, '<base href="https://www.own.example/"><script src="gone.js"></script>')
    assert _check(tmp_path, f'<base href="https://www.own.example">{script}', a="1") == ()
    allowed = policy_text({"base-uri": ("https://cdn.example.com",)})
    (warning,) = _check(tmp_path, '<base href="https://cdn.example.com/"><script src="x.js"></script>', allowed)
    assert "loads from cdn.example.com" in warning


@pytest.mark.parametrize("bases", ['<base href=""><base href="/app/">', '<base target="_top"><base href="/">'])
def test_the_first_base_element_with_an_address_counts(tmp_path: Path, bases: str) -> None:
    (tmp_path / "page.html").write_text(f'{bases}<script src="a.js"></script>')
    assert _check(tmp_path, "<p>", a="1") == ()


def test_a_base_element_does_not_count_for_what_stands_before_it(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text('<script src="a.js"></script><base href="/app/"><img src="b.js">')
    with pytest.raises(UnusableInputError, match=r"page.html loads b.js, which is not in the folder"):
        _check(tmp_path, "<p>", a="1", b="1")


@pytest.mark.parametrize("base", ["./", ".", "assets/.."])
def test_a_relative_base_does_not_help_a_page_that_is_shown_everywhere(tmp_path: Path, base: str) -> None:
    (warning,) = _check(tmp_path, f'<base href="{base}"><script src="assets/a.js"></script>', assets__a="1")
    assert "look for /a/assets/a.js; build it with the base address /" in warning


@pytest.mark.parametrize("address", ["about:blank", "javascript:void(0)", "blob:https://own.example/1", "data:,"])
def test_what_is_no_file_is_not_looked_for(tmp_path: Path, address: str) -> None:
    assert _check(tmp_path, f'<iframe src="{address}"></iframe>') == ()


def test_pages_in_folders_are_a_warning_because_their_short_addresses_show_the_first_page(tmp_path: Path) -> None:
    for name in ("about", "contact", "docs"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index.html").write_text("<p>" + name)
    (warning,) = _check(tmp_path, "<p>")
    assert warning.startswith("about/index.html, contact/index.html, …: shown at that whole address only")


@pytest.mark.parametrize(
    ("name", "warning"),
    [
        ("LICENSE", "LICENSE: never shown, because each path without an extension shows /index.html"),
        ("a+b.txt", "a+b.txt: shown where its address has %2B in place of +, which S3 takes for a space"),
        (".well-known/apple-app-site-association", ""),
        ("übersicht 1.html", ""),
    ],
)
def test_files_that_their_address_does_not_show_are_a_warning(tmp_path: Path, name: str, warning: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("1")
    assert _check(tmp_path, "<p>") == tuple(filter(None, [warning]))


def test_what_is_no_address_is_a_warning(tmp_path: Path) -> None:
    assert _check(tmp_path, '<img src="http://[::1">') == (
        "index.html loads http://[::1, which is no address that browsers can read",
    )
