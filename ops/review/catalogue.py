"""The rules of the review as data: what each finds, why, and how to accept it."""

from collections.abc import Iterator
from functools import cache
from typing import Literal

from pydantic import Field

from installation import yaml_text
from ops.errors import UnusableInputError
from ops.review.data import DATA
from ops.review.finding import Severity
from ops.review.judgements import Judgement, When, judgements
from ops.review.new_resources import new_resource_rules
from ops.review.value_rules import safeguards

_MEANT = "See that it is meant, and that whoever depends on the old value knows."
_HAPPENS = {
    When.ANY: "changes", When.ON: "is turned on", When.OFF: "is turned off", When.LOST: "loses a value",
}  # fmt: skip
_NAMES = {Severity.RISK: "a risk", Severity.LOOK: "to look at", Severity.HARMLESS: "harmless"}
_LABEL = "Then put the label `accept-risk` on the pull request; with `hannibal review`, that is `--accept-risk`."


class Rule(yaml_text.Data):
    """A rule of the review."""

    title: str = Field(min_length=5)  # its statement in a few words
    # Its possible severities, where the judgements do not give them.
    verdicts: tuple[Literal["harmless", "look", "risk"], ...] = ()
    sees: str = ""  # the differences that it finds, where the judgements do not give them
    why: str = Field(min_length=10)  # why these differences matter or do not
    accept: str = ""  # what to do or check before accepting it


rules = yaml_text.cached_reader(DATA / "rules.yaml", dict[str, Rule])  # all of them, by id


def explain(rule: str) -> str:
    """The page of a rule, as Markdown; the word ``all`` gives the list of rules.

    Raises:
        UnusableInputError: there is no such rule.
    """
    if rule == "all":
        return "".join(f"- `{name}`: {it.title}\n" for name, it in sorted(rules().items()))
    page = rules().get(rule)
    if page is None:
        near = [name for name in rules() if any(part in name for part in rule.split("-") if len(part) > 3)]
        raise UnusableInputError(f"there is no rule {rule!r}", *near[:8], "All of them: `--explain all`.")
    sees = [*([page.sees] if page.sees else []), *_judgement_rows(rule), *_any_type_rows(rule)]
    verdicts = verdicts_of(rule)
    first = ["", "Where several match a change, the first one applies."] if len(sees) > 1 and len(verdicts) > 1 else []
    says = ", or ".join(_NAMES[it] for it in verdicts)
    lines = [f"## {rule}: {page.title}", "", f"**What it says.** {says[:1].upper()}{says[1:]}.", "", "**What it sees**"]
    lines += [*(f"- {it}" for it in sees), *first, "", f"**Why.** {page.why}", ""]
    if Severity.RISK in verdicts:
        lines += [f"**How to accept it.** {page.accept or _MEANT} {_LABEL}", ""]
    return "\n".join(lines)


@cache
def verdicts_of(rule: str) -> tuple[Severity, ...]:
    """The possible severities of a rule, the highest first."""
    severities = {Severity[it.upper()] for it in rules()[rule].verdicts}
    for type_judgements in judgements().values():
        severities |= {Severity.RISK} if rule == type_judgements.gone else set()
        severities |= {Severity.LOOK} if rule == type_judgements.gone_look else set()
        possible = (*type_judgements.judgements, *filter(None, [type_judgements.new]))
        severities |= {it.severity for it in possible if it.rule == rule}
    if rule in _rules_of_every_type():
        severities.add(Severity.RISK)
    return tuple(sorted(severities, reverse=True))


@cache
def _rules_of_every_type() -> frozenset[str]:
    """Rules about risks that are the same in every resource type."""
    its = new_resource_rules()
    found = {it.rule for it in (*its.kinds, *its.left_out, *its.left_out_within)}
    return frozenset(found | {it.rule for it in safeguards()})


def _judgement_rows(rule: str) -> Iterator[str]:
    """The differences that a rule finds by the judgements."""
    for resource_type, type_judgements in judgements().items():
        if rule in (type_judgements.gone, type_judgements.gone_look):
            yield f"`{resource_type}` is removed"
        if type_judgements.new is not None and type_judgements.new.rule == rule:
            yield f"a new `{resource_type}`{_severity_note(rule, type_judgements.new)}: {type_judgements.new.says}"
        type_text = "of every type" if resource_type == "*" else f"of `{resource_type}`"
        for judgement in type_judgements.judgements:
            if judgement.rule == rule:
                change = f"{_property_paths(judgement)} {type_text} {_change_text(judgement)}"
                yield f"{change}{_severity_note(rule, judgement)}: {judgement.says}"


def _any_type_rows(rule: str) -> Iterator[str]:
    """The differences that a rule finds in every type, by the names of types and properties."""
    for kind in new_resource_rules().kinds:
        if kind.rule == rule:
            yield f"a new {_values(kind.of)}{_excluded_types(kind.not_of)}: {kind.says}"
    for omission in (*new_resource_rules().left_out, *new_resource_rules().left_out_within):
        if omission.rule == rule:
            yield f"a new {_values(omission.of or (omission.within,))} has no `{omission.without}`: {omission.says}"
    for safeguard in safeguards():
        if safeguard.rule == rule:
            limits = (("less than", safeguard.below), ("more than", safeguard.above))
            sizes = [f"{word} `{limit:g}`" for word, limit in limits if limit is not None]
            types = "" if safeguard.of == ("*",) else f" of {_values(safeguard.of)}"
            values = " or ".join([*([_values(safeguard.values)] if safeguard.values else []), *sizes])
            properties = f"{_values(safeguard.named)}{types}{_excluded_types(safeguard.not_of)}"
            yield f"{properties}, written newly as {values}: {safeguard.says}"


def _excluded_types(types: tuple[str, ...]) -> str:
    return f", but of {_values(types)}" if types else ""


def _property_paths(judgement: Judgement) -> str:
    return ", ".join("any other property" if it == "*" else f"`{it.removeprefix('.')}`" for it in judgement.at)


def _change_text(judgement: Judgement) -> str:
    was = f" from {_values(judgement.was)}" if judgement.was else ""
    to = f" to {_values(judgement.to)}" if judgement.to else ""
    most = f", up to {judgement.times:g} times the old value" if judgement.times else ""
    return f"{_HAPPENS.get(judgement.when, f'is {judgement.when}')}{was}{to}{most}"


def _values(texts: tuple[str, ...]) -> str:
    return " or ".join(f"`{it}`" if it else "nothing" for it in texts)


def _severity_note(rule: str, judgement: Judgement) -> str:
    """The severity of a judgement in parentheses, where the rule has more than one."""
    return f" ({_NAMES[judgement.severity]})" if len(verdicts_of(rule)) > 1 else ""
