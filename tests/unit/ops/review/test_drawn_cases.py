"""Cases that were argued by a reviewer who had not read the rules: what the review says of them, and how often."""

from collections import Counter

import pytest

from ops.review.catalogue import verdicts_of
from ops.review.cdk_diff import CdkDiff
from ops.review.comparing import compare
from ops.review.review import Verdict, template_findings, verdict_of
from ops.templates.assembly import Assembly
from tests.support.review.application import Application
from tests.support.review.operations import DrawnCase, drawn_cases

_WORDS = {Verdict.RISK: "risk", Verdict.LOOK: "look", Verdict.NOTHING: "harmless"}


@pytest.fixture(scope="module")
def said(dev: Assembly, cdk_diff: CdkDiff) -> list[tuple[DrawnCase, str]]:
    """Each case with the verdict. cfn-lint and the cost have no part in it."""
    verdicts = []
    for case in drawn_cases():
        application = Application(dev)
        case.apply(application)
        findings = template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)
        assert all(it.severity in verdicts_of(it.rule) for it in findings), "the page of the rule says otherwise"
        verdicts.append((case, _WORDS[verdict_of(findings)]))
    return verdicts


def test_each_verdict_is_that_of_the_reviewer_or_the_difference_is_written_down(
    said: list[tuple[DrawnCase, str]],
) -> None:
    wrong = [f"{case.id} {case.title}: {word}, not {case.said or case.verdict}" for case, word in said
             if word != (case.said or case.verdict)]  # fmt: skip
    assert not wrong, "\n".join(wrong)


def test_recall_and_false_alarms(said: list[tuple[DrawnCase, str]], capsys: pytest.CaptureFixture[str]) -> None:
    counted = Counter((case.verdict, word) for case, word in said)
    risks, harmless = (sum(number for (verdict, _), number in counted.items() if verdict == it) for it in _SIDES)
    with capsys.disabled():
        print(f"\nreview: {counted['risk', 'risk']} of {risks} drawn risks are called risks, ", end="")
        print(
            f"{counted['risk', 'harmless']} are silent; {counted['harmless', 'risk']} of {harmless} harmless are risks"
        )
    assert len(said) == 374
    assert counted["risk", "risk"] / risks >= 0.95
    assert counted["risk", "harmless"] == 0
    assert counted["harmless", "risk"] / harmless <= 0.03


_SIDES = ("risk", "harmless")
