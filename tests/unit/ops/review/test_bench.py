"""The committed summary of `make review-bench` is that of today's rules, and nothing in it is silent."""

from random import Random

from ops.review.catalogue import rules
from ops.review.catalogue import verdicts_of as page_verdicts
from ops.review.cdk_diff import CdkDiff
from ops.review.judgements import judgements_of_type
from ops.templates.assembly import Assembly
from tools.review_bench import SUMMARY, edits, summary, verdicts_of

# The whole takes minutes; these types have judgements of each kind.
TYPES = ("AWS::CloudWatch::Alarm", "AWS::EC2::Subnet", "AWS::Logs::LogGroup", "AWS::SecretsManager::Secret")


def test_the_committed_summary_is_that_of_todays_rules(dev: Assembly, cdk_diff: CdkDiff) -> None:
    committed = {line.split()[0]: line for line in SUMMARY.read_text(encoding="utf-8").splitlines() if line.strip()}
    lines = summary(dev, cdk_diff, only=TYPES).splitlines()
    todays = {line.split()[0]: line for line in lines if line.startswith("AWS::")}
    assert todays.keys() == set(TYPES)
    assert {kind: committed.get(kind) for kind in TYPES} == todays, "run `make review-bench`, and look at what changed"


def test_no_edit_is_silent_in_the_summary(dev: Assembly) -> None:
    rows = [line.split() for line in SUMMARY.read_text(encoding="utf-8").splitlines() if "::" in line]
    assert {row[0] for row in rows} == {
        str(resource["Type"])
        for stack in dev.stacks.values()
        for resource in stack.resources.values()
        if resource["Type"] != "AWS::CDK::Metadata"
    }
    assert all(row[-1] == "0" for row in rows)


def test_drawn_edits_are_told_and_harmless_only_by_a_rule(dev: Assembly, cdk_diff: CdkDiff) -> None:
    drawn = Random(1).sample(list(edits(dev)), 60)  # noqa: S311 - a sample, no secret
    for edit, verdict, found in verdicts_of(dev, cdk_diff, drawn):
        assert verdict != "silent", edit
        assert {finding.rule for finding in found} <= rules().keys()
        assert all(finding.severity in page_verdicts(finding.rule) for finding in found), edit
        action, stack, logical_id, _ = edit
        if action in ("remove", "move"):
            judgements = judgements_of_type(str(dev.stacks[stack].resources[logical_id]["Type"]))
            assert verdict == "risk" or (verdict == "look" and judgements.gone_look), edit
