"""What differs between the two sides: resources and their properties, each with whether it is replaced and why."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from ops.review.cdk_diff import ResourceVerdict, StackVerdict
from ops.review.known_replacements import known_replacement
from ops.templates.assembly import Assembly, Stack
from ops.templates.differences import Leaf, equal, leaves
from ops.templates.schemas import Replacement, Schema, schema
from ops.templates.values import Json, Map, at, canonical, identical, mapping, references

_BESIDE = ("Type", "Properties")
_NOTHING = ResourceVerdict(properties={}, attributes=[])


class Kind(StrEnum):
    """What happens to a resource."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, kw_only=True)
class PropertyChange:
    """A property that differs."""

    name: str  # the top-level property
    old: Json  # its value before, None if there was none
    new: Json  # its value after
    cdk_diff: Replacement  # whether it replaces the resource by CDK's diff
    schema: Replacement  # whether it does by the resource schema
    fact: tuple[Replacement, str] | None = None  # a known fact that overrides both, with its reason

    @property
    def replacement(self) -> Replacement:
        """The stricter of both sources, unless a known fact overrides them."""
        return self.fact[0] if self.fact else max(self.cdk_diff, self.schema)

    @property
    def follows(self) -> bool:
        """Whether it is equal in both templates and changes only because a resource that it refers to is replaced."""
        return canonical(self.old) == canonical(self.new)

    @property
    def why(self) -> str:
        """Why it counts as a replacement, where the two sources disagree; otherwise empty."""
        if self.fact:
            return self.fact[1]
        if self.cdk_diff == self.schema:
            return ""
        words = {Replacement.NO: "no replacement", Replacement.MAY: "perhaps", Replacement.WILL: "a replacement"}
        return (
            f"the sources differ: cloudformation-diff says {words[self.cdk_diff]}, the resource schema says "
            f"{words[self.schema]}; the stricter counts"
        )


@dataclass(frozen=True, kw_only=True)
class Place:
    """A resource of one of the sides, or a stack."""

    stack: str  # name of its stack
    logical_id: str  # its id in the template; empty for the stack itself
    path: str  # its construct path


@dataclass(frozen=True, kw_only=True)
class Change(Place):
    """A resource that differs."""

    type: str  # its resource type; the new one if the type changed
    kind: Kind  # what happens to it
    old: Map  # the resource before, empty if there was none
    new: Map  # the resource after
    properties: tuple[PropertyChange, ...] = ()  # its properties that differ
    attributes: tuple[str, ...] = ()  # differing attributes outside of the properties, such as ``DeletionPolicy``
    names: tuple[str, ...] = ()  # properties with its name, which must be unique

    @cached_property
    def replacement(self) -> Replacement:
        """Whether CloudFormation replaces it."""
        if self.kind is Kind.CHANGED and self.old.get("Type") != self.new.get("Type"):
            return Replacement.WILL
        return max((change.replacement for change in self.properties), default=Replacement.NO)

    @cached_property
    def leaves(self) -> tuple[Leaf, ...]:
        """The values that differ, in its properties and in its other attributes."""
        attributes = [name for name in dict.fromkeys([*self.old, *self.new]) if name not in _BESIDE]
        return self.property_leaves + tuple(
            leaf for name in attributes for leaf in leaves(self.old.get(name), self.new.get(name), (name,))
        )

    @cached_property
    def property_leaves(self) -> tuple[Leaf, ...]:
        """The values that differ in its properties."""
        return tuple(leaves(self.old.get("Properties"), self.new.get("Properties"), ("Properties",)))

    @property
    def follows(self) -> bool:
        """Whether its own definition is unchanged, and only replaced resources that it refers to affect it."""
        own = bool(self.attributes) or not self.properties
        return self.kind is Kind.CHANGED and not own and all(it.follows for it in self.properties)

    @property
    def only_tags(self) -> bool:
        """Whether only tags differ."""
        names = {change.name for change in self.properties}
        return self.kind is Kind.CHANGED and bool(names) and names <= {"Tags", "ResourceTags"} and not self.attributes

    @property
    def fixed_name(self) -> str | None:
        """The name that is the same before and after: CloudFormation refuses a replacement with this name."""
        for name in self.names:
            before, after = (side(*name.split("/")) for side in (self.before, self.after))
            if isinstance(before, str) and before == after:
                return before
        return None

    def before(self, *path: str) -> Json:
        """A property's value before."""
        return at(self.old.get("Properties"), *path)

    def after(self, *path: str) -> Json:
        """A property's value after."""
        return at(self.new.get("Properties"), *path)

    def differs(self, *path: str) -> bool:
        """Whether a property differs."""
        return canonical(self.before(*path)) != canonical(self.after(*path))


@dataclass(frozen=True, kw_only=True)
class Sides:
    """One stack on both sides, with templates from which meaningless differences are removed."""

    name: str  # name of the stack
    base: Stack | None  # the stack before, None if there was none
    head: Stack | None  # the stack after, None if it is gone
    base_template: Map  # its template before
    head_template: Map  # its template after

    @property
    def either(self) -> Stack:
        """The stack after the change, or before it where it is removed."""
        return next(it for it in (self.head, self.base) if it)

    @property
    def same_template(self) -> bool:
        """Whether the stack's own template is the same before and after: then rules can skip it."""
        return self.base_template is self.head_template

    @cached_property
    def before(self) -> Mapping[str, Map]:
        """Its resources before, by logical id."""
        return _resources(self.base_template)

    @cached_property
    def after(self) -> Mapping[str, Map]:
        """Its resources after, by logical id."""
        return _resources(self.head_template)

    @cached_property
    def paths(self) -> Mapping[str, str]:
        """Construct paths of both sides by logical id."""
        stacks = [stack for stack in (self.base, self.head) if stack]
        return {logical_id: stack.path(logical_id) for stack in stacks for logical_id in stack.paths}

    @cached_property
    def referrers(self) -> Mapping[str, set[str]]:
        """The resources after the change that refer to a resource of the stack, by that resource."""
        found: dict[str, set[str]] = defaultdict(set)
        for logical_id, resource in self.after.items():
            for target in references(resource):
                found[target].add(logical_id)
        return found

    @cached_property
    def function_logs(self) -> tuple[set[str], set[str]]:
        """Log groups that functions write to and no filter reads, before and after."""
        return _logs_of_functions(self.before), _logs_of_functions(self.after)

    def path(self, logical_id: str) -> str:
        """The construct path of a resource of either side."""
        return self.paths.get(logical_id, self.either.path(logical_id))

    def place(self, logical_id: str) -> Place:
        """A resource of either side."""
        return Place(stack=self.name, logical_id=logical_id, path=self.path(logical_id))

    @property
    def begins(self) -> str:
        """The event that creates its resources: a new installation or a new month."""
        return "a new installation" if self.either.lifecycle == "persistent" else "a new month"

    @property
    def whole(self) -> Place:
        """The stack itself."""
        return Place(stack=self.name, logical_id="", path=self.name)


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Both sides and what differs."""

    base: Assembly  # the application before
    head: Assembly  # the application after
    sides: Mapping[str, Sides]  # its stacks, new stacks last
    verdicts: Mapping[str, StackVerdict]  # the results of CDK's diff, by stack
    changes: tuple[Change, ...]  # the resources that differ, in stacks that exist after the change
    region: str  # region whose resource schemas are used

    @cached_property
    def added(self) -> frozenset[str]:
        """Construct paths of new resources."""
        return frozenset(it.path for it in self.changes if it.kind is Kind.ADDED)


def changes_of(sides: Sides, verdict: StackVerdict, region: str) -> tuple[Change, ...]:
    """The resources of a stack that differ, removed ones first."""
    before, after = sides.before, sides.after
    differing = [key for key in dict.fromkeys([*before, *after]) if not identical(before.get(key), after.get(key))]
    known = before.keys() | after.keys()
    ids = dict.fromkeys([*differing, *(key for key in verdict.resources if key in known)])
    found = [change_of(sides, logical_id, verdict, region) for logical_id in ids]
    order = (Kind.REMOVED, Kind.CHANGED, Kind.ADDED)
    return tuple(sorted(found, key=lambda change: (order.index(change.kind), change.path)))


def change_of(sides: Sides, logical_id: str, verdict: StackVerdict, region: str) -> Change:
    """The change of one resource of a stack, with the result of CDK's diff."""
    old, new = sides.before.get(logical_id, {}), sides.after.get(logical_id, {})
    kind = Kind.ADDED if not old else Kind.REMOVED if not new else Kind.CHANGED
    resource_type = str((new or old).get("Type", ""))
    its_schema = schema(resource_type, region)
    cdk_verdict = verdict.resources.get(logical_id, _NOTHING)
    before, after = (mapping(it.get("Properties")) for it in (old, new))
    names, attributes = set[str](), set[str]()
    if kind is Kind.CHANGED:
        names.update(name for name in {*before, *after} if not equal(before.get(name), after.get(name)))
        names.update(cdk_verdict.properties)
        attributes.update(name for name in {*old, *new} if not identical(old.get(name), new.get(name)))
        attributes.update(cdk_verdict.attributes)
    return Change(
        stack=sides.name,
        logical_id=logical_id,
        path=sides.path(logical_id),
        type=resource_type,
        kind=kind,
        old=old,
        new=new,
        properties=tuple(
            _property(resource_type, name, before.get(name), after.get(name), cdk_verdict.replacement(name), its_schema)
            for name in sorted(names)
        ),
        attributes=tuple(sorted(attributes - {"Type", "Properties"})),
        names=its_schema.name_properties if its_schema else (),
    )


def _property(
    resource_type: str, name: str, old: Json, new: Json, cdk_diff: Replacement, its_schema: Schema | None
) -> PropertyChange:
    follows = canonical(old) == canonical(new)
    if not follows and not any(leaves(old, new, (name,))):
        cdk_diff, its_schema = Replacement.NO, None  # the same value in another form
    # A value that only follows is equal on both sides; None as the new value lets the schema judge a change.
    changed = None if follows else new
    return PropertyChange(
        name=name,
        old=old,
        new=new,
        cdk_diff=cdk_diff,
        schema=its_schema.replacement(name, old, changed) if its_schema else Replacement.NO,
        fact=known_replacement(resource_type, name, new),
    )


def _resources(template: Map) -> Mapping[str, Map]:
    return {key: mapping(it) for key, it in mapping(template.get("Resources")).items()}


def _logs_of_functions(resources: Mapping[str, Map]) -> set[str]:
    written: set[str] = set()
    read: set[str] = set()
    for resource in resources.values():
        if resource.get("Type") == "AWS::Lambda::Function":
            written |= set(references(at(resource, "Properties", "LoggingConfig", "LogGroup")))
        elif resource.get("Type") in ("AWS::Logs::MetricFilter", "AWS::Logs::SubscriptionFilter"):
            read |= set(references(at(resource, "Properties", "LogGroupName")))
    return written - read
