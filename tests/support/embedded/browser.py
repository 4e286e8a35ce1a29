"""Debian's chromium without a window: what a page looks like to it, in numbers instead of pixels."""

import html
import json
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
# As root, and without the services that it would look for in a network that is closed.
_QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
# The page stands in a frame of the wanted width: a window is never narrower than 500 pixels. It has no scripts itself.
_FRAME = """<!doctype html><meta name="color-scheme" content="light dark">
<iframe id="page" style="width:{width}px;height:900px;border:0" srcdoc="{page}"></iframe><script>
const frame = document.getElementById("page");
frame.onload = () => {{
  const page = frame.contentDocument, view = frame.contentWindow;
  const box = element => element.getBoundingClientRect();
  const visible = element => box(element).width > 0 && box(element).height > 0;
  const figures = {{}};
  for (const figure of page.querySelectorAll("figure"))
    figures[figure.id] = [...figure.querySelectorAll("svg rect")].filter(visible).length;
  const outside = [...page.querySelectorAll("body *")]
    .filter(element => element.closest("title") === null && visible(element))
    .filter(element => box(element).right > {width} + 1 || box(element).left < -1)
    .map(element => element.tagName + " " + element.textContent.slice(0, 40));
  const found = {{
    scroll_width: page.documentElement.scrollWidth, figures, outside,
    numbers: Object.fromEntries([...page.querySelectorAll("data")].filter(visible).map(e => [e.id, Number(e.value)])),
    headings: [...page.querySelectorAll("h2")].filter(visible).map(element => element.textContent),
    background: view.getComputedStyle(page.body).backgroundColor,
    letters: Math.min(...[...page.querySelectorAll("svg text")].filter(visible)
      .map(element => parseFloat(view.getComputedStyle(element).fontSize)))
  }};
  const answer = document.createElement("pre");
  answer.id = "answer";
  answer.textContent = JSON.stringify(found);
  document.body.replaceChildren(answer);
}};
</script>
"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A page at one width.

    Attributes:
        scroll_width: how wide it is; wider than the frame means that it must be scrolled sideways.
        outside: visible elements that leave the frame.
        figures: how many shapes of each figure can be seen.
        numbers: the named numbers that can be seen.
        headings: of the chapters that can be seen.
        background: colour of the page.
        letters: the smallest letters of the pictures, in pixels.
    """

    scroll_width: int
    outside: list[str]
    figures: dict[str, int]
    numbers: dict[str, float]
    headings: list[str]
    background: str
    letters: float


def find() -> str:
    """The browser's program; a test without one is skipped, because nothing here may install it."""
    program = next((found for name in _PROGRAMS if (found := shutil.which(name))), None)
    if program is None:
        pytest.skip("no chromium on this machine; on Debian: apt-get install chromium")
    return program


def look(page: str, folder: Path, *, width: int, dark: bool = False) -> Seen:
    """Render a page at a width, in light or dark, and say what is there."""
    program = find()
    frame = folder / f"frame-{width}.html"
    frame.write_text(_FRAME.format(width=width, page=html.escape(page)), encoding="utf-8")
    finished = subprocess.run(
        [
            program,
            *_QUIET,
            f"--user-data-dir={folder / 'profile'}",
            f"--window-size={max(width + 40, 600)},1000",
            f"--blink-settings=preferredColorScheme={0 if dark else 1}",
            "--virtual-time-budget=5000",
            "--dump-dom",
            frame.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    _, _, rest = finished.stdout.partition('<pre id="answer">')
    assert rest, finished.stdout[-500:] + finished.stderr[-500:]
    return Seen(**json.loads(html.unescape(rest.partition("</pre>")[0])))
