"""Typical durations, replayed by a clock that the test sets: what begins and is complete when."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from embedded_aws.cloudformation import emulator
from embedded_aws.cloudformation.durations.replay import Replay
from installation import names
from installation.aws_facts.durations import METADATA, load_durations
from ops.month.start_time import Rehearsal, rehearsed_seconds, start_time
from ops.templates.assembly import Stack, read_assembly
from tests.support.embedded.given_clock import GivenClock

# A network; database and load balancer beside each other; a service after both; a record after the network.
WAITS_FOR = {
    "Network": (),
    "Balancer": ("Network",),
    "Database": ("Network",),
    "Record": ("Network",),
    "Service": ("Balancer", "Database"),
}
SECONDS = {"Network": 10.0, "Balancer": 150.0, "Database": 360.0, "Record": 5.0, "Service": 100.0}
Story = list[tuple[float, str]]


def replay(
    *,
    waits_for: Mapping[str, tuple[str, ...]] = WAITS_FOR,
    seconds: Mapping[str, float] = SECONDS,
    works: Mapping[str, float] | None = None,
    stop_at: str = "",
) -> tuple[Story, Replay]:
    """Make resources as the emulator's loop does: one after the other, each when the call for the former returns.

    Args:
        waits_for: the resources and what they depend on.
        seconds: their typical times.
        works: seconds that making one takes here.
        stop_at: when this one is made, a caller asks for a stop.
    """
    clock, story = GivenClock(), Story()

    async def loop() -> Replay:
        stop = asyncio.Event()
        made = Replay(
            clock=clock,
            begins=15.0,
            waits_for=waits_for,
            on_complete=lambda name: story.append((clock.time, f"{name} complete")),
            stop=stop,
        )
        await clock.until(15.0)
        for name in made.order():
            if stop.is_set():
                story.append((clock.time, "stopped"))
                break
            story.append((clock.time, f"{name} begins"))
            await clock.until(clock.time + (works or {}).get(name, 0.0))
            made.made(name, seconds[name])
            if name == stop_at:
                stop.set()
            await made.until_next()
        story.extend((clock.time, f"{name} cancelled") for name in made.give_up())
        return made

    async def run() -> Replay:
        found: list[Replay] = []

        async def work() -> None:
            found.append(await loop())

        await clock.run(work())
        return found[0]

    return story, asyncio.run(run())


def test_each_resource_begins_when_its_dependencies_are_complete() -> None:
    story, made = replay()
    assert story == [
        (15, "Network begins"),
        (25, "Network complete"),
        (25, "Balancer begins"),
        (25, "Database begins"),
        (25, "Record begins"),
        (30, "Record complete"),
        (175, "Balancer complete"),
        (385, "Database complete"),
        (385, "Service begins"),
        (485, "Service complete"),
    ]
    assert made.seconds == 470


def test_the_time_that_a_creation_takes_here_is_part_of_its_time() -> None:
    story, made = replay(works={"Database": 90.0, "Service": 30.0})
    assert (385, "Database complete") in story
    # The one behind it in the loop begins late, and takes no longer for that.
    assert story[-1:] == [(485, "Service complete")]
    assert made.seconds == 470


def test_what_takes_longer_here_than_on_aws_is_complete_when_it_is_made() -> None:
    story, made = replay(works={"Record": 60.0})
    assert [it for it in story if it[1].startswith("Record")] == [(25, "Record begins"), (85, "Record complete")]
    assert made.seconds == 470


def test_a_stop_waits_for_nothing_and_begins_nothing() -> None:
    story, _ = replay(stop_at="Database")
    assert story[-3:] == [(25, "stopped"), (25, "Balancer cancelled"), (25, "Database cancelled")]


def test_a_stop_at_the_last_resource_is_seen_too() -> None:
    story, _ = replay(stop_at="Service")
    assert story[-2:] == [(385, "stopped"), (385, "Service cancelled")]


def test_an_empty_stack_takes_no_time() -> None:
    assert replay(waits_for={})[0] == []


@pytest.mark.parametrize(
    ("variant", "made"), [("dev", names.ALL_STACKS), ("dev", names.EPHEMERAL_STACKS), ("zone", ())]
)
def test_a_rehearsal_takes_as_long_as_the_plan_says(
    assembly: Callable[[str], Path], variant: str, made: tuple[str, ...]
) -> None:
    """Two computations of one thing: the command's over the templates, and the emulator's of what may begin when."""
    found = read_assembly(assembly(variant))
    made = made or tuple(name for name, stack in found.stacks.items() if stack.lifecycle == "ephemeral")
    plan = start_time(found, created=made, restored=True)
    rehearsal = Rehearsal(replayed=True, stacks={name: _replayed(found.stacks[name]) for name in made})
    rehearsed = rehearsed_seconds(found, rehearsal, created=made)
    assert rehearsed == pytest.approx(plan.seconds, rel=0.03)


def _replayed(stack: Stack) -> float:
    resources, times = stack.resources, load_durations()
    order = emulator.topological_sort(resources, {})
    waits_for = {it: tuple(emulator.dependencies(resources[it], set(order)) - {it}) for it in order}
    kinds = {it: str(resources[it]["Type"]) for it in order}
    seconds = {it: 0.0 if kind == METADATA else times.of(kind, restored=True) for it, kind in kinds.items()}
    story, made = replay(waits_for=waits_for, seconds=seconds)
    assert story[-1][0] == 15 + made.seconds
    return times.stack.seconds + made.seconds
