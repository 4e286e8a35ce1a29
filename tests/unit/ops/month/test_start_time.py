"""How long a start takes: the critical path through stacks and resources."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from installation import names
from installation.aws_facts.durations import Durations, load_durations
from ops.month.start_time import start_time
from ops.templates.assembly import Assembly, Stack, read_assembly
from ops.templates.template import resources_in

TIMES = Durations.model_validate(
    {
        "stack": {"seconds": 1, "certainty": "assumed", "source": "a test"},
        "unchanged": {"seconds": 2, "certainty": "assumed", "source": "a test"},
        "other": {"seconds": 10, "certainty": "assumed", "source": "a test"},
        "restored": {"seconds": 500, "certainty": "assumed", "source": "a test"},
        "types": {"AWS::RDS::DBInstance": {"seconds": 300, "certainty": "assumed", "source": "a test"}},
    }
)


def stack(name: str, resources: dict[str, Any], *dependencies: str) -> Stack:
    return Stack(
        name=name,
        tags={},
        protected=False,
        template={"Resources": resources},
        paths={},
        region="",
        dependencies=(f"{name}.assets", *dependencies),
    )


def app(*stacks: Stack) -> Assembly:
    return Assembly(Path(), {each.name: each for each in stacks}, {})


BASE = stack("Base", {"Bucket": {"Type": "Some::Bucket"}})
DATA = stack(
    "Data",
    {
        "Group": {"Type": "Some::Group"},
        "Database": {"Type": "AWS::RDS::DBInstance", "Properties": {"Group": {"Ref": "Group"}}},
        "After": {"Type": "Some::Record", "DependsOn": ["Database"]},
        "Aside": {"Type": "Some::Record", "Properties": {"Text": {"Fn::Sub": "${Group.Name}-${AWS::Region}"}}},
        "Described": {"Type": "AWS::CDK::Metadata", "DependsOn": ["After"]},
    },
    "Base",
)


@pytest.mark.parametrize(("restored", "seconds"), [(False, 300), (True, 500)])
def test_resources_wait_for_what_they_name_and_stacks_for_their_stacks(restored: bool, seconds: int) -> None:
    found = start_time(app(DATA, BASE), created=("Base", "Data"), restored=restored, durations=TIMES)
    assert [(each.path, each.begins, each.seconds) for each in found.longest_way] == [
        ("Bucket", 1, 10),
        ("Group", 12, 10),
        ("Database", 22, seconds),
        ("After", 22 + seconds, 10),
    ]
    assert found.seconds == 32 + seconds
    assert found.stacks == {"Base": (0, 11), "Data": (11, 32 + seconds)}
    assert found.slowest is not None
    assert found.slowest.path == "Database"


def test_of_equal_ways_each_run_names_the_same() -> None:
    """Sets of texts have another order in each process."""
    names = [f"S{number:02}" for number in range(20)]
    equals = [stack(name, {"Database": {"Type": "AWS::RDS::DBInstance"}}) for name in names]
    top = stack("Top", {"Bucket": {"Type": "Some::Bucket"}}, *names)
    found = start_time(app(top, *equals), created=("Top", *names), restored=False, durations=TIMES)
    assert [each.stack for each in found.longest_way] == ["S00", "Top"]
    assert [each.stack for each in found.slow] == names


def test_a_stack_that_is_there_is_only_compared() -> None:
    found = start_time(app(DATA, BASE), created=("Data",), restored=False, durations=TIMES)
    assert found.stacks["Base"] == (0, 2)
    assert found.longest_way[0].path == "Group"
    nothing = start_time(app(DATA, BASE), created=(), restored=False, durations=TIMES)
    assert (nothing.seconds, nothing.longest_way, nothing.slowest) == (4, (), None)


def test_an_empty_application_takes_no_time() -> None:
    assert start_time(app(), created=(), restored=False, durations=TIMES).seconds == 0


def test_the_database_decides_most_of_a_months_start(assembly: Callable[[str], Path]) -> None:
    month = [names.STORAGE_STACK, names.COMPUTE_STACK, names.EDGE_STACK]
    found = start_time(read_assembly(assembly("dev")), created=month, restored=True)
    assert found.slowest is not None
    assert (found.slowest.stack, found.slowest.path) == (names.STORAGE_STACK, "Database/Instance")
    # What the documents of operations say.
    assert round(found.seconds / 60) == 18


def test_every_typical_time_is_of_a_type_that_is_used(assembly: Callable[[str], Path]) -> None:
    used = {resource.resource_type for each in ("dev", "prod") for resource in resources_in(assembly(each))}
    assert set(load_durations().types) <= used
