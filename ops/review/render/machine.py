"""The review for scripts (JSON), and for the security tab of GitHub (SARIF 2.1.0)."""

import hashlib
import json
from typing import Final

import pydantic_core

from ops.review.changes import Change
from ops.review.concerns import Concern, Severity
from ops.review.render.markdown import verdict_line
from ops.review.review import Review
from ops.review.values import Map, mapping

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
# An alert needs a file of the repository: the golden template of the stack, which `make golden` writes.
_GOLDEN: Final = "tests/templates/{environment}/{stack}.json"


def as_json(review: Review) -> str:
    """Everything, as one JSON document."""
    content = {
        "verdict": review.verdict.value,
        "summary": verdict_line(review),
        "accepted": review.accepted,
        "passes": review.passes,
        "environment": review.environment,
        "base": review.base,
        "head": review.head,
        "concerns": [_concern(it) for it in review.concerns],
        "changes": [_change(it) for it in review.changes],
        "added_stacks": review.added_stacks,
        "removed_stacks": review.removed_stacks,
        "ignored": review.ignored,
        "cost": review.cost,
        "cost_problem": review.cost_problem,
    }
    return pydantic_core.to_json(content, indent=2).decode() + "\n"


def sarif(review: Review) -> str:
    """The concerns as results of a code scan."""
    rules = {it.rule: it for it in review.concerns}
    run = {
        "tool": {
            "driver": {
                "name": "hannibal review",
                "rules": [
                    {"id": rule, "shortDescription": {"text": f"{it.subject.heading}: {rule.replace('-', ' ')}"}}
                    for rule, it in rules.items()
                ],
            }
        },
        "results": [_result(it, review) for it in review.concerns],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _concern(concern: Concern) -> dict[str, str]:
    return {
        "subject": concern.subject.value,
        "severity": concern.severity.name.lower(),
        "rule": concern.rule,
        "stack": concern.stack,
        "where": concern.where,
        "logical_id": concern.logical_id,
        "message": concern.message,
    }


def _change(change: Change) -> dict[str, object]:
    return {
        "stack": change.stack,
        "path": change.path,
        "logical_id": change.logical_id,
        "type": change.type,
        "kind": change.kind.value,
        "replacement": change.replacement.name.lower(),
        "attributes": {name: [change.old.get(name), change.new.get(name)] for name in change.attributes},
        "properties": [
            {
                "name": it.name,
                "old": it.old,
                "new": it.new,
                "replacement": it.replacement.name.lower(),
                "cloudformation_diff": it.engine.name.lower(),
                "schema": it.schema.name.lower(),
                "why": it.why,
            }
            for it in change.properties
        ],
    }


def _result(concern: Concern, review: Review) -> dict[str, object]:
    fingerprint = hashlib.sha256(f"{concern.rule}|{concern.where}|{concern.message}".encode()).hexdigest()
    line = _line(review.templates.get(concern.stack, {}), concern.logical_id)
    stack = concern.stack or next(iter(review.templates), "")
    file = _GOLDEN.format(environment=review.environment or "dev", stack=stack)
    return {
        "ruleId": concern.rule,
        "level": "error" if concern.severity is Severity.RISK else "note",
        "message": {"text": f"{concern.where}: {concern.message}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": file}, "region": {"startLine": line}},
                "logicalLocations": [{"fullyQualifiedName": concern.where}],
            }
        ],
        "partialFingerprints": {"concern/v1": fingerprint},
    }


def _line(template: Map, logical_id: str) -> int:
    """The line of a resource in its golden template, which is written with an indent of one and without paths."""
    resources: Map = {}
    for key, value in mapping(template.get("Resources")).items():
        resource = dict(mapping(value))
        metadata = {name: it for name, it in mapping(resource.pop("Metadata", None)).items() if name != "aws:cdk:path"}
        resources[key] = resource | ({"Metadata": metadata} if metadata else {})
    text = json.dumps(template | {"Resources": resources}, indent=1, ensure_ascii=False)
    opening = f'  "{logical_id}": {{'
    return next((number for number, line in enumerate(text.splitlines(), start=1) if line == opening), 1)
