"""One word for one idea: the trade's. Words that only this project understood do not come back."""

import ast
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

# Each with what is said in its place.
PRIVATE = {
    "authorisation": "authorization",
    "authorised": "authorized",
    "hang on": "depend on",
    "hangs on": "depends on",
    "mend": "remediation, correct",
    "mends": "remediations",
    "mended": "corrected",
    "needless": "unused",
    "outlook": "planned action",
    "pace": "poll interval",
    "settle": "be stable, be recorded",
    "settled": "stable",
    "settles": "is stable",
    "somebody": "the operator, the user, the caller, the reviewer",
    "standing": "in effect",
    "strangers": "other accounts, other sites",
}
# Words that say nothing of what a name stands for. `--json`, options and data files keep some others, such as `who`.
NO_NAMES = re.compile(
    "_*(already|among|apart|aside|away|behind|besides|but|hear|hears|mine|otherwise|ours|say|somewhere|sounds|still|"
    "than|theirs|there|therefore|these|those|told|well|whom|whose|yet)_*",
    re.IGNORECASE,
)
# Scripts read this key of `--json`.
PUBLISHED = 'ops/cli/console/screen.py:_PUBLISHED_KEYS = {"remediations": "mends", '
FOLDERS = (
    *("app.py", "config", "constructs_lib", "docs", "embedded_aws", "installation", "ops", "stacks", "tools"),
    *("README.md", "CONTRIBUTING.md", "Makefile", ".github"),
)


@pytest.fixture(scope="module")
def lines() -> list[str]:
    listed = subprocess.run(
        ["git", "grep", "-I", "-E", "", "--", *FOLDERS], cwd=ROOT, capture_output=True, text=True, check=True
    )
    found = listed.stdout.splitlines()
    assert len(found) > 50_000
    return found


def said(file: Path) -> Iterator[str]:
    """The names, comments and docstrings of a file; what else it quotes may be anybody's."""
    text = file.read_text(encoding="utf-8")
    nodes = (ast.Module, ast.ClassDef, ast.FunctionDef)
    yield from (ast.get_docstring(it) or "" for it in ast.walk(ast.parse(text)) if isinstance(it, nodes))
    with file.open("rb") as opened:
        tokens = tokenize.tokenize(opened.readline)
        yield from (it.string for it in tokens if it.type in (tokenize.NAME, tokenize.COMMENT))


def test_tests_do_not_use_private_words_either() -> None:
    words = re.compile(rf"(?<![a-z])({'|'.join(PRIVATE)})(?![a-z])", re.IGNORECASE)
    files = [it for it in ROOT.glob("tests/**/*.py") if words.search(it.read_text(encoding="utf-8"))]
    assert files  # names and texts of this file and of others, which are data
    assert {str(it): found for it in files if (found := [text for text in said(it) if words.search(text)])} == {}


@pytest.mark.parametrize("word", PRIVATE)
def test_a_private_word_is_not_used(lines: list[str], word: str) -> None:
    whole = re.compile(rf"(?<![a-z]){word}(?![a-z])", re.IGNORECASE)  # also as a part of a name
    found = [line for line in lines if whole.search(line) and not line.startswith(PUBLISHED)]
    assert found == [], f"say {PRIVATE[word]}"


def bound(tree: ast.AST) -> Iterator[tuple[str, int]]:
    for it in ast.walk(tree):
        if isinstance(it, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield it.name, it.lineno
        elif isinstance(it, ast.arg):
            yield it.arg, it.lineno
        elif isinstance(it, ast.Name) and isinstance(it.ctx, ast.Store):
            yield it.id, it.lineno


def test_names_are_nouns_or_say_what_is_done() -> None:
    files = [file for folder in FOLDERS if (ROOT / folder).is_dir() for file in (ROOT / folder).rglob("*.py")]
    assert len(files) > 500
    found = [
        f"{file.relative_to(ROOT)}:{line} {name}"
        for file in [*files, ROOT / "app.py"]
        for name, line in bound(ast.parse(file.read_text(encoding="utf-8")))
        if NO_NAMES.fullmatch(name)
    ]
    assert found == [], "use a noun of AWS or of the trade"
