"""The rules of the review as data: what each sees, why, and how to accept it."""

from collections.abc import Iterator, Mapping
from functools import cache

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from ops.errors import UnusableInputError
from ops.review.data import DATA, read_yaml
from ops.review.judgements import When, judgements

_ACCEPT = (
    "See that it is meant, and that whoever depends on the old value knows. Then put the label `accept-risk` on the "
    "pull request (by hand: `--accept-risk`)."
)


class Rule(BaseModel):
    """A rule.

    Attributes:
        title: what it says, in a few words.
        sees: which differences it is about, where the judgements do not say it.
        why: why that matters, or does not.
        accept: what to do, or to see, before it is accepted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: str = Field(min_length=5)
    sees: str = ""
    why: str = Field(min_length=10)
    accept: str = ""


@cache
def rules() -> Mapping[str, Rule]:
    """All rules, by id."""
    return TypeAdapter(dict[str, Rule]).validate_python(read_yaml(DATA / "rules.yaml"))


def explain(rule: str) -> str:
    """The page of a rule, as Markdown; the word ``all`` gives the list of rules.

    Raises:
        UnusableInputError: there is no such rule.
    """
    if rule == "all":
        return "".join(f"- `{name}`: {it.title}\n" for name, it in sorted(rules().items()))
    found = rules().get(rule)
    if found is None:
        near = [name for name in rules() if any(part in name for part in rule.split("-") if len(part) > 3)]
        raise UnusableInputError(f"there is no rule {rule!r}", *near[:8], "All of them: `--explain all`.")
    sees = [*([found.sees] if found.sees else []), *_judged_by(rule)]
    accept = found.accept or _ACCEPT
    lines = [
        f"## {rule}: {found.title}",
        "",
        "**What it sees**",
        *(f"- {it}" for it in sees),
        "",
        f"**Why.** {found.why}",
        "",
        f"**How to accept it, where it is a risk.** {accept}",
        "",
    ]
    return "\n".join(lines)


def _judged_by(rule: str) -> Iterator[str]:
    """What the judgements say that a rule sees."""
    for resource_type, its in judgements().items():
        if rule in (its.gone, its.gone_look):
            yield f"`{resource_type}` is removed"
        if its.new is not None and its.new.rule == rule:
            yield f"a new `{resource_type}`: {its.new.says}"
        for it in its.judgements:
            if it.rule == rule:
                when = "" if it.when is When.ANY else f" ({it.when})"
                values = f" to {', '.join(f'`{value}`' for value in it.to)}" if it.to else ""
                yield f"`{resource_type}`: {', '.join(f'`{place}`' for place in it.at)}{when}{values}: {it.says}"
