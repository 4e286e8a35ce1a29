"""The argued cases: every risk is called one, nothing is silent, and nothing harmless is called a risk."""

from collections import Counter
from collections.abc import Iterator

import pytest

from ops.review.catalogue import rules, verdicts_of
from ops.review.cdk_diff import CdkDiff
from ops.review.comparing import compare
from ops.review.finding import Finding, Severity
from ops.review.review import Verdict, template_findings, verdict_of
from ops.templates.assembly import Assembly
from tests.support.review.application import Application
from tests.support.review.edits import Case, cases

_WORDS = {Verdict.RISK: "risk", Verdict.LOOK: "look", Verdict.NOTHING: "harmless"}
Judged = list[tuple[Case, list[Finding]]]


@pytest.fixture(scope="module")
def results(dev: Assembly, cdk_diff: CdkDiff) -> Judged:
    found = []
    for case in cases():
        application = Application(dev)
        case.apply(application)
        found.append((case, template_findings(compare(dev, application.assembly(), cdk_diff, dev.region), None)))
    return found


def test_there_are_enough_cases_and_each_has_its_own_name() -> None:
    everything = cases()
    assert len(everything) >= 150
    assert len({case.id for case in everything}) == len(everything)
    assert Counter(case.verdict for case in everything)["harmless"] >= 30


def test_each_case_gets_the_verdict_that_was_argued(results: Judged) -> None:
    wrong = [f"{case.id}: {case.verdict}, not {_word(found)} ({case.why})" for case, found in _differing(results)]
    assert not wrong, "\n".join(wrong)


def test_recall_and_false_alarms(results: Judged, capsys: pytest.CaptureFixture[str]) -> None:
    risks = [found for case, found in results if case.verdict == "risk"]
    harmless = [found for case, found in results if case.verdict == "harmless"]
    called = sum(_word(found) == "risk" for found in risks)
    silent = sum(_word(found) == "harmless" for found in risks)
    alarms = sum(_word(found) == "risk" for found in harmless)
    with capsys.disabled():
        print(f"\nreview: {called} of {len(risks)} argued risks are called risks, {silent} are silent; ", end="")
        print(f"{alarms} of {len(harmless)} harmless edits are called risks")
    assert called / len(risks) >= 0.95
    assert silent == 0
    assert alarms / len(harmless) <= 0.03


def test_every_finding_names_a_rule_that_has_a_page(results: Judged) -> None:
    named = {finding.rule for _, found in results for finding in found}
    assert named <= rules().keys(), named - rules().keys()
    assert all(it.severity in verdicts_of(it.rule) for _, found in results for it in found), "the page says otherwise"


def test_no_edit_is_without_a_finding(results: Judged) -> None:
    assert not [case.id for case, found in results if not found]


def _differing(results: Judged) -> Iterator[tuple[Case, list[Finding]]]:
    for case, found in results:
        if _word(found) != case.verdict:
            yield case, found


def _word(found: list[Finding]) -> str:
    return _WORDS[verdict_of(found)]


def test_harmless_is_never_said_without_a_rule(results: Judged) -> None:
    harmless = {it.rule for _, found in results for it in found if it.severity is Severity.HARMLESS}
    assert harmless
    assert all(rules()[rule].why for rule in harmless)
