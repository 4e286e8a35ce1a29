"""The review as the comment of a pull request: the verdict first, then what to know, then everything, folded."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final

from ops.escaping.markdown import code, prose
from ops.escaping.markdown import text as words
from ops.review.changes import Change, Kind
from ops.review.concerns import Concern, Severity, Subject
from ops.review.engine import Replacement
from ops.review.render.fitting import Line, Section, fit, units
from ops.review.review import Review, Side, Verdict
from ops.review.values import Json, written

# GitHub refuses a comment of more characters.
GITHUB_LIMIT: Final = 65_536
LABEL: Final = "accept-risk"
_RESERVE = 1_500
_LONGEST_LINE = 1_200
_LONGEST_VALUE = 100
_RISK_WEIGHT, _NOTICE_WEIGHT, _OVERVIEW_WEIGHT, _CHANGE_WEIGHT = 3, 1, 2, 0
_NOT_A_NAME: Final = re.compile(r"[^\w-]|--")
_MARKS = {Severity.RISK: "🔴", Severity.NOTICE: "🔹"}


def marker(environment: str) -> str:
    """The hidden line by which a workflow finds its comment again, to update it."""
    return f"<!-- hannibal-review {_NOT_A_NAME.sub('', environment)} -->"


def markdown(review: Review, *, full_report: str = "", limit: int = GITHUB_LIMIT) -> str:
    """The comment.

    Args:
        review: the review.
        full_report: where the whole report is, told when this one is shortened.
        limit: number of characters that it may have.
    """
    opening = "\n".join([verdict_line(review), "", _sides(review), ""])
    sections, lines = _body(review)
    room = limit - units(opening) - units(full_report) - _RESERVE
    fitted = fit(sections, lines, room)
    closing = [_how_to_accept(review)] if review.verdict is Verdict.RISK else []
    if fitted.left_out:
        closing.append(
            f"**Shortened** to GitHub's limit of {limit:,} characters: {fitted.left_out:,} lines are left out, risks "
            f"last. All of it: {full_report or 'run `hannibal review --format json` on the same two sides'}."
        )
    parts = [opening.strip(), fitted.text.strip(), *closing, marker(review.environment)]
    return "\n\n".join(part for part in parts if part) + "\n"


def verdict_line(review: Review) -> str:
    """The verdict, in one line."""
    risks, notices = len(review.risks), len(review.concerns) - len(review.risks)
    if review.verdict is Verdict.RISK:
        subjects = ", ".join(dict.fromkeys(it.subject.heading.lower() for it in review.risks))
        state = "accepted" if review.accepted else "to accept before the merge"
        return f"🔴 **Risk: {_count(risks, 'thing')} {state}**: {subjects}"
    if review.verdict is Verdict.LOOK:
        return f"🔹 **Look: nothing risky, {_count(notices, 'thing')} to know**"
    changed = _count(len(review.changes), "harmless change") if review.changes else "no change"
    return f"✅ **Nothing to see: {changed}**"


def _sides(review: Review) -> str:
    environment = f", environment {code(review.environment)}" if review.environment else ""
    return f"{_side(review.base)} → {_side(review.head)}{environment}"


def _side(side: Side) -> str:
    return f"{code(side.label)} ({words(side.commit)})" if side.commit else code(side.label)


def _body(review: Review) -> tuple[list[Section], list[Line]]:
    sections: list[Section] = []
    lines: list[Line] = []

    def add(section: Section, texts: Sequence[tuple[str, int]]) -> None:
        if texts:
            lines.extend(Line(section=len(sections), text=text, weight=weight) for text, weight in texts)
            sections.append(section)

    add(
        Section(
            opening="| stack | added | changed | replaced | removed | types |\n| --- | --: | --: | --: | --: | --- |"
        ),
        [(row, _OVERVIEW_WEIGHT) for row in _overview(review)],
    )
    for subject in Subject:
        found = [it for it in review.concerns if it.subject is subject]
        add(
            Section(opening=f"\n### {subject.heading}\n"),
            [(_concern(it), _RISK_WEIGHT if it.severity is Severity.RISK else _NOTICE_WEIGHT) for it in found],
        )
    add(_folded("Monthly cost by stack"), [(line, _NOTICE_WEIGHT) for line in _cost(review)])
    add(
        _folded(f"All {_count(len(review.changes), 'change')}"),
        [(_change(it), _CHANGE_WEIGHT) for it in review.changes],
    )
    add(Section(opening=""), [(line, _OVERVIEW_WEIGHT) for line in _remarks(review)])
    return sections, lines


def _folded(title: str) -> Section:
    return Section(opening=f"\n<details><summary>{title}</summary>\n", closing="\n</details>")


def _overview(review: Review) -> Iterator[str]:
    for stack in dict.fromkeys([*(it.stack for it in review.changes), *review.added_stacks, *review.removed_stacks]):
        changes = [it for it in review.changes if it.stack == stack]
        replaced = [it for it in changes if it.replacement is Replacement.WILL]
        kinds = Counter(it.kind for it in changes if it not in replaced)
        types = Counter(words(it.type.removeprefix("AWS::")) for it in changes)
        shown = ", ".join(f"{count} {name}" if count > 1 else name for name, count in types.most_common(5))
        more = f" and {len(types) - 5} more" if len(types) > 5 else ""
        state = " (new)" if stack in review.added_stacks else " (gone)" if stack in review.removed_stacks else ""
        yield (
            f"| {words(stack)}{state} | {kinds[Kind.ADDED] or ''} | {kinds[Kind.CHANGED] or ''} "
            f"| {len(replaced) or ''} | {kinds[Kind.REMOVED] or ''} | {shown}{more} |"
        )


def _concern(concern: Concern) -> str:
    return f"- {_MARKS[concern.severity]} **{words(concern.where)}** {prose(_short(concern.message))}"


def _cost(review: Review) -> Iterator[str]:
    if review.cost is None or not (review.cost.stacks or review.cost.not_priced):
        return
    yield "| USD a month | running before | after | stopped before | after |\n| --- | --: | --: | --: | --: |"
    for name, (before, after) in review.cost.stacks.items():
        numbers = (before.running, after.running, before.stopped, after.stopped)
        yield f"| {words(name)} | {' | '.join(f'{number:.2f}' for number in numbers)} |"
    before, after = review.cost.before, review.cost.after
    yield f"| all | {before.running:.2f} | {after.running:.2f} | {before.stopped:.2f} | {after.stopped:.2f} |"
    if review.cost.not_priced:
        yield f"\nNo price is known for: {', '.join(code(path) for path in review.cost.not_priced)}."


def _change(change: Change) -> str:
    sign = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~"}[change.kind]
    replaced = {Replacement.WILL: " **replaced**", Replacement.MAY: " may be replaced"}.get(change.replacement, "")
    details = [
        f"{code(it.name)}: {_code(it.old)} → {_code(it.new)}"
        if not it.follows
        else f"{code(it.name)} follows a replacement"
        for it in change.properties
    ]
    details += [
        f"{code(name)}: {_code(change.old.get(name))} → {_code(change.new.get(name))}" for name in change.attributes
    ]
    line = f"- `{sign}` {words(change.path)} ({words(change.type)}){replaced}"
    # Whole details or none: half a code span would let its content out.
    shown = [size <= _LONGEST_LINE for size in accumulate(len(detail) for detail in details)]
    kept = details[: sum(shown)] + ["…"] * (not all(shown))
    return f"{line}: {'; '.join(kept)}" if kept else line


def _remarks(review: Review) -> Iterator[str]:
    if review.ignored:
        yield (
            f"\nOnly asset hashes or metadata differ in {_count(review.ignored, 'resource')}: the code behind a hash "
            f"is reviewed in the pull request itself."
        )
    if review.cost is None and review.cost_problem:
        yield f"\nCost was not computed: {prose(review.cost_problem)}."


def _how_to_accept(review: Review) -> str:
    if review.accepted:
        return "The risks are accepted."
    return f"If this is meant, put the label `{LABEL}` on the pull request (here: `--accept-risk`)."


def _code(value: Json) -> str:
    if value is None:
        return "nothing"
    text = " ".join(written(value).split())
    return code(f"{text[:_LONGEST_VALUE]}…" if len(text) > _LONGEST_VALUE else text)


def _short(line: str) -> str:
    """One line that does not fill the page; an opened code span is closed."""
    text = " ".join(line.split())
    if len(text) <= _LONGEST_LINE:
        return text
    cut = text[:_LONGEST_LINE]
    return f"{cut}…{'`' if cut.count('`') % 2 else ''}"


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
