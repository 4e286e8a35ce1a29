"""The workflows hold to their rules, and whatever they run is a command of this repository with these options."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.core import TyperGroup

from installation import yaml_text
from ops.cli.app import build
from tests.conftest import ENVIRONMENTS, ROOT

FOLDER = ROOT / ".github"
WORKFLOWS = sorted((FOLDER / "workflows").glob("*.yml"))
ACTION = FOLDER / "actions" / "setup" / "action.yml"
PINNED = re.compile(r"uses: (\./\.github/actions/\w+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$")
EXPRESSION = re.compile(r"\$\{\{")
# What a job may ask for, by the least that its steps need.
WRITES = {"id-token", "pull-requests", "issues", "security-events"}
HANNIBAL = ".venv/bin/hannibal"


def content(file: Path) -> dict[Any, Any]:
    loaded: dict[Any, Any] = yaml_text.parsed(file.read_text())
    return loaded


def triggers(workflow: dict[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = workflow[True]  # YAML 1.1 reads the key `on` as true
    return found


def jobs(file: Path) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = content(file)["jobs"]
    return found


def steps(file: Path) -> Iterator[dict[str, Any]]:
    if file == ACTION:
        yield from content(file)["runs"]["steps"]
    else:
        for job in jobs(file).values():
            yield from job["steps"]


def commands() -> Iterator[tuple[str, list[str]]]:
    """Every command of every step as words; a variable that adds an option is taken as set."""
    for file in [*WORKFLOWS, ACTION]:
        for step in steps(file):
            for line in step.get("run", "").splitlines():
                given = re.sub(r"\$\{\w+:\+([^}]*)\}", r"\1", line)
                for command in given.split("&&"):
                    yield f"{file.name}: {command.strip()}", shlex.split(command)


COMMANDS = list(commands())


def test_the_guides_workflows_are_there() -> None:
    assert [file.stem for file in WORKFLOWS] == ["deploy", "destroy", "drift", "frontend", "pr-check", "security-scan"]


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_nothing_is_permitted_but_by_job(file: Path) -> None:
    assert content(file)["permissions"] == {}
    for name, job in jobs(file).items():
        granted = job["permissions"]
        assert granted.get("contents") == "read", name
        assert {scope for scope, level in granted.items() if level == "write"} <= WRITES, name
        assert job["timeout-minutes"] <= 90, name


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_results_of_a_scan_are_uploaded_from_a_private_repository_too(file: Path) -> None:
    """Each of CodeQL's actions reads its own run, which is public only where the repository is."""
    for name, job in jobs(file).items():
        if any(str(step.get("uses", "")).startswith("github/codeql-action/") for step in job["steps"]):
            assert job["permissions"].get("actions") == "read", name


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_credentials_live_as_long_as_their_job_may_take(file: Path) -> None:
    """An hour is the default; what takes longer would end in the middle of a month's start."""
    for name, job in jobs(file).items():
        for step in job.get("steps", []):
            if str(step.get("uses", "")).startswith("aws-actions/configure-aws-credentials@"):
                seconds = step["with"].get("role-duration-seconds", 3600)
                assert seconds >= job["timeout-minutes"] * 60, name


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_runs_wait_for_each_other_and_cancel_nothing(file: Path) -> None:
    assert content(file)["concurrency"]["cancel-in-progress"] is False


def test_a_months_start_releases_and_end_wait_for_each_other() -> None:
    names = ("deploy", "destroy", "frontend")
    waiting = {name: content(FOLDER / "workflows" / f"{name}.yml")["concurrency"] for name in names}
    assert {name: one["queue"] for name, one in waiting.items()} == dict.fromkeys(names, "max")
    assert {name: one["group"] for name, one in waiting.items()} == {
        "deploy": "month-${{ inputs.environment }}",
        "frontend": "month-${{ inputs.environment }}",
        "destroy": "month-${{ inputs.environment || 'dev' }}",
    }


@pytest.mark.parametrize("file", [*WORKFLOWS, ACTION], ids=lambda file: file.stem)
def test_actions_are_pinned_to_commits_with_their_version(file: Path) -> None:
    lines = [line.strip() for line in file.read_text().splitlines() if "uses:" in line]
    assert lines
    assert not [line for line in lines if not PINNED.search(line)]


def test_an_action_has_the_same_commit_everywhere() -> None:
    text = "\n".join(file.read_text() for file in [*WORKFLOWS, ACTION])
    pins: dict[str, set[str]] = {}
    for action, commit in re.findall(r"uses: ([\w./-]+)@(\S+)", text):
        pins.setdefault("/".join(action.split("/")[:2]), set()).add(commit)
    assert all(len(commits) == 1 for commits in pins.values()), pins


@pytest.mark.parametrize("file", [*WORKFLOWS, ACTION], ids=lambda file: file.stem)
def test_no_expression_is_in_a_shell_line(file: Path) -> None:
    for step in steps(file):
        assert not EXPRESSION.search(step.get("run", "")), step


def test_checkouts_leave_no_credentials_behind() -> None:
    checkouts = [
        step for file in WORKFLOWS for step in steps(file) if step.get("uses", "").startswith("actions/checkout@")
    ]
    assert len(checkouts) > len(WORKFLOWS) / 2
    assert all(step["with"]["persist-credentials"] is False for step in checkouts)


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_aws_is_reached_by_oidc_only(file: Path) -> None:
    text = file.read_text()
    assert "secrets.AWS" not in text
    assert "access-key" not in text
    for job in jobs(file).values():
        assumes = any("configure-aws-credentials" in step.get("uses", "") for step in job["steps"])
        assert assumes == ("id-token" in job["permissions"])


def test_what_a_pull_request_brings_may_write_nothing() -> None:
    file = FOLDER / "workflows" / "pr-check.yml"
    assert "pull_request_target" not in triggers(content(file))
    for name, job in jobs(file).items():
        writes = {scope for scope, level in job["permissions"].items() if level == "write"}
        if name == "review":
            checkout, base, setup = job["steps"][:3]
            assert checkout["with"] == {"fetch-depth": 2, "persist-credentials": False}
            # The merge's first parent is the base that it was made with; the event's is that of the last push.
            assert base == {"run": "git checkout --quiet --detach HEAD^1"}
            assert setup["uses"] == "./.github/actions/setup"
        else:
            assert writes <= {"id-token"}, name


def test_the_accounts_role_is_for_pull_requests_of_people_who_may_write() -> None:
    """Variables reach Dependabot's pull requests too, and code that nobody has looked at yet runs in them."""
    conditions = jobs(FOLDER / "workflows" / "pr-check.yml")["plan"]["if"].split(" && ")
    assert "github.event.pull_request.head.repo.full_name == github.repository" in conditions
    assert "github.event.pull_request.user.login != 'dependabot[bot]'" in conditions


def test_the_verdict_is_made_by_the_base_over_files_of_the_pull_request() -> None:
    found = jobs(FOLDER / "workflows" / "pr-check.yml")
    assert [job for job in found if any("hannibal review" in step.get("run", "") for step in found[job]["steps"])] == [
        "review"
    ]
    checkouts = [step for step in found["review"]["steps"] if "actions/checkout@" in step.get("uses", "")]
    assert len(checkouts) == 1
    (download,) = (step for step in found["review"]["steps"] if "download-artifact" in step.get("uses", ""))
    assert download["with"]["path"] == "${{ runner.temp }}/artifact"  # outside of the checkout
    runs = [step["run"] for step in found["review"]["steps"] if "run" in step]
    (reader,) = (run for run in runs if "RUNNER_TEMP/artifact" in run)
    assert "github templates" in reader
    assert found["synthesize"]["permissions"] == {"contents": "read"}


def test_a_required_check_is_never_skipped() -> None:
    """GitHub takes a required check that was skipped as passed, also one that waited for a job that failed."""
    file = FOLDER / "workflows" / "pr-check.yml"
    (line,) = re.findall(r"required: the checks (.+?)\.", (ROOT / "docs" / "workflows.md").read_text(), re.DOTALL)
    found = {job["name"]: job for job in jobs(file).values()}
    required = re.findall(r"`(.+?)`", line)
    assert len(required) == 2
    for name in required:
        assert found[name].get("if") == ("always()" if "needs" in found[name] else None), name
    assert set(triggers(content(file))["pull_request"]) == {"types"}  # no paths, no branches: it always runs


@pytest.mark.parametrize(("workflow", "job"), [("deploy", "build-pages"), ("frontend", "build")])
def test_pages_are_built_where_no_right_is(workflow: str, job: str) -> None:
    found = jobs(FOLDER / "workflows" / f"{workflow}.yml")
    assert found[job]["permissions"] == {"contents": "read"}
    assert found[job]["environment"] == "sources"  # has a deploy key, and no role of AWS trusts its name
    building = [name for name, one in found.items() for step in one["steps"] if "frontend build" in step.get("run", "")]
    assert building == [job]


@pytest.mark.parametrize("file", [FOLDER / "workflows" / f"{name}.yml" for name in ("deploy", "frontend")])
def test_pages_are_kept_for_as_long_as_a_run_may_wait_for_its_reviewers(file: Path) -> None:
    """For 30 days each: before the release, and before the pages. GitHub keeps artifacts for 90 days by default."""
    uploads = [step for step in steps(file) if step.get("uses", "").startswith("actions/upload-artifact@")]
    assert uploads
    assert all(step["with"].get("retention-days", 90) > 60 for step in uploads)


def test_pages_are_published_after_the_release_and_only_if_it_succeeded() -> None:
    found = jobs(FOLDER / "workflows" / "deploy.yml")
    publishing = found["publish-pages"]
    assert set(publishing["needs"]) == {"build-pages", "deploy"}
    assert "if" not in publishing  # a job that failed or was skipped before it skips it
    assert found["deploy"]["if"] == "${{ !cancelled() && !failure() }}"
    assert "inputs.deployment_mode != 'provisioning'" in found["build-pages"]["if"]


def test_risks_are_accepted_by_putting_the_label_on_and_by_nothing_else() -> None:
    review = jobs(FOLDER / "workflows" / "pr-check.yml")["review"]
    assert review["env"]["ACCEPTED"] == (
        "${{ github.event.action == 'labeled' && github.event.label.name == 'accept-risk' && 'yes' || '' }}"
    )
    (step,) = (step for step in review["steps"] if "github withdraw" in step.get("run", ""))
    assert step["if"] == "env.OURS == 'true' && env.ACCEPTED == ''"


def test_the_inputs_are_the_guides() -> None:
    inputs = triggers(content(FOLDER / "workflows" / "deploy.yml"))["workflow_dispatch"]["inputs"]
    assert inputs["deployment_mode"]["options"] == ["provisioning", "bluegreen", "canary"]
    assert set(inputs["environment"]["options"]) == set(ENVIRONMENTS)


def test_the_end_of_the_month_must_be_turned_on_and_is_decided_again_where_it_happens() -> None:
    """A job that is run again alone keeps answers for 30 days (GitHub Docs, "Re-running workflows and jobs")."""
    plan, end = (jobs(FOLDER / "workflows" / "destroy.yml")[it] for it in ("plan", "destroy"))
    assert "vars.DESTROY_AT_MONTH_END == 'true'" in plan["if"]
    asked = plan["steps"][-1]["run"]
    again, stop = (next(it for it in end["steps"] if text in it.get("run", "")) for text in (asked, "hannibal stop"))
    assert (again["id"], stop["if"]) == ("still", "steps.still.outputs.destroy == 'true'")


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.stem)
def test_nothing_is_scheduled_for_the_start_of_an_hour(file: Path) -> None:
    """GitHub is late then, or drops the run (its documentation of the event `schedule`)."""
    for schedule in triggers(content(file)).get("schedule", ()):
        assert schedule["cron"].split()[0] not in {"0", "30"}


@pytest.mark.parametrize(("where", "words"), COMMANDS, ids=[where for where, _ in COMMANDS])
def test_every_command_exists_with_its_options(where: str, words: list[str]) -> None:
    program, *arguments = words
    if program == HANNIBAL:
        check_hannibal(arguments)
    elif program == "make":
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert arguments[0] in targets
    elif program == "npx":
        assert arguments[0] == "cdk"
        helped = subprocess.run(
            [ROOT / "node_modules/.bin/cdk", arguments[1], "--help"], capture_output=True, text=True, check=True
        )
        assert all(word in helped.stdout for word in arguments if word.startswith("--"))
    else:
        assert words[:2] in (["git", "diff"], ["git", "checkout"]), f"{where} is no command of this repository"


def check_hannibal(arguments: list[str]) -> None:
    command = typer.main.get_command(build())
    while isinstance(command, TyperGroup):
        name, *arguments = arguments
        assert name in command.commands, name
        command = command.commands[name]
    options = {name: parameter for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)}
    given = [word for word in arguments if word.startswith("--")]
    assert set(given) <= set(options), f"{command.name} has no {set(given) - set(options)}"
    required = {parameter.opts[-1] for parameter in command.params if parameter.required}
    assert required <= set(given), f"{command.name} needs {required}"


def test_dependabot_waits_and_groups() -> None:
    updates = content(FOLDER / "dependabot.yml")["updates"]
    assert {update["package-ecosystem"] for update in updates} == {"pip", "npm", "docker", "github-actions"}
    for update in updates:
        assert update["cooldown"]["default-days"] >= 7
        assert update["groups"]
        assert update["labels"] == ["dependencies"]  # the guide lists them by it


def test_the_page_names_every_variable_and_secret() -> None:
    used = {name for file in WORKFLOWS for name in re.findall(r"(?:vars|secrets)\.([A-Z_]+)", file.read_text())}
    page = (ROOT / "docs" / "workflows.md").read_text()
    assert {name for name in used if f"`{name}`" not in page} == set()
