"""How long a start takes on AWS, according to the embedded AWS's replay of typical durations."""

from collections.abc import Collection
from contextlib import suppress
from graphlib import TopologicalSorter
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from installation.aws_facts.durations import load_durations
from ops.aws.embedded import NotEmbeddedError, ask
from ops.templates.assembly import Assembly, read_assembly


class Rehearsal(BaseModel):
    """The embedded AWS's report of its replayed durations."""

    model_config = ConfigDict(frozen=True)

    replayed: bool = False  # whether its resources take their typical times
    # Seconds that the creation of each stack takes on AWS, as replayed.
    stacks: dict[str, float] = Field(default_factory=dict)


def read_rehearsal(endpoint: str | None) -> Rehearsal:
    """Read the embedded AWS's report; AWS and other endpoints replay nothing."""
    if endpoint is None:
        return Rehearsal()
    with suppress(NotEmbeddedError, ValidationError):
        return Rehearsal.model_validate(ask(endpoint, "durations"))
    return Rehearsal()


def rehearsed(endpoint: str | None, assembly: Path, *, made: Collection[str]) -> int | None:
    """The result of `rehearsed_seconds` for an assembly's folder; None where nothing was replayed."""
    rehearsal = read_rehearsal(endpoint)
    return rehearsed_seconds(read_assembly(assembly), rehearsal, made=made) if rehearsal.replayed else None


def rehearsed_seconds(assembly: Assembly, rehearsal: Rehearsal, *, made: Collection[str]) -> int | None:
    """The duration of a start: each stack after its dependencies, as the CDK deploys them.

    Args:
        made: names of the stacks that were created; the others already existed.

    Returns:
        Seconds on AWS, without the time of commands and this machine; None where a stack was not replayed.
    """
    if not set(made) <= rehearsal.stacks.keys():
        return None
    times, known = load_durations(), assembly.stacks
    waits_for = {name: set(stack.dependencies) & set(known) for name, stack in known.items()}
    ends: dict[str, float] = {}
    for name in TopologicalSorter(waits_for).static_order():
        begins = max((ends[each] for each in waits_for[name]), default=0.0)
        ends[name] = begins + (rehearsal.stacks[name] if name in made else times.unchanged.seconds)
    return round(max(ends.values(), default=0.0))
