"""`make review-bench`: the review's verdicts on edits of every property of the synthesized stacks, by resource type.

Each edit is reviewed separately. A harmless edit has a rule's name; an edit without a finding is counted as silent, and
there must be none.
"""

import sys
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from ops.review.cdk_diff import CdkDiff
from ops.review.comparing import compare
from ops.review.finding import Finding
from ops.review.review import Verdict, template_findings, verdict_of
from ops.templates.assembly import Assembly, Stack, read_assembly
from ops.templates.values import Json, Map, mapping

ROOT: Final = Path(__file__).resolve().parents[1]
SUMMARY: Final = ROOT / "tests" / "unit" / "ops" / "review" / "bench.txt"
_HEADINGS: Final = ("risk", "look", "harmless", "silent")
Edit = tuple[str, str, str, str]


def edits(side: Assembly) -> Iterator[tuple[Edit, Assembly]]:
    """Every edit as action, stack, logical id and place, with the application after it.

    Of resources of one type with the same properties, only one is edited.
    """
    kinds_seen: set[tuple[str, str]] = set()
    for name, stack in side.stacks.items():
        for logical_id, resource in stack.resources.items():
            kind = str(resource.get("Type"))
            for action, place, changed in _edited(resource):
                if (kind, f"{action} {place}") in kinds_seen:
                    continue
                kinds_seen.add((kind, f"{action} {place}"))
                yield (action, name, logical_id, place), _with_template(side, stack, {logical_id: changed})
            if (kind, "") in kinds_seen:
                continue
            kinds_seen.add((kind, ""))
            yield ("remove", name, logical_id, ""), _with_template(side, stack, {logical_id: None})
            renamed = _with_template(side, stack, {logical_id: None, f"{logical_id}X": resource})
            yield ("rename", name, logical_id, ""), renamed
            other = next(it for it in side.stacks.values() if it.name != name)
            without = _with_template(side, stack, {logical_id: None})
            yield ("move", name, logical_id, ""), _with_template(without, other, {logical_id: resource})


def verdicts_of(
    side: Assembly, cdk_diff: CdkDiff, edited: Iterable[tuple[Edit, Assembly]]
) -> Iterator[tuple[Edit, str, list[Finding]]]:
    """Each edit with its verdict; ``silent`` if there is no finding."""
    words = {Verdict.RISK: "risk", Verdict.LOOK: "look", Verdict.NOTHING: "harmless"}
    for edit, after in edited:
        found = template_findings(compare(side, after, cdk_diff, side.region), None)
        yield edit, words[verdict_of(found)] if found else "silent", found


def summary(side: Assembly, cdk_diff: CdkDiff, *, only: Container[str] | None = None) -> str:
    """The table of verdicts by resource type, of all or only some, and the rules of harmless edits."""

    def type_of(edit: Edit) -> str:
        return str(side.stacks[edit[1]].resources[edit[2]].get("Type"))

    chosen = ((edit, after) for edit, after in edits(side) if only is None or type_of(edit) in only)
    rows: dict[str, Counter[str]] = defaultdict(Counter)
    rules: Counter[str] = Counter()
    for edit, verdict, found in verdicts_of(side, cdk_diff, chosen):
        rows[type_of(edit)][verdict] += 1
        if verdict == "harmless":
            rules.update({finding.rule for finding in found})
    total = sum((Counter(row) for row in rows.values()), Counter[str]())
    lines = [_row("type", _HEADINGS), *(_row(kind, [rows[kind][it] for it in _HEADINGS]) for kind in sorted(rows))]
    lines += [_row("all", [total[it] for it in _HEADINGS]), "", "harmless by rule:"]
    return "\n".join([*lines, *(f"  {rule} {count}" for rule, count in sorted(rules.items())), ""])


def _row(name: str, cells: Iterator[object] | tuple[str, ...] | list[int]) -> str:
    return f"{name:<52}" + "".join(f"{cell!s:>10}" for cell in cells)


def _edited(resource: Map) -> Iterator[tuple[str, str, Map]]:
    properties = mapping(resource.get("Properties"))
    for path, value in _value_paths(properties, ()):
        place = "/".join(path)
        yield "delete", place, resource | {"Properties": _replace_value(properties, path, None)}
        yield "change", place, resource | {"Properties": _replace_value(properties, path, _other_value(value))}
        if isinstance(value, list | dict) and value:
            empty: Json = [] if isinstance(value, list) else {}
            yield "empty", place, resource | {"Properties": _replace_value(properties, path, empty)}
    yield "add", "Another", resource | {"Properties": properties | {"Another": "x"}}


def _value_paths(value: Json, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Json]]:
    """Places inside a value, also in objects of lists; intrinsic functions are not entered."""
    if path:
        yield path, value
    if isinstance(value, dict) and not any(key == "Ref" or key.startswith("Fn::") for key in value):
        for key, child in value.items():
            yield from _value_paths(child, (*path, key))
    elif isinstance(value, list):
        for number, child in enumerate(value[:2]):
            if isinstance(child, dict):
                yield from _value_paths(child, (*path, str(number)))


def _replace_value(value: Json, path: tuple[str, ...], new: Json) -> Json:
    """A copy with another value at a place, or without the place."""
    first, rest = path[0], path[1:]
    if isinstance(value, list):
        number = int(first)
        inner = _replace_value(value[number], rest, new) if rest else new
        return [*value[:number], *([] if inner is None else [inner]), *value[number + 1 :]]
    known = mapping(value)
    inner = _replace_value(known[first], rest, new) if rest else new
    return {key: inner if key == first else it for key, it in known.items() if key != first or inner is not None}


def _other_value(value: Json) -> Json:
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return str(int(value) + 1) if value.isdigit() else f"{value}-another"
    return "another"


def _with_template(side: Assembly, stack: Stack, changed: dict[str, Map | None]) -> Assembly:
    resources = {key: value for key, value in ({**stack.resources, **changed}).items() if value is not None}
    template: Map = {**stack.template, "Resources": {**resources}}
    return replace(side, stacks={**side.stacks, stack.name: replace(stack, template=template)})


def main() -> None:
    """Write the summary for the synthesized application, and print it."""
    with CdkDiff(ROOT) as cdk_diff:
        text = summary(read_assembly(Path(sys.argv[1] if sys.argv[1:] else "cdk.out")), cdk_diff)
    SUMMARY.write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main()
