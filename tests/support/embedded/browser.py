"""A headless Chromium, for tests of the appearance and behaviour of pages.

`make test` sets it up from a package (tests/support/browser), so that no system package is needed. Where that has
no program for the machine's processor, an installed one is used.
"""

import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.support.waiting import LIMIT_SECONDS

_PACKAGED = Path(__file__).parents[1] / "browser" / "node_modules" / ".browser"
_LIMIT_MILLISECONDS = 1000 * LIMIT_SECONDS
# By default, Playwright waits five seconds for expectations and thirty for everything else.
expect.set_options(timeout=_LIMIT_MILLISECONDS)
_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# Reads the visible parts of the page, with their places.
_LOOK = """width => {
  const box = element => element.getBoundingClientRect();
  const visible = element => box(element).width > 0 && box(element).height > 0;
  const all = selector => [...document.querySelectorAll(selector)];
  return {
    scroll_width: document.documentElement.scrollWidth,
    figures: Object.fromEntries(all("figure").map(figure =>
      [figure.id, [...figure.querySelectorAll("svg rect")].filter(visible).length])),
    outside: all("body *")
      .filter(element => element.closest("title") === null && visible(element))
      .filter(element => box(element).right > width + 1 || box(element).left < -1)
      .map(element => element.tagName + " " + element.textContent.slice(0, 40)),
    numbers: Object.fromEntries(all("data").filter(visible).map(e => [e.id, Number(e.value)])),
    headings: all("h2").filter(visible).map(element => element.textContent),
    background: getComputedStyle(document.body).backgroundColor,
    letters: Math.min(...all("svg text").filter(visible).map(element => parseFloat(getComputedStyle(element).fontSize)))
  };
}"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A page at one width.

    Attributes:
        scroll_width: its width; if wider than the window, it must be scrolled sideways.
        outside: visible elements that are partly outside of the window.
        figures: number of visible shapes of each figure.
        numbers: the visible named numbers.
        headings: headings of the visible chapters.
        background: background colour of the page.
        letters: the smallest font size in the pictures, in pixels.
    """

    scroll_width: int
    outside: list[str]
    figures: dict[str, int]
    numbers: dict[str, float]
    headings: list[str]
    background: str
    letters: float


def program() -> tuple[str, dict[str, str]]:
    """The browser's program and the variables that it needs; a test without one is skipped."""
    if (_PACKAGED / "chromium").is_file() and platform.machine() == "x86_64":
        variables = {
            "LD_LIBRARY_PATH": str(_PACKAGED / "al2023" / "lib"),
            "FONTCONFIG_FILE": str(_PACKAGED / "fonts.conf"),
        }
        return str(_PACKAGED / "chromium"), variables
    if found := next((path for name in _PROGRAMS if (path := shutil.which(name))), None):
        return found, {}
    pytest.skip("no chromium: `make browser` sets one up on x86-64; elsewhere, on Debian: apt-get install chromium")


@contextmanager
def opened() -> Iterator[Browser]:
    """A browser that ends with the ``with`` block."""
    path, variables = program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            args=["--disable-gpu", "--disable-quic"],
            env={**os.environ, **variables},
            timeout=_LIMIT_MILLISECONDS,
        )
        yield browser
        browser.close()


@contextmanager
def page(browser: Browser, *, width: int = 1280, dark: bool = False) -> Iterator[Page]:
    """A page with a new profile; language and clock are the same on every machine."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        locale="en-GB",
        timezone_id="UTC",
    )
    context.set_default_timeout(_LIMIT_MILLISECONDS)
    yield context.new_page()
    context.close()


def look(text: str, *, width: int, dark: bool = False) -> Seen:
    """Render a page at a width, in light or dark, and return what is visible."""
    with opened() as browser, page(browser, width=width, dark=dark) as shown:
        shown.set_content(text, wait_until="load")
        return Seen(**shown.evaluate(_LOOK, width))
