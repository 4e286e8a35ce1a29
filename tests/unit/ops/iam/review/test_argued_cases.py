"""Records and policies of a reviewer who had not read the rules: what the review says of them."""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import pytest

from installation import yaml_text
from ops.iam.review.policies import Policies, PolicyError, parse
from ops.iam.review.review import Review
from ops.templates.values import Json, items, mapping
from tests.support.trail_events import ACCOUNT, OTHERS, event, review_of

Case = dict[str, Any]
CASES: Final[list[Case]] = yaml_text.parsed(Path(__file__).with_name("argued.yaml").read_text(encoding="utf-8"))
ISSUER: Final = f"arn:aws:iam::{ACCOUNT}:role/app"


def _event(number: int, given: Case) -> dict[str, Any]:
    it = dict(given)
    name, source = it.pop("event"), it.pop("source")
    issuer, invoked_by, mfa = it.pop("issuer", ISSUER), it.pop("invokedBy", None), it.pop("mfa", False)
    account, role = issuer.split(":")[4], issuer.rpartition("/")[2]
    identity = {
        "type": "AssumedRole",
        "arn": f"arn:aws:sts::{account}:assumed-role/{role}/s",
        "accountId": account,
        "sessionContext": {
            "sessionIssuer": {"type": "Role", "arn": issuer, "accountId": account, "userName": role},
            "attributes": {"creationDate": "2026-11-10T12:00:00Z", "mfaAuthenticated": str(mfa).lower()},
        },
    } | ({"invokedBy": invoked_by} if invoked_by else {})
    known = {"userIdentity": identity, "sourceIPAddress": "203.0.113.9", "eventID": str(it.pop("same_as", number))}
    return event(name, source, **(known | it))


def _policy(statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": statements}


def _reviewed(case: Case, folder: Path) -> Review:
    boundary = case.get("boundary")
    granted = Policies(
        source="test",
        identity=(parse(_policy(case["granted"]), "test"),),
        boundary=parse(_policy(boundary), "test") if boundary else None,
    )
    events = [_event(number, given) for number, given in enumerate(case["events"], start=1)]
    others = () if case.get("alone") else OTHERS
    return review_of(folder, granted, *events, *others, role=case.get("role", "app"))


def _proposed(review: Review, action: str) -> Iterator[Json]:
    """The resources on which the proposal allows an action."""
    for statement in map(mapping, items(review.proposed.get("Statement"))):
        patterns = [str(it).lower() for it in items(statement.get("Action"))]
        if statement.get("Effect") == "Allow" and (
            "NotAction" in statement or any(fnmatchcase(action.lower(), it) for it in patterns)
        ):
            yield from items(statement.get("Resource"))


def _said(review: Review, asked: Case) -> Case:
    """What the review says of what a case asks."""
    groups = {it.action: str(it.group.value) for it in review.members}
    used_on = {it.action: sorted(it.resources) for it in review.used_on}
    plain: Case = {
        "refused": review.proof.refused_calls,
        "refused_today": review.proof.already_refused,
        "undecided": review.proof.undecided_calls,
        "role_events": review.coverage.role_events,
        "outside": review.coverage.outside,
        "unmapped": len(review.unmapped),
        "not_granted": sorted(review.not_granted),
        "unknown": sorted(review.unknown_actions),
    }
    by_action: Case = {
        "groups": {it: groups.get(it) for it in asked.get("groups", ())},
        "used_on": {it: used_on.get(it) for it in asked.get("used_on", ())},
        "calls": {it.action: it.calls for it in review.members if it.action in asked.get("calls", ())},
        "kept": [it for it in asked.get("kept", ()) if any(_proposed(review, it))],
        "gone": [it for it in asked.get("gone", ()) if not any(_proposed(review, it))],
        "absent": [it for it in asked.get("absent", ()) if it not in groups],
        "notgroup": {it: group for it, group in asked.get("notgroup", {}).items() if groups.get(it) != group},
        "proposed_resources": {it: [*_proposed(review, it)] for it in asked.get("proposed_resources", ())},
    }
    return {name: (plain | by_action)[name] for name in asked}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_the_review_says_what_was_argued(case: Case, tmp_path: Path) -> None:
    if "refused_policy" in case:
        with pytest.raises(PolicyError, match=case["refused_policy"]):
            parse(_policy(case["granted"]), "test")
        return
    assert _said(_reviewed(case, tmp_path), case["expect"]) == case["expect"], case["argument"]
