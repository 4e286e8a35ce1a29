"""The page for people."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import pytest

from ops.cli.console.iam_review_tables import show
from ops.cli.console.screen import Console
from ops.iam.review.query import Window
from ops.report.iam_review_page import page
from tests.support.trail_events import OTHERS, ROLE, event, policies, policy, review_of

_VOID = {"meta"}


class _Checker(HTMLParser):
    """Sees that every element ends where it should, and collects names and texts."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.labels: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.labels += [value or "" for name, value in attrs if name == "aria-label"]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def checked(text: str) -> _Checker:
    checker = _Checker()
    checker.feed(text)
    checker.close()
    assert checker.open == []
    return checker


@pytest.fixture
def text(tmp_path: Path) -> str:
    return page(
        review_of(
            tmp_path,
            policies(policy("ec2:*", "s3:GetObject", "rds:DescribeDBInstances")),
            *[event("DescribeVpcs", day=day) for day in (1, 2, 30)],
            event("<script>", "evil"),
            event("DescribeDBInstances", "rds", day=1, requestParameters={"dBInstanceIdentifier": "<b>songs"}),
        )
    )


def test_the_page_loads_nothing_else(text: str) -> None:
    found = checked(text)
    assert "script" not in found.tags
    assert "&lt;script&gt;" in text
    assert not re.search(r"""(src|href)=|url\(|@import|https?://""", text)
    assert {"svg", "table", "details", "figure"} <= found.tags


def test_the_page_has_the_figures_of_the_review(text: str) -> None:
    found = checked(text)
    assert ROLE in found.text
    for part in (
        "used",
        "needed by another",
        "unobservable",
        "unused",
        "denied only",
        "Replay of actions, and of resources and conditions where they are known",
        "db:<b>songs",
        "0 refused, 4 allowed for certain",
    ):
        assert part in found.text
    assert any(label.startswith("ec2: 1 of ") for label in found.labels)
    assert "on 3 of 31 days" in " ".join(found.labels)


def test_the_page_has_styles_for_light_dark_phone_and_paper(text: str) -> None:
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text
    assert "max-width: 34rem" in text
    assert 'name="viewport"' in text


def test_bars_add_up_to_what_is_granted(text: str) -> None:
    track = next(part for part in text.split('<div class="bar">') if part.startswith("<b>ec2</b>"))
    widths = [float(width) for width in re.findall(r"width:([\d.]+)%", track)]
    assert sum(widths) == pytest.approx(100, abs=0.1)


def test_a_day_without_calls_has_no_column(text: str) -> None:
    assert text.count('class="column"') == 3


def test_the_page_is_made_without_policies_and_without_calls(tmp_path: Path) -> None:
    found = checked(page(review_of(tmp_path, policies(), event("DescribeVpcs", role="Another"))))
    assert "There are no authorized calls in the window." in found.text
    assert "Nothing is granted that is known." in found.text


def test_a_list_that_nobody_would_read_is_counted(tmp_path: Path) -> None:
    text = page(review_of(tmp_path, policies(policy("*")), event("DescribeVpcs"), *OTHERS))
    checked(text)
    assert "Too many to list" in text
    assert len(text) < 300_000


def test_the_page_names_condition_keys_that_no_record_has(tmp_path: Path) -> None:
    tagged = policy("ec2:DescribeVpcs", Condition={"StringEquals": {"aws:PrincipalTag/<team>": "web"}})
    found = checked(page(review_of(tmp_path, policies(tagged), event("DescribeVpcs"))))
    assert "1 undecided, because the records do not say enough (1 of them as today)" in found.text
    assert "depends on aws:PrincipalTag/<team>, as today (proposed: allows ec2:DescribeVpcs) (1 call)" in found.text
    assert "test: allows ec2:DescribeVpcs: not known for 1 call (aws:PrincipalTag/<team>); kept as it is" in found.text


def test_one_of_something_is_in_the_singular(tmp_path: Path) -> None:
    """On the page and on the terminal."""
    granted = policies(policy("ec2:DescribeVpcs", "s3:GetBucketAcl"))
    found = review_of(tmp_path, granted, event("DescribeVpcs"), event("GetBucketAcl", "s3"))
    one = replace(found, window=Window.ending(found.window.last, 1))
    shown = checked(page(one))
    assert f"{one.window.first} to {one.window.last}, 1 day, UTC" in shown.text
    assert "1 call whose resources the records do not say" in shown.text
    assert "2 of 2 granted actions used, on 1 of 1 day" in shown.labels
    assert ": 2 permissions, 2 calls" in shown.text
    stream = StringIO()
    show(Console(file=stream, width=200, highlight=False), one)
    assert f"{one.window.first} to {one.window.last} (1 day, UTC)" in stream.getvalue()
    assert f"{one.window.last} to {one.window.last}, 1 day with events" in stream.getvalue()
    (tmp_path / "less").mkdir()
    less = review_of(tmp_path / "less", policies(policy("ec2:DescribeVpcs")), event("DescribeVpcs"))
    assert "1 of 1 granted action used, on 1 of 31 days" in checked(page(less)).labels
    assert ": 1 permission, 1 call" in checked(page(less)).text
