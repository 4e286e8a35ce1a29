"""`hannibal drift`: what it says of differences that are expected, and of stacks that were not compared."""

from dataclasses import replace

import pytest

from ops.errors import ExitCode
from ops.stacks.drift import Difference, Drift, DriftedResource
from tests.unit.ops.cli.conftest import Run


def found(*, by_release: bool) -> Drift:
    resource = DriftedResource(
        stack="ComputeStack",
        logical_id="Service",
        physical_id="service",
        resource_type="AWS::ECS::Service",
        status="MODIFIED",
        differences=(Difference(path="/DesiredCount", expected="1", actual="0"),),
        by_release=by_release,
    )
    return Drift(stacks=("ComputeStack",), resources=(resource,))


def test_a_difference_that_a_pause_made_is_not_called_a_release(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.stacks.drift.read_drift", lambda *_, **__: found(by_release=True))
    result = run("drift")
    assert result.exit_code == ExitCode.DONE
    assert "(by a release, scaling or a pause)" in result.stdout
    assert result.stdout.endswith("Stacks compared: 1. No drift besides that.\n")


@pytest.mark.parametrize(
    ("stack", "way"),
    [
        ("ComputeStack", "`hannibal stop`, then `hannibal start`"),
        ("NetworkStack", "or have CloudFormation do it: `npx cdk deploy NetworkStack --exclusively -c env=dev"),
        ("AuditStack", "or as an administrator, have CloudFormation do it: `aws cloudformation delete-change-set"),
    ],
)
def test_it_says_how_what_was_changed_comes_back(
    run: Run, monkeypatch: pytest.MonkeyPatch, stack: str, way: str
) -> None:
    """The doctor sends people here to see what to do, and `--revert-drift` is for persistent stacks only."""
    changed = replace(found(by_release=False).resources[0], stack=stack)
    monkeypatch.setattr("ops.stacks.drift.read_drift", lambda *_, **__: Drift(stacks=(stack,), resources=(changed,)))
    result = run("drift")
    assert way in result.stdout
    assert ("--revert-drift" in result.stdout) is (stack == "NetworkStack")


def test_the_comparison_is_announced_and_no_part_of_json(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ops.stacks.drift.read_drift", lambda *_, **__: found(by_release=False))
    result = run("drift", "--json")
    assert result.exit_code == ExitCode.UNHEALTHY
    assert "CloudFormation compares each stack" in result.stderr
    assert result.stdout.startswith("{")


def test_a_stack_in_work_is_no_question_of_credentials(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    in_work = Drift(stacks=(), resources=(), unread=("ComputeStack is UPDATE_IN_PROGRESS",))
    monkeypatch.setattr("ops.stacks.drift.read_drift", lambda *_, **__: in_work)
    result = run("drift")
    assert result.exit_code == ExitCode.FAILED
    assert "again when CloudFormation has finished" in result.stderr
