"""What a step tells GitHub, and the page of a run."""

from datetime import timedelta
from pathlib import Path

import pytest

from ops.errors import UnusableInputError
from ops.escaping.markdown import code
from ops.github.files import add_summary, run_summary, set_outputs


def test_outputs_and_summaries_are_appended(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))
    set_outputs(a="1", b="2")
    set_outputs(c="3")
    add_summary("one")
    add_summary("two\n")
    assert (tmp_path / "output").read_text() == "a=1\nb=2\nc=3\n"
    assert (tmp_path / "summary").read_text() == "one\n\ntwo\n\n"


def test_a_value_cannot_set_another_output(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    with pytest.raises(UnusableInputError, match="one line"):
        set_outputs(image="x\ndestroy=true")
    assert not (tmp_path / "output").exists()


def test_outside_of_a_workflow_nothing_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_OUTPUT", raising=False)
    set_outputs(a="1")


def test_a_runs_summary_has_result_time_addresses_and_links() -> None:
    text = run_summary(
        title="canary",
        environment="dev",
        result="success",
        took=timedelta(minutes=7, seconds=30),
        image="registry/api@sha256:1",
        stacks=["NetworkStack", "ComputeStack"],
        addresses={"frontend and API": "https://d1.cloudfront.net"},
        links={"dashboard": "https://console/#dashboards/dashboard/one"},
    )
    for words in (
        "## canary in dev",
        "| result | success |",
        "| took | 7 min |",
        "`registry/api@sha256:1`",
        "| frontend and API | https://d1.cloudfront.net |",
        "Console: [dashboard](https://console/#dashboards/dashboard/one)",
    ):
        assert words in text


@pytest.mark.parametrize(
    "added", ["\n# heading", " | x |", "/<img src=x>", "/@team", ")[words](https://attacker.example"]
)
def test_an_address_that_a_stack_prints_formats_nothing(added: str) -> None:
    url = f"https://d1.cloudfront.net{added}"
    text = run_summary(
        title="canary",
        environment="dev",
        result="success",
        took=None,
        image="",
        stacks=(),
        addresses={"API": url},
        links={},
    )
    assert f"| API | {code(url, in_table=True)} |\n" in text
