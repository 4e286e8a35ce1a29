"""The review as a comment on a pull request: verdict, risks, cost; then, collapsed, other findings and all changes."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from ops.escaping.markdown import code, prose
from ops.escaping.markdown import text as words
from ops.review.changes import Change, Kind
from ops.review.cost import Amounts
from ops.review.finding import Finding, Severity, Subject, quoted, shown
from ops.review.review import Review, Side, Verdict
from ops.templates.schemas import Replacement

# Room for "… and 1,234 more" below a section.
_MORE = 32
# The most characters of a comment on GitHub.
GITHUB_LIMIT: Final = 65_536
LABEL: Final = "accept-risk"
_NOT_A_NAME: Final = re.compile(r"[^\w-]|--")
_RESERVE = 1_500
_LONGEST_LINE = 1_200
_MOST_LEAVES = 8
_COMMIT = 12
# At least four findings with the same message share a line; a line has at most twenty places.
_JOINT_FROM, _NAMED = 4, 20
# A renamed construct has many resources with taken names: their line leaves out which have them.
_TAKEN_BY: Final = re.compile(r"(?<=^has the name of )`[^`]+`")
# With more lines of risks than these, the way to accept them and the cost come first.
_FIRST_SCREEN = 12
_RISK_WEIGHT, _COST_WEIGHT, _LOOK_WEIGHT, _OVERVIEW_WEIGHT, _CHANGE_WEIGHT = 4, 3, 1, 2, 0


@dataclass(frozen=True, kw_only=True)
class Section:
    """A part of a report."""

    weight: int  # sections of a smaller weight lose their lines first
    lines: Sequence[str]
    opening: str = ""  # text above its lines
    closing: str = ""  # text below its lines


def units(text: str) -> int:
    """Length of a text in UTF-16 units: the strictest meaning of a limit in "characters"."""
    return len(text.encode("utf-16-le")) // 2


def fit(sections: Sequence[Section], room: int) -> tuple[str, int]:
    """The lines that fit, and the number of omitted lines; sections of a higher weight get room first."""
    lines_of: dict[int, list[str]] = {}
    used = 0
    for number, section in sorted(enumerate(sections), key=lambda it: -it[1].weight):
        lines_of[number] = []
        for line in section.lines:
            cost = units(line) + 1
            if not lines_of[number]:
                cost += units(section.opening) + units(section.closing) + _MORE + 3
            if used + cost <= room:
                used += cost
                lines_of[number].append(line)
    parts = []
    left_out = 0
    for number, section in enumerate(sections):
        lost = len(section.lines) - len(lines_of[number])
        left_out += lost
        if lines_of[number]:
            more = [f"- … and {lost:,} more"] if lost else []
            parts += [section.opening, *lines_of[number], *more, *([section.closing] if section.closing else [])]
    return "\n".join(parts), left_out


def marker(environment: str) -> str:
    """The hidden line by which a workflow finds its comment, to update it."""
    return f"<!-- hannibal-review {_NOT_A_NAME.sub('', environment)} -->"


def markdown(review: Review, *, full_report: str = "", limit: int = GITHUB_LIMIT) -> str:
    """The text of the comment, of at most so many characters; a shortened one names the place of the full report."""
    environment = f", environment {code(review.environment)}" if review.environment else ""
    sides = f"{_side_label(review.base)} → {_side_label(review.head)}{environment}"
    opening = "\n".join([verdict_line(review), "", sides, ""])
    text, left_out = fit(_body(review), limit - units(opening) - units(full_report) - _RESERVE)
    closing = ""
    if left_out:
        closing = (
            f"**Shortened** to GitHub's limit of {limit:,} characters: {left_out:,} lines are left out, risks "
            f"last. All of it: {full_report or 'run `hannibal review --format json` on the same two sides'}."
        )
    parts = [opening.strip(), text.strip(), closing, marker(review.environment)]
    return "\n\n".join(part for part in parts if part) + "\n"


def not_reviewed(problem: str, advice: Sequence[str], *, base: str, head: str, environment: str) -> str:
    """The comment where there is no review; it replaces the comment on an earlier commit."""
    sides = " → ".join(code(it) for it in (base, head) if it)
    steps = "\n".join(f"- {prose(it)}" for it in advice)
    opening = "⚠️ **Not reviewed: nothing is known about this change**"
    parts = [opening, sides, prose(problem), steps, marker(environment)]
    return "\n\n".join(part for part in parts if part) + "\n"


def verdict_line(review: Review) -> str:
    """The verdict, in one line."""
    risks, looks = len(review.risks), len(review.findings) - len(review.risks)
    if review.verdict is Verdict.RISK:
        headings = dict.fromkeys(it.subject.heading for it in review.risks)
        subjects = "; ".join(f"{it[:1].lower()}{it[1:]}" for it in headings)
        state = "accepted" if review.accepted else "to accept before the merge"
        return f"🔴 **Risk: {_count(risks, 'thing')} {state}**: {subjects}"
    if review.verdict is Verdict.LOOK:
        return f"🔹 **Look: no risk, {_count(looks, 'thing')} to know**"
    if not review.harmless:
        return "✅ **Nothing to see: no difference**"
    rules = quoted(dict.fromkeys(it.rule for it in review.harmless))
    return f"✅ **Nothing to see: {_count(len(review.harmless), 'difference')}, harmless by {rules}**"


def _side_label(side: Side) -> str:
    # As code, a commit is no link on GitHub, so that copying it gives only the id.
    return f"{code(side.label)} ({code(side.commit[:_COMMIT])})" if side.commit else code(side.label)


def _body(review: Review) -> list[Section]:
    risks = {subject: list(_finding_lines(it for it in review.risks if it.subject is subject)) for subject in Subject}
    of_risks = [
        Section(weight=_RISK_WEIGHT, opening=f"\n### {subject.heading}\n", lines=findings)
        for subject, findings in risks.items()
    ]
    decision = Section(weight=_COST_WEIGHT, lines=[*_accept(review), *_cost_line(review)])
    first = [decision, *of_risks] if sum(map(len, risks.values())) > _FIRST_SCREEN else [*of_risks, decision]
    header = "\n| stack | added | changed | replaced | removed | types |\n| --- | --: | --: | --: | --: | --- |"
    looks = [it for it in review.findings if it.severity is Severity.LOOK]
    harmless = _count(len(review.harmless), "difference")
    sections = [
        *first,
        Section(weight=_OVERVIEW_WEIGHT, opening=header, lines=list(_overview(review))),
        _details_section(f"{_count(len(looks), 'thing')} to know", _LOOK_WEIGHT, _finding_lines(looks)),
        _details_section("Monthly cost by stack", _LOOK_WEIGHT, _cost(review)),
        _details_section(f"{harmless}, harmless by rule", _CHANGE_WEIGHT, _harmless(review)),
        _details_section(f"All {_count(len(review.changes), 'change')}", _CHANGE_WEIGHT, map(_change, review.changes)),
    ]
    return [it for it in sections if it.lines]


def _details_section(title: str, weight: int, lines: Iterable[str]) -> Section:
    opening = f"\n<details><summary>{title}</summary>\n"
    return Section(weight=weight, opening=opening, lines=list(lines), closing="\n</details>")


def _overview(review: Review) -> Iterator[str]:
    for stack in dict.fromkeys([*(it.stack for it in review.changes), *review.added_stacks, *review.removed_stacks]):
        changes = [it for it in review.changes if it.stack == stack]
        replaced = [it for it in changes if it.replacement is Replacement.WILL]
        kinds = Counter(it.kind for it in changes if it.replacement is not Replacement.WILL)
        types = Counter(it.type.removeprefix("AWS::") for it in changes)
        listed = ", ".join(f"{count} {name}" if count > 1 else name for name, count in types.most_common(5))
        more = f" and {len(types) - 5} more" if len(types) > 5 else ""
        state = " (new)" if stack in review.added_stacks else " (gone)" if stack in review.removed_stacks else ""
        yield (
            f"| {words(stack)}{state} | {kinds[Kind.ADDED] or ''} | {kinds[Kind.CHANGED] or ''} | "
            f"{len(replaced) or ''} | {kinds[Kind.REMOVED] or ''} | {words(listed)}{more} |"
        )


def _finding(finding: Finding) -> str:
    mark = "🔴" if finding.severity is Severity.RISK else "🔹"
    message = finding.message.removeprefix(f"`{finding.where}` ")  # a role's permission begins with its name
    return f"- {mark} **{words(finding.where)}** {prose(_shorten(message))} (`{finding.rule}`)"


def _finding_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """A line for each finding; many equal findings share lines, which name all places of risks."""
    by_message: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for it in findings:
        by_message[(it.rule, _TAKEN_BY.sub("another resource", it.message))].append(it)
    for (_, message), alike in by_message.items():
        if len(alike) < _JOINT_FROM:
            yield from map(_finding, alike)
        elif alike[0].severity is Severity.RISK:
            yield from (_joint_line(message, alike[start : start + _NAMED]) for start in range(0, len(alike), _NAMED))
        else:
            yield _joint_line(message, alike)


def _joint_line(message: str, its: Sequence[Finding]) -> str:
    first = its[0]
    mark = "🔴" if first.severity is Severity.RISK else "🔹"
    named = ", ".join(words(it.where) for it in its[:_NAMED])
    more = f" and {len(its) - _NAMED:,} more" if len(its) > _NAMED else ""
    return f"- {mark} **{_count(len(its), 'place')}**: {prose(_shorten(message))}: {named}{more} (`{first.rule}`)"


def _accept(review: Review) -> Iterator[str]:
    if review.verdict is not Verdict.RISK:
        return
    if review.accepted:
        yield "\nThe risks are accepted."
    else:
        rule = review.risks[0].rule
        yield (
            f"\n**If this is meant**, put the label `{LABEL}` on the pull request; with `hannibal review`, that is "
            f"`--accept-risk`. What a rule sees, why, and how to accept it: `hannibal review --explain {rule}`."
        )


def _cost_line(review: Review) -> Iterator[str]:
    if review.cost is None:
        if review.cost_problem:
            yield f"\n**Cost** was not computed: {prose(review.cost_problem)}."
        return
    if not review.cost.not_priced and any(it.rule == "cost" for it in review.risks):
        return  # it is among the risks
    before, after = review.cost.before, review.cost.after
    change = "no change" if before == after else f"{after.running - before.running:+.2f}"
    unknown = _count(len(review.cost.not_priced), "resource")
    lacks = f"; without {unknown} that no price is known for" if review.cost.not_priced else ""
    yield (
        f"\n**Cost** of a month{review.cost.priced}: running {after.running:.2f} USD, stopped {after.stopped:.2f} USD "
        f"({change}){lacks}."
    )


def _cost(review: Review) -> Iterator[str]:
    if review.cost is None or not review.cost.stacks:
        return
    yield "| USD a month | running before | after | stopped before | after |\n| --- | --: | --: | --: | --: |"
    for name, (before, after) in review.cost.stacks.items():
        yield _cost_row(words(name), before, after)
    yield _cost_row("all", review.cost.before, review.cost.after)


def _cost_row(name: str, before: Amounts, after: Amounts) -> str:
    return f"| {name} | {before.running:.2f} | {after.running:.2f} | {before.stopped:.2f} | {after.stopped:.2f} |"


def _harmless(review: Review) -> Iterator[str]:
    for rule, count in Counter(it.rule for it in review.harmless).most_common():
        places = list(dict.fromkeys(it.where for it in review.harmless if it.rule == rule))
        more = f" and {len(places) - 5} more" if len(places) > 5 else ""
        yield f"- `{rule}` ({count}): {', '.join(map(words, places[:5]))}{more}"


def _change(change: Change) -> str:
    sign = {Kind.ADDED: "+", Kind.REMOVED: "-", Kind.CHANGED: "~"}[change.kind]
    replaced = {Replacement.WILL: " **replaced**", Replacement.MAY: " may be replaced"}.get(change.replacement, "")
    details = [f"`{it.name}` follows a replacement" for it in change.properties if it.follows]
    if change.kind is Kind.CHANGED:
        details += [shown(leaf) for leaf in change.leaves]
    more = f"; and {len(details) - _MOST_LEAVES} more" if len(details) > _MOST_LEAVES else ""
    tail = f": {'; '.join(details[:_MOST_LEAVES])}{more}" if details else ""
    return f"- `{sign}` {words(change.path)} ({words(change.type)}){replaced}{prose(_shorten(tail))}"


def _shorten(text: str) -> str:
    return text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}…"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
