"""The review for scripts (JSON), and for the security tab of GitHub (SARIF 2.1.0)."""

import hashlib
import json
from typing import Final

import pydantic_core

from ops.review.catalogue import explain, rules
from ops.review.changes import Change
from ops.review.finding import Finding, Severity
from ops.review.render.markdown import verdict_line
from ops.review.review import Review
from ops.templates.values import Map, mapping

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
        "findings": [_finding(it) for it in review.findings],
        "harmless": [_finding(it) for it in review.harmless],
        "changes": [_change(it) for it in review.changes],
        "added_stacks": review.added_stacks,
        "removed_stacks": review.removed_stacks,
        "cost": review.cost,
        "cost_problem": review.cost_problem,
    }
    return pydantic_core.to_json(content, indent=2).decode() + "\n"


def sarif(review: Review) -> str:
    """The findings as results of a code scan."""
    used = sorted({it.rule for it in review.findings})
    run = {
        "tool": {
            "driver": {
                "name": "hannibal review",
                "rules": [
                    {
                        "id": rule,
                        "shortDescription": {"text": rules()[rule].title},
                        "help": {"text": explain(rule), "markdown": explain(rule)},
                    }
                    for rule in used
                ],
            }
        },
        "results": [_result(it, review) for it in review.findings],
    }
    return json.dumps({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "subject": finding.subject.value,
        "severity": finding.severity.name.lower(),
        "rule": finding.rule,
        "stack": finding.stack,
        "where": finding.where,
        "logical_id": finding.logical_id,
        "message": finding.message,
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


def _result(finding: Finding, review: Review) -> dict[str, object]:
    fingerprint = hashlib.sha256(f"{finding.rule}|{finding.where}|{finding.message}".encode()).hexdigest()
    file, line = _place(finding, review)
    return {
        "ruleId": finding.rule,
        "level": "error" if finding.severity is Severity.RISK else "note",
        "message": {"text": f"{finding.where}: {finding.message}"},
        "locations": [
            {
                "physicalLocation": {"artifactLocation": {"uri": file}, "region": {"startLine": line}},
                "logicalLocations": [{"fullyQualifiedName": finding.where}],
            }
        ],
        "partialFingerprints": {"finding/v1": fingerprint},
    }


def _place(finding: Finding, review: Review) -> tuple[str, int]:
    """The construct's file and line where the assembly's metadata know them, else the golden template's."""
    stack = review.head_stacks.get(finding.stack)
    if stack and (source := stack.sources.get(finding.logical_id)):
        return source
    name = finding.stack or next(iter(review.head_stacks), "")
    file = _GOLDEN.format(environment=review.environment or "dev", stack=name)
    return file, _line(stack.template if stack else {}, finding.logical_id)


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
