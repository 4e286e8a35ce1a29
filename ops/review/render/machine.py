"""The review for scripts (JSON), and for the security tab of GitHub (SARIF 2.1.0)."""

import hashlib
import json
from collections.abc import Mapping
from typing import Final

import pydantic_core

from ops.review.catalogue import explain, rules
from ops.review.changes import Change
from ops.review.finding import Finding, Severity
from ops.review.render.markdown import verdict_line
from ops.review.review import Review
from ops.review.sources import Sources
from ops.templates.values import Map, mapping

_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
# An alert needs a file of the repository: the golden template of the stack, which `make golden` writes.
_GOLDEN: Final = "tests/templates/{environment}/{stack}.json"


def as_json(review: Review) -> str:
    """The whole review as one JSON document."""
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
    places = _SourceLocations(review)
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
        "results": [_result(it, places) for it in review.findings],
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
                "cloudformation_diff": it.cdk_diff.name.lower(),
                "schema": it.schema.name.lower(),
                "why": it.why,
            }
            for it in change.properties
        ],
    }


def _result(finding: Finding, places: "_SourceLocations") -> dict[str, object]:
    fingerprint = hashlib.sha256(f"{finding.rule}|{finding.where}|{finding.message}".encode()).hexdigest()
    file, line = places.of(finding)
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


class _SourceLocations:
    """File and line of findings."""

    def __init__(self, review: Review) -> None:
        self._review = review
        self._sources = Sources(review.root)
        self._lines: dict[str, Mapping[str, int]] = {}

    def of(self, finding: Finding) -> tuple[str, int]:
        """The construct's file and line in the source, else in the golden template."""
        stack = self._review.head_stacks.get(finding.stack)
        if found := self._sources.place(finding.where):
            return found
        name = finding.stack or next(iter(self._review.head_stacks), "")
        file = _GOLDEN.format(environment=self._review.environment or "dev", stack=name)
        if name not in self._lines:
            self._lines[name] = _lines(stack.template) if stack else {}
        return file, self._lines[name].get(finding.logical_id, 1)


def _lines(template: Map) -> Mapping[str, int]:
    """The line of each resource in its golden template, which has an indent of one and no construct paths."""
    resources: Map = {}
    for key, value in mapping(template.get("Resources")).items():
        resource = dict(mapping(value))
        metadata = {name: it for name, it in mapping(resource.pop("Metadata", None)).items() if name != "aws:cdk:path"}
        resources[key] = resource | ({"Metadata": metadata} if metadata else {})
    text = json.dumps(template | {"Resources": resources}, indent=1, ensure_ascii=False)
    openings = {f'  "{logical_id}": {{': logical_id for logical_id in resources}
    return {openings[line]: number for number, line in enumerate(text.splitlines(), start=1) if line in openings}
