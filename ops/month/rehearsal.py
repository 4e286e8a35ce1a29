"""What a start takes on AWS, by what the embedded AWS has replayed with typical durations."""

from collections.abc import Collection
from contextlib import suppress
from graphlib import TopologicalSorter
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from installation.aws_facts.durations import load_durations
from ops.aws.embedded import NotEmbeddedError, ask
from ops.templates.assembly import Assembly, read_assembly


class Rehearsal(BaseModel):
    """What the embedded AWS says of its typical durations."""

    model_config = ConfigDict(frozen=True)

    replayed: bool = False  # whether resources take their typical times there
    # Seconds that the creation of each stack takes on AWS, as it was replayed.
    stacks: dict[str, float] = Field(default_factory=dict)


def read_rehearsal(endpoint: str | None) -> Rehearsal:
    """Ask the embedded AWS; of AWS, and of an endpoint of another kind, nothing is replayed."""
    if endpoint is None:
        return Rehearsal()
    with suppress(NotEmbeddedError, ValidationError):
        return Rehearsal.model_validate(ask(endpoint, "durations"))
    return Rehearsal()


def rehearsed(endpoint: str | None, assembly: Path, *, made: Collection[str]) -> int | None:
    """What `rehearsed_seconds` says of templates in a folder; None where nothing was replayed."""
    rehearsal = read_rehearsal(endpoint)
    return rehearsed_seconds(read_assembly(assembly), rehearsal, made=made) if rehearsal.replayed else None


def rehearsed_seconds(assembly: Assembly, rehearsal: Rehearsal, *, made: Collection[str]) -> int | None:
    """What a start takes: each stack after those that it depends on, as the CDK deploys them.

    Args:
        made: names of the stacks that were created; the others were there already.

    Returns:
        Seconds on AWS, without what the command lines and this machine needed; None where a stack was not replayed.
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
