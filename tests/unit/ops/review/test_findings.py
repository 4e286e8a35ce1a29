"""Only findings that are new are told; cfn-lint reads only what differs."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from installation import names
from ops.errors import FailedError
from ops.review import lint
from ops.review.diagnostics import NewDiagnostics
from ops.review.finding import Finding, Severity
from ops.templates.assembly import Assembly
from ops.templates.values import Map
from tests.support.review.application import Application


def report(*violations: Map, acknowledged: tuple[Map, ...] = ()) -> Map:
    plugin: Map = {
        "pluginName": "AwsSolutions",
        "violations": list(violations),
        "suppressedViolations": list(acknowledged),
    }
    return {"pluginReports": [plugin]}


def violation(rule: str, path: str, severity: str = "error", **more: str) -> Map:
    return {
        "ruleName": rule,
        "description": "A bucket without access logs.",
        "severity": severity,
        "violatingConstructs": [{"constructPath": path, "cloudFormationResource": {"logicalId": "B123"}}],
        **more,
    }


def side(validation: Map) -> Assembly:
    return Assembly(Path("cdk.out"), {}, validation)


def found(before: Assembly, after: Assembly) -> list[Finding]:
    with NewDiagnostics(before, after, "ap-northeast-1") as findings:
        return list(findings.findings())


KNOWN = violation("AwsSolutions-S1", "S/Bucket/Resource")


def test_a_finding_of_both_sides_is_not_told() -> None:
    assert found(side(report(KNOWN)), side(report(KNOWN))) == []


def test_a_new_error_is_a_risk_and_a_new_warning_a_notice() -> None:
    error, warning = violation("R1", "S/Other/Resource"), violation("R2", "S/Other/Resource", "warning")
    told = found(side(report(KNOWN)), side(report(KNOWN, error, warning)))
    assert [(it.severity, it.where, it.logical_id) for it in told] == [
        (Severity.RISK, "S/Other", "B123"),
        (Severity.LOOK, "S/Other", "B123"),
    ]
    assert told[0].message == "`AwsSolutions R1`: A bucket without access logs."


def test_a_newly_acknowledged_rule_is_told_with_its_reason() -> None:
    accepted = violation("R1", "S/Other/Resource", acknowledgedId="AwsSolutions::R1", reason="It logs to itself.")
    (told,) = found(side(report(KNOWN)), side(report(KNOWN, acknowledged=(accepted,))))
    assert told.severity is Severity.LOOK
    assert told.message == "`AwsSolutions R1` is acknowledged: It logs to itself."


def test_without_the_rules_on_one_side_nothing_is_called_new(dev: Assembly) -> None:
    ungoverned = Assembly(dev.folder, dev.stacks, {})
    governed = Assembly(dev.folder, dev.stacks, report(KNOWN))
    assert found(ungoverned, governed) == []


@pytest.fixture
def unknown_property(dev: Assembly) -> Application:
    changed = Application(dev)
    changed.properties(names.GUARDRAIL_STACK, "Alerts/Topic")["Loudness"] = 11
    return changed


def test_cfn_lint_tells_what_is_new(dev: Assembly, unknown_property: Application) -> None:
    (told,) = found(dev, unknown_property.assembly())
    assert told.where == "GuardrailStack/Alerts/Topic"
    assert told.message.startswith("`cfn-lint E3002`: ")
    assert "Loudness" in told.message


def test_cfn_lint_is_silent_about_what_was_there(unknown_property: Application) -> None:
    before = unknown_property.assembly()
    unknown_property.properties(names.GUARDRAIL_STACK, "Alerts/Topic")["DisplayName"] = "alerts"
    assert found(before, unknown_property.assembly()) == []


def test_cfn_lint_does_not_start_for_an_equal_application(dev: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any, **options: Any) -> None:
        raise AssertionError("started")

    monkeypatch.setattr("ops.review.lint.subprocess.Popen", refuse)
    assert found(dev, dev) == []


def test_cfn_lint_that_does_not_end_ends_the_review(
    dev: Assembly, unknown_property: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lint, "_MAIN", "import time; time.sleep(600)")
    monkeypatch.setattr(lint, "_PATIENCE_SECONDS", 0.1)
    with pytest.raises(FailedError, match=r"cfn-lint did not end within 0\.1 seconds"):
        found(dev, unknown_property.assembly())


def test_a_review_that_fails_does_not_wait_for_cfn_lint(dev: Assembly, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lint, "_MAIN", "import time; time.sleep(600)")
    work = [(dev, {names.GUARDRAIL_STACK: set(dev.stacks[names.GUARDRAIL_STACK].resources)})]
    with pytest.raises(ZeroDivisionError), lint.Linting(work, "ap-northeast-1"):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cfnlint.py", "raise SystemExit('run from the folder')"),
        (".cfnlintrc", "append_rules: [.]\nignore_checks: [E3002]"),
    ],
)
def test_cfn_lint_takes_no_code_from_the_folder_that_the_reviewer_is_in(
    dev: Assembly,
    unknown_property: Application,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    name: str,
    content: str,
) -> None:
    (tmp_path / name).write_text(content)
    (tmp_path / "rule.py").write_text("raise SystemExit('run from the folder')")
    monkeypatch.chdir(tmp_path)
    assert "Loudness" in "".join(it.message for it in found(dev, unknown_property.assembly()))


@pytest.mark.parametrize(
    ("resource_type", "key"),
    [("AWS::CloudFormation::Stack", "TemplateURL"), ("AWS::Serverless::Application", "Location")],
)
def test_cfn_lint_opens_no_file_that_a_template_names(
    dev: Assembly, tmp_path: Path, resource_type: str, key: str
) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    changed = Application(dev)
    changed.add(names.GUARDRAIL_STACK, "Nested", resource_type, {key: str(pipe), "Parameters": {"A": "b"}})

    opened = threading.Event()

    def open_and_tell() -> None:
        pipe.open("wb").close()  # waits for a reader
        opened.set()

    threading.Thread(target=open_and_tell, daemon=True).start()
    found(dev, changed.assembly())
    assert not opened.is_set()


def test_of_many_resources_one_of_each_shape_is_linted_and_the_rest_is_told(dev: Assembly) -> None:
    changed = Application(dev)
    for number in range(300):
        changed.add(names.GUARDRAIL_STACK, f"T{number}", "AWS::SNS::Topic", {"TopicName": f"t{number}"})
    changed.add(names.GUARDRAIL_STACK, "Z", "AWS::SNS::Topic", {"TopicName": "z", "Loudness": 11})
    told = found(dev, changed.assembly())
    assert {it.rule for it in told} == {"finding", "not-linted"}
    assert any("Loudness" in it.message for it in told)
    (left_out,) = [it.message for it in told if it.rule == "not-linted"]
    assert "`201` of the resources" in left_out
