"""What a start takes by what was replayed."""

from pathlib import Path

from ops.month.start_time import Rehearsal, read_rehearsal, rehearsed_seconds
from ops.templates.assembly import Assembly, Stack


def stack(name: str, *dependencies: str) -> Stack:
    return Stack(
        name=name,
        tags={},
        protected=False,
        template={},
        paths={},
        region="",
        dependencies=(f"{name}.assets", *dependencies),
    )


APP = Assembly(Path(), {"Data": stack("Data", "Base"), "Base": stack("Base"), "Beside": stack("Beside")}, {})
REPLAYED = Rehearsal(replayed=True, stacks={"Base": 100.2, "Data": 200.0, "Beside": 290.0})


def test_stacks_follow_those_that_they_depend_on_and_what_is_there_is_compared() -> None:
    assert rehearsed_seconds(APP, REPLAYED, created=("Base", "Data", "Beside")) == 300
    assert rehearsed_seconds(APP, REPLAYED, created=("Data",)) == 205


def test_a_stack_that_was_not_replayed_leaves_nothing_to_say() -> None:
    assert rehearsed_seconds(APP, Rehearsal(replayed=True), created=("Data",)) is None


def test_of_aws_and_of_another_endpoint_nothing_is_replayed() -> None:
    assert not read_rehearsal(None).replayed
    assert not read_rehearsal("http://127.0.0.1:1").replayed
