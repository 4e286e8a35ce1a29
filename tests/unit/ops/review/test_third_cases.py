"""Cases of a reviewer who had read nothing of the review, on an application that is kept as it was."""

from collections import Counter

import pytest

from ops.review.catalogue import verdicts_of
from ops.review.cdk_diff import CdkDiff
from ops.review.comparing import compare
from ops.review.cost import cost_change, cost_findings, estimate_of
from ops.review.review import Verdict, template_findings, verdict_of
from tests.support.review.patches import PatchedCase, kept_applications, patched_cases

_WORDS = {Verdict.RISK: "risk", Verdict.LOOK: "look", Verdict.NOTHING: "harmless"}


Said = list[tuple[PatchedCase, str, list[str]]]


@pytest.fixture(scope="module")
def said(cdk_diff: CdkDiff, tmp_path_factory: pytest.TempPathFactory) -> Said:
    """Each case with verdict and messages. cfn-lint has no part in it, the cost only where nothing else is a risk."""
    bases = kept_applications(tmp_path_factory.mktemp("kept"))
    estimates = {name: estimate_of(base) for name, base in bases.items()}
    verdicts: Said = []
    undeclared: set[tuple[str, str]] = set()
    for case in patched_cases():
        base = case.before(bases[case.base])
        with case.applied(base) as head:
            comparison = compare(base, head, cdk_diff, base.region)
            findings = template_findings(comparison, None)
            undeclared |= {(it.rule, it.severity.name) for it in findings if it.severity not in verdicts_of(it.rule)}
            if verdict_of(findings) is not Verdict.RISK:
                before = estimate_of(base) if case.given else estimates[case.base]
                findings += cost_findings(comparison, cost_change(before, estimate_of(head)))
        word = _WORDS[verdict_of(findings)] if findings else "silent"
        verdicts.append((case, word, [it.message for it in findings]))
    assert not undeclared, "the page of the rule says otherwise"
    return verdicts


def test_each_verdict_is_that_of_the_reviewer_or_the_difference_is_written_down(said: Said) -> None:
    wrong = [f"{case.id}: {word}, not {case.said or case.verdict}" for case, word, _ in said
             if word != (case.said or case.verdict)]  # fmt: skip
    assert not wrong, "\n".join(wrong)


def test_a_message_says_what_a_reviewer_has_to_read(said: Said) -> None:
    silent = [f"{case.id}: {case.tells}" for case, _, messages in said if case.tells not in "\n".join(messages)]
    assert not silent, "\n".join(silent)


def test_nothing_is_said_of_scheduled_actions_where_there_are_none(said: Said) -> None:
    [messages] = [messages for case, _, messages in said if case.id == "BS045"]
    assert not [it for it in messages if "ScheduledActions" in it or "tasks" in it]


def test_recall_and_false_alarms(said: Said) -> None:
    counted = Counter((case.verdict, word) for case, word, _ in said)
    risks, looks, harmless = (sum(1 for it, *_ in said if it.verdict == one) for one in ("risk", "look", "harmless"))
    assert (len(said), risks, looks, harmless) == (3211, 2149, 142, 920)
    assert counted["risk", "risk"] / risks >= 0.95
    assert counted["risk", "harmless"] + counted["risk", "silent"] == 0
    assert counted["look", "risk"] / looks <= 0.35
    assert counted["harmless", "risk"] / harmless <= 0.03
