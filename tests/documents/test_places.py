"""What the documents name is where they say, and is as they say."""

import ast
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import yaml

from installation.settings import Settings
from ops.cost import estimate
from ops.doctor import causes
from ops.doctor.finding import FINDINGS
from tests.conftest import ROOT

DOCS = ROOT / "docs"
PAGES = tuple(sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")]))
_LINK = re.compile(r"\[[^]]*\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)")
_THRESHOLD = re.compile(r"^\| (?P<what>[^|]+) \| (?P<value>\d+) \| `(?P<setting>[\w.]+)` \|", re.MULTILINE)
_SETTING = re.compile(r"`((?:alarms|audit|database|guardrail|network|service)\.\w+)`")
_FILE = re.compile(r"`((?:config|constructs_lib|embedded_aws|installation|ops|stacks|tests|tools)/[\w/.-]+\.\w+)`")


@cache
def anchors(page: Path) -> frozenset[str]:
    """What GitHub makes of headings: lower case, without punctuation, with hyphens for spaces."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings)


def test_every_link_and_picture_leads_somewhere() -> None:
    links = [(page, *link) for page in PAGES for link in _LINK.findall(page.read_text())]
    assert len(links) > len(PAGES)
    for page, target, anchor in links:
        aim = (page.parent / target).resolve() if target else page
        assert aim.exists(), f"{page.name}: {target}"
        assert not anchor or anchor in anchors(aim), f"{page.name}: {target}#{anchor}"


def test_every_file_that_is_named_by_its_path_exists() -> None:
    named = {(page.name, path) for page in PAGES for path in _FILE.findall(page.read_text())}
    assert len(named) > 50
    assert not {(page, path) for page, path in named if not (ROOT / path).exists()}


def value_of(settings: Settings, path: str) -> object:
    value: object = settings
    for name in path.split("."):
        value = getattr(value, name)
    return value


def test_every_threshold_is_that_of_the_settings(settings: Settings) -> None:
    rows = list(_THRESHOLD.finditer((DOCS / "guide-map.md").read_text()))
    assert len(rows) == 7
    for row in rows:
        section, name = row["setting"].split(".")
        default = type(getattr(settings, section)).model_fields[name].default
        assert int(row["value"]) == default == value_of(settings, row["setting"]), row["what"]


@pytest.mark.parametrize("edition", ["operations.md", "operations.ja.md"])
def test_the_fall_of_a_stopped_months_cost_is_the_computed_one(edition: str, assembly: Callable[[str], Path]) -> None:
    total = estimate(assembly("dev")).total
    line = next(
        line for line in (DOCS / edition).read_text().splitlines() if re.match(r"- \*\*(Cost|コスト)\*\*", line)
    )
    assert (f"{total.running:.0f}", f"{total.stopped:.2f}") == tuple(re.findall(r"[\d.]+(?=(?: to| USD))", line)[:2])


def test_every_setting_that_is_named_exists(settings: Settings) -> None:
    named = {path for page in PAGES for path in _SETTING.findall(page.read_text())}
    paths = {path for path in named if not path.endswith((".py", ".yaml"))}
    assert len(paths) > 20
    for path in paths:
        value_of(settings, path)


@pytest.mark.parametrize("name", ["operations.ja.md", "operations.md"])
def test_the_runbooks_thresholds_are_those_of_the_settings(name: str, settings: Settings) -> None:
    text, alarms = (DOCS / name).read_text(), settings.alarms
    rows = [line for line in text.splitlines() if "`nestjs-hannibal-3-" in line and line.startswith("| **")]
    numbers = [[int(number) for number in re.findall(r"\d+", row.split("|")[2])] for row in rows]
    assert numbers[:2] == [[alarms.cpu_percent], [alarms.memory_percent]]
    assert numbers[2][0] == alarms.errors_5xx_per_5_minutes
    assert numbers[3] == [alarms.database_connections, settings.database.max_connections]
    project, names = settings.project, settings.names
    shown = set(re.findall(rf"`({project}-[\w-]+)`", "\n".join(rows)))
    assert shown == {
        *(names.cpu_alarm, names.memory_alarm, names.errors_alarm),
        *(names.connections_alarm, names.blue_unhealthy_alarm),
    }


def test_every_name_that_stayed_is_the_installations(settings: Settings) -> None:
    section = (DOCS / "guide-map.md").read_text().partition("## Names")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if "| the same" in line]
    assert len(rows) == 7
    names = settings.names
    known = {value for name in dir(type(names)) if isinstance(value := getattr(names, name), str)}
    for row in rows:
        assert set(re.findall(r"`([^`]+)`", row)) <= known, row


def test_paths_in_code_exist() -> None:
    named = re.compile(r"`((?:embedded_aws|config|constructs_lib|installation|ops|tests|tools)/[\w./-]*)`")
    found = [(page.name, path) for page in PAGES for path in named.findall(page.read_text())]
    assert len(found) > len(PAGES)
    assert not [(page, path) for page, path in found if not (ROOT / path).exists()]


def test_every_list_of_attempts_that_the_threat_model_names_exists() -> None:
    rows = [line for line in (DOCS / "threat-model.md").read_text().splitlines() if line.startswith("|")]
    named = {name for row in rows for name in re.findall(r"\b[A-Z][A-Z_]{3,}\b", row.split("|")[-2])}
    assert len(named) > 10
    texts = [file.read_text() for file in (ROOT / "tests/support/embedded").glob("*.py")]
    assert named <= {name for text in texts for name in re.findall(r"^([A-Z_]+)\b.* = ", text, re.MULTILINE)}


def _source() -> str:
    """All literals of the embedded AWS and its data; those that a line break divides are one again."""
    files = sorted(file for kind in ("*.py", "*.yaml") for file in (ROOT / "embedded_aws").rglob(kind))
    joined = re.sub(r"[\"']\s*\n\s*f?[\"']", "", "\n".join(file.read_text() for file in files))
    return re.sub(r"\s+", " ", joined)


def test_the_embedded_aws_says_what_the_page_says() -> None:
    section = (DOCS / "embedded-aws.md").read_text().partition("## What it refuses")[2].partition("\n## ")[0]
    messages = re.findall(r"^\| [^|]+ \| `([^`]+)` \|$", section, re.MULTILINE)
    assert len(messages) >= 30
    source = re.sub(r"\{[^{}]*\}", "…", _source())
    for message in messages:
        # What CODE_DEPLOY refuses, and why a task has no log stream, are composed of literals.
        parts = re.split(r"(?<=definition)(?= on services)|(?<=log stream: )|(?= : exit status)", message)
        assert all(part in source for part in parts), message


def doctors_causes() -> frozenset[str]:
    """The words of the doctor: what a finding is noted as, and what a task's or a release's end is called."""
    found = set(FINDINGS) - {"call-failed", "fault-injected"}  # what they say is all there is to say
    for file in sorted(file for package in ("account", "doctor") for file in (ROOT / "ops" / package).glob("*.py")):
        for call in ast.walk(ast.parse(file.read_text())):
            if not isinstance(call, ast.Call):
                continue
            noted = isinstance(call.func, ast.Attribute) and ast.unparse(call.func) == "examiner.add"
            words = [call.args[0]] if noted else []
            if isinstance(call.func, ast.Name) and call.func.id in ("Cause", "Gap", "Reason"):
                words += [each.value for each in call.keywords if each.arg in ("cause", "name")]
            constants = (it.value for word in words for it in ast.walk(word) if isinstance(it, ast.Constant))
            found |= {
                value for value in constants if isinstance(value, str) and re.fullmatch("[a-z]+(-[a-z]+)*", value)
            }
    found |= set(yaml.safe_load((ROOT / "ops/account/data/gaps.yaml").read_text()))
    known = causes.CATALOGUE
    others = (known.secret_withdrawn, known.unknown, known.missing_variable)
    found |= {cause.name for cause in (*known.stopped, *others, *known.printed)}
    return frozenset(found | {reason.cause for reason in (*known.releases.values(), known.unknown_release)})


@pytest.mark.parametrize("name", ["operations.md", "operations.ja.md"])
def test_the_runbook_names_every_cause_of_the_doctor(name: str) -> None:
    text = (DOCS / name).read_text()
    assert len(doctors_causes()) > 40
    assert [cause for cause in sorted(doctors_causes()) if f"`{cause}`" not in text] == []
