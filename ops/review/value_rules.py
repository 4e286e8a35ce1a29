"""What `any_type.yaml` and `safeguards.yaml` say about names and values in resources of any type."""

import re
from collections.abc import Mapping
from functools import cached_property, lru_cache

from pydantic import Field

from installation import yaml_text
from ops.review.data import DATA
from ops.review.finding import Subject
from ops.review.new_values import NewValue, fits, has_field_value
from ops.templates.values import number


class RuleMessage(yaml_text.Data):
    """A rule with its message."""

    rule: str
    says: str
    subject: Subject = Subject.EXPOSURE


class Safeguard(RuleMessage):
    """Values of a property that turn off a safeguard; ``safeguards.yaml`` describes each field."""

    named: tuple[str, ...]
    values: tuple[str, ...] = Field(alias="is", default=())
    excepted: tuple[str, ...] = ()
    below: float | None = None
    above: float | None = None
    of: tuple[str, ...] = ("*",)
    not_of: tuple[str, ...] = ()
    given: Mapping[str, tuple[str, ...]] = {}
    unless: Mapping[str, tuple[str, ...]] = {}
    was: tuple[str, ...] = ()
    persistent: bool = False
    of_added: bool = True

    def is_for(self, resource_type: str) -> bool:
        """Whether it applies to a resource type."""
        return fits(resource_type, self.of) and not fits(resource_type, self.not_of)

    def met_by(self, entry: NewValue) -> bool:
        """Whether the value of one of its properties turns off the safeguard."""
        applies = not self.given or has_field_value(entry.container, self.given)
        if entry.is_added and not self.of_added:
            return False
        if not applies or has_field_value(entry.container, self.unless) or fits(str(entry.old), self.was):
            return False
        size, before = number(entry.value), number(entry.old)
        if size is not None and before is not None and ((size > before) if self.below is not None else (size < before)):
            return False  # better than before
        small = self.above is None or (before or 0) <= 2 * self.above
        if self.rule == "costly" and small and size is not None and size <= 1.5 * (before or 0):
            return False  # a step, which `names.yaml` judges
        endless = size == -1 and self.rule == "kept-briefly"
        less = size is not None and self.below is not None and size < self.below and not endless
        more = size is not None and self.above is not None and size > self.above
        return less or more or (fits(entry.text, self.values) and not fits(entry.text, self.excepted))


class Call(RuleMessage):
    """Calls that a schedule or a rule makes by itself."""

    targets: tuple[str, ...]


class Pointer(yaml_text.Data):
    """Names whose value is no secret where it has the form of what they name."""

    named: tuple[str, ...]
    to: re.Pattern[str]


class AnyTypeRules(yaml_text.Data):
    """Content of ``any_type.yaml``, which describes each field."""

    secrets: tuple[str, ...]
    secret_forms: tuple[str, ...]
    secret_names: tuple[str, ...]
    key_names: tuple[str, ...]
    pointers: tuple[str, ...]
    points_by: tuple[Pointer, ...]
    of_aws: frozenset[str]
    of_examples: frozenset[str]
    accounts: tuple[str, ...]
    images: tuple[str, ...]
    in_a_region: tuple[str, ...]
    buckets: tuple[str, ...]
    of_buckets: tuple[str, ...]
    acting: tuple[str, ...]
    looking: tuple[str, ...]
    made_of: tuple[str, ...]
    calls: tuple[Call, ...]

    @cached_property
    def forms(self) -> re.Pattern[str]:
        """All forms of secrets in one regular expression."""
        return re.compile("|".join(self.secret_forms))


any_type_rules = yaml_text.cached_reader(DATA / "any_type.yaml", AnyTypeRules)
safeguards = yaml_text.cached_reader(DATA / "safeguards.yaml", tuple[Safeguard, ...])


@lru_cache(maxsize=20_000)
def safeguards_of(resource_type: str, names: tuple[str, ...]) -> tuple[Safeguard, ...]:
    """The safeguards that a property of a type can turn off; the property may have several names."""
    named = frozenset[int]().union(*map(_safeguards_named, names))
    return tuple(it for at, it in _safeguards_for(resource_type) if at in named)


@lru_cache(maxsize=20_000)
def _safeguards_named(name: str) -> frozenset[int]:
    return frozenset(number for number, it in enumerate(safeguards()) if fits(name, it.named))


@lru_cache(maxsize=2_000)
def _safeguards_for(resource_type: str) -> tuple[tuple[int, Safeguard], ...]:
    return tuple((number, it) for number, it in enumerate(safeguards()) if it.is_for(resource_type))
