"""How long a start takes on AWS: typical times along the templates' critical path, or as the embedded AWS replays."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from installation.aws_facts.durations import METADATA, Durations, load_durations
from ops.aws.embedded import ask_for
from ops.templates.assembly import Assembly, Stack, read_assembly
from ops.templates.values import Map, items, references

_SLOW_SECONDS: Final = 60


class Rehearsal(BaseModel):
    """The embedded AWS's report of its replayed durations."""

    model_config = ConfigDict(frozen=True)

    replayed: bool = False  # whether its resources take their typical times
    # Seconds that the creation of each stack takes on AWS, as replayed.
    stacks: dict[str, float] = Field(default_factory=dict)


def read_rehearsal(endpoint: str | None) -> Rehearsal:
    """Read the embedded AWS's report; AWS and other endpoints replay nothing."""
    return ask_for(Rehearsal, endpoint, "durations") or Rehearsal()


def rehearsed(endpoint: str | None, assembly: Path, *, made: Collection[str]) -> int | None:
    """The result of `rehearsed_seconds` for an assembly's folder; None where nothing was replayed."""
    rehearsal = read_rehearsal(endpoint)
    return rehearsed_seconds(read_assembly(assembly), rehearsal, created=made) if rehearsal.replayed else None


def rehearsed_seconds(assembly: Assembly, rehearsal: Rehearsal, *, created: Collection[str]) -> int | None:
    """The duration of a start: each stack after its dependencies, as the CDK deploys them.

    In seconds on AWS, without the time of commands and this machine; None where a stack was not replayed. Stacks that
    are not in `created` existed already.
    """
    if not set(created) <= rehearsal.stacks.keys():
        return None
    times, waits_for = load_durations(), _stack_dependencies(assembly)
    ends: dict[str, float] = {}
    for name in TopologicalSorter(waits_for).static_order():
        begins = max((ends[each] for each in waits_for[name]), default=0.0)
        ends[name] = begins + (rehearsal.stacks[name] if name in created else times.unchanged.seconds)
    return round(max(ends.values(), default=0.0))


@dataclass(frozen=True, kw_only=True)
class TimedResource:
    """One resource on the critical path."""

    stack: str
    path: str  # its construct path
    resource_type: str  # such as ``AWS::RDS::DBInstance``
    begins: int  # seconds after the start's beginning
    seconds: int  # its duration


@dataclass(frozen=True, kw_only=True)
class StartTime:
    """The duration of a start."""

    seconds: int  # from the CDK's first call to the last stack's end
    # The critical path: the resources, in their order, that decide the duration.
    longest_way: tuple[TimedResource, ...]
    slow: tuple[TimedResource, ...]  # all resources of created stacks that take a minute or more
    stacks: Mapping[str, tuple[int, int]]  # each stack's beginning and end in seconds
    made: tuple[str, ...] = ()  # the stacks that are created

    @property
    def slowest(self) -> TimedResource | None:
        """The slowest resource on the critical path; None where nothing is created."""
        return max(self.longest_way, key=lambda each: each.seconds, default=None)


def start_time(
    assembly: Assembly, *, created: Collection[str], restored: bool, durations: Durations | None = None
) -> StartTime:
    """Find the critical path through a start's stacks and resources.

    Stacks wait for their dependencies, as the CDK deploys them; resources for those that they reference, as
    CloudFormation creates them. The CDK's limit of four parallel deployments changes nothing: of these stacks, never
    more than four are ready at once. Stacks that are not created already exist.
    """
    times = durations or load_durations()
    spans: dict[str, tuple[int, int]] = {}
    paths: dict[str, tuple[TimedResource, ...]] = {}
    slow: list[TimedResource] = []
    waits_for = _stack_dependencies(assembly)
    for name in TopologicalSorter(waits_for).static_order():
        last = max(waits_for[name], key=lambda each: spans[each][1], default=None)
        begins = spans[last][1] if last else 0
        before = paths[last] if last else ()
        if name not in created:
            spans[name], paths[name] = (begins, begins + times.unchanged.seconds), before
            continue
        made_here = _critical_paths(assembly.stacks[name], begins + times.stack.seconds, times, restored=restored)
        slow += [way[-1] for way in made_here if way[-1].seconds >= _SLOW_SECONDS]
        own = max(made_here, key=lambda way: way[-1].begins + way[-1].seconds, default=())
        end = own[-1].begins + own[-1].seconds if own else begins + times.stack.seconds
        spans[name], paths[name] = (begins, end), (*before, *own)
    decisive = max(spans, key=lambda each: spans[each][1], default=None)
    return StartTime(
        seconds=spans[decisive][1] if decisive else 0,
        longest_way=paths[decisive] if decisive else (),
        slow=tuple(slow),
        stacks=spans,
        made=tuple(created),
    )


def _stack_dependencies(assembly: Assembly) -> Mapping[str, list[str]]:
    """The stacks of an assembly that each waits for, always in one order, so that of equal paths the same is named."""
    return {name: sorted(set(stack.dependencies) & set(assembly.stacks)) for name, stack in assembly.stacks.items()}


def _critical_paths(
    stack: Stack, begins: int, times: Durations, *, restored: bool
) -> tuple[tuple[TimedResource, ...], ...]:
    """The critical path to each resource of a stack."""
    resources = {key: body for key, body in stack.resources.items() if body.get("Type") != METADATA}
    graph = {key: sorted(_dependencies(body) & set(resources) - {key}) for key, body in resources.items()}
    paths: dict[str, tuple[TimedResource, ...]] = {}

    def end(key: str) -> int:
        return paths[key][-1].begins + paths[key][-1].seconds

    for key in TopologicalSorter(graph).static_order():
        latest = max(graph[key], key=end, default=None)
        kind = str(resources[key].get("Type"))
        stretch = TimedResource(
            stack=stack.name,
            path=stack.path(key).removeprefix(f"{stack.name}/"),
            resource_type=kind,
            begins=end(latest) if latest else begins,
            seconds=times.of(kind, restored=restored),
        )
        paths[key] = (*(paths[latest] if latest else ()), stretch)
    return tuple(paths.values())


def _dependencies(body: Map) -> set[str]:
    """Logical ids that a resource waits for."""
    return {str(each) for each in items(body.get("DependsOn"))} | set(references(body.get("Properties")))
