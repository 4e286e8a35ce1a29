"""The report: verdict first, complete where there is room, honest where there is not."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from installation import names
from ops.review.render.machine import as_json, sarif
from ops.review.render.markdown import GITHUB_LIMIT, Section, fit, markdown, units
from ops.review.review import Review, Side, Verdict, review
from ops.templates.assembly import Assembly
from tests.conftest import ROOT
from tests.support.review import changes_of_data as data
from tests.support.review import changes_of_permissions as permissions
from tests.support.review.application import Application


@pytest.fixture(scope="module")
def risky(dev: Assembly, tmp_path_factory: pytest.TempPathFactory) -> Review:
    """A change with several risks, and one property that cfn-lint does not know."""
    changed = Application(dev)
    data.retention_cut(changed)
    permissions.pass_role(changed)
    changed.add(
        names.COMPUTE_STACK,
        "Nat",
        "AWS::EC2::NatGateway",
        {"SubnetId": "subnet-12345678", "AllocationId": "eipalloc-12345678", "Speed": 1},
    )
    folder = changed.write(tmp_path_factory.mktemp("risky") / "head")
    return review(dev.folder, folder, root=ROOT, base=Side(label="main", commit="abc123"), head=Side(label="branch"))


@pytest.fixture(scope="module")
def everything(dev: Assembly, tmp_path_factory: pytest.TempPathFactory) -> Review:
    """The largest possible change: an empty base. cfn-lint, which takes seconds for all of it, is left out here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ops.review.diagnostics._select_resources", lambda head, wanted: ({}, 0))
        return review(tmp_path_factory.mktemp("empty"), dev.folder, root=ROOT)


def test_the_verdict_is_the_first_line_and_the_commit_is_under_it(risky: Review) -> None:
    lines = [line for line in markdown(risky).splitlines() if line]
    assert lines[0].startswith("🔴 **Risk: 4 things to accept before the merge**: data at risk; permissions")
    assert lines[1] == "`main` (`abc123`) → `branch`, environment `dev`"
    assert lines[-1] == "<!-- hannibal-review dev -->"


def test_who_else_is_let_in_stands_before_who_no_longer_is(dev: Assembly, tmp_path: Path) -> None:
    changed = Application(dev)
    role = changed.properties("IdentityStack", "Plan/Role")
    document = json.dumps(role["AssumeRolePolicyDocument"])
    role["AssumeRolePolicyDocument"] = json.loads(document.replace('"repo:', '"repo:someone-'))
    told = review(dev.folder, changed.write(tmp_path / "head"), root=ROOT)
    assert [it.rule for it in told.risks] == ["trust-widened", "permission-lost"]


def test_the_overview_names_stacks_and_types(risky: Review) -> None:
    text = markdown(risky)
    assert "| ComputeStack | 1 | 1 |  |  | IAM::Policy, EC2::NatGateway |" in text
    assert "**ArtifactStack/ServiceLogs** `RetentionInDays` `90` → `1`: logs are kept for a shorter time" in text


def test_a_new_finding_of_cfn_lint_is_a_risk(risky: Review) -> None:
    (finding,) = [it for it in risky.findings if it.rule == "finding"]
    assert finding.stack == names.COMPUTE_STACK
    assert finding.logical_id == "Nat"
    assert "E3002" in finding.message
    assert "Speed" in finding.message


def test_a_nat_gateway_costs_what_the_estimate_says(risky: Review) -> None:
    assert risky.cost is not None
    assert risky.cost.after.running - risky.cost.before.running > 40
    assert risky.cost.after.stopped <= risky.cost.before.stopped
    assert "cost" in {it.rule for it in risky.risks}
    assert "| ComputeStack |" in markdown(risky).split("Monthly cost by stack")[1]


def test_the_same_of_many_places_is_told_once_and_the_way_out_stays_on_the_first_screen(risky: Review) -> None:
    one = risky.risks[0]
    alike = tuple(replace(one, where=f"Stack/Topic{number}") for number in range(50))
    text = markdown(replace(risky, findings=alike))
    assert text.count("- 🔴") == 3
    assert all(f"Stack/Topic{number}" in text for number in range(50))
    names_taken = tuple(replace(it, message=f"has the name of `Stack/Old{n}`, is") for n, it in enumerate(alike))
    text = markdown(replace(risky, findings=names_taken))
    assert text.count("- 🔴") == 3
    assert "has the name of another resource, is" in text
    apart = tuple(replace(one, message=f"other {number}") for number in range(50))
    text = markdown(replace(risky, findings=apart))
    assert text.count("- 🔴") == 50
    assert text.index("**If this is meant**") < text.index("- 🔴")
    assert text.index("**Cost** of a month") < text.index("- 🔴")


def test_the_same_application_is_nothing_to_see(dev: Assembly, tmp_path: Path) -> None:
    same = review(dev.folder, Application(dev).write(tmp_path / "head"), root=ROOT)
    assert same.verdict is Verdict.NOTHING
    assert same.passes
    assert markdown(same).startswith("✅ **Nothing to see: no difference**\n")


def test_accepted_risks_pass_and_are_still_told(risky: Review, dev: Assembly, tmp_path: Path) -> None:
    assert not risky.passes
    changed = Application(dev)
    data.termination_protection_removed(changed)
    accepted = review(dev.folder, changed.write(tmp_path / "head"), root=ROOT, accepted=True)
    assert accepted.passes
    assert accepted.verdict is Verdict.RISK
    assert markdown(accepted).startswith("🔴 **Risk: 1 thing accepted**")
    assert "accept-risk" in markdown(risky)


def test_the_largest_change_stays_under_githubs_limit(everything: Review, dev: Assembly) -> None:
    text = markdown(everything, full_report="the artifact `review.json` of this run")
    assert len(text) <= GITHUB_LIMIT
    assert len(everything.changes) == sum(len(it.resources) for it in dev.stacks.values())
    assert text.endswith("<!-- hannibal-review dev -->\n")


def test_a_shortened_report_says_so_and_where_the_rest_is(everything: Review) -> None:
    text = markdown(everything, full_report="the artifact `review.json` of this run", limit=20_000)
    assert len(text) <= 20_000
    assert "**Shortened** to GitHub's limit of 20,000 characters" in text
    assert "All of it: the artifact `review.json` of this run." in text
    assert "- … and " in text
    assert text.count("<details>") == text.count("</details>")
    assert text.count("```") % 2 == 0


def test_risks_are_the_last_to_be_left_out(everything: Review) -> None:
    text = markdown(everything, limit=45_000)
    assert "Shortened" in text
    assert all(it.where in text for it in everything.risks)


def test_json_holds_everything(risky: Review) -> None:
    content: dict[str, Any] = json.loads(as_json(risky))
    assert content["verdict"] == "risk"
    assert content["base"] == {"label": "main", "commit": "abc123"}
    assert len(content["findings"]) == len(risky.findings)
    (policy,) = [it for it in content["changes"] if it["path"] == "ComputeStack/Roles/Task/DefaultPolicy"]
    assert policy["properties"][0]["name"] == "PolicyDocument"
    assert policy["properties"][0]["new"]["Statement"][-1]["Action"] == "iam:PassRole"
    assert content["cost"]["stacks"]["ComputeStack"][1]["running"] > 40


def test_sarif_points_at_the_line_of_the_source(risky: Review) -> None:
    content: dict[str, Any] = json.loads(sarif(risky))
    assert content["version"] == "2.1.0"
    (run,) = content["runs"]
    assert {it["id"] for it in run["tool"]["driver"]["rules"]} == {it.rule for it in risky.findings}
    (result,) = [it for it in run["results"] if it["ruleId"] == "retention-cut"]
    assert result["level"] == "error"
    place = result["locations"][0]["physicalLocation"]
    source = (ROOT / place["artifactLocation"]["uri"]).read_text().splitlines()
    where = result["locations"][0]["logicalLocations"][0]["fullyQualifiedName"]
    assert f'"{where.split("/")[-1]}"' in "".join(source[place["region"]["startLine"] - 1 :][:3])


def test_sarif_points_at_the_golden_template_where_the_source_does_not_say(risky: Review) -> None:
    elsewhere = replace(risky, root=Path("/nowhere"))
    (run,) = json.loads(sarif(elsewhere))["runs"]
    (result,) = [it for it in run["results"] if it["ruleId"] == "retention-cut"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "tests/templates/dev/ArtifactStack.json"
    golden = (ROOT / place["artifactLocation"]["uri"]).read_text().splitlines()
    assert golden[place["region"]["startLine"] - 1].strip() == f'"{_service_logs(risky)}": {{'
    assert len({it["partialFingerprints"]["finding/v1"] for it in run["results"]}) == len(run["results"])


def _service_logs(found: Review) -> str:
    return next(it.logical_id for it in found.findings if it.rule == "retention-cut")


def test_construct_paths_not_logical_ids(risky: Review) -> None:
    assert _service_logs(risky) not in markdown(risky)


def test_heavy_lines_stay_and_lost_ones_are_counted() -> None:
    light = [f"light {number}" + "." * 40 for number in range(10)]
    sections = [
        Section(weight=0, opening="# one", lines=light),
        Section(weight=1, opening="# two", lines=["heavy"], closing="end"),
    ]
    text, left_out = fit(sections, room=300)
    assert "heavy" in text
    assert len(text) <= 300
    kept = text.count("light")
    assert 0 < kept < 10
    assert left_out == 10 - kept
    assert f"- … and {10 - kept} more" in text
    assert text.index("# one") < text.index("# two")


def test_characters_are_counted_as_github_counts_them() -> None:
    """A sign beyond the first plane is two units of UTF-16."""
    text, _ = fit([Section(weight=0, opening="# one", lines=["🔴" * 10] * 40)], room=500)
    assert units(text) <= 500
    assert text.count("🔴") > 150
