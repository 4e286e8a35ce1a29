"""What the command reads of the embedded AWS, and what it reads of moto: differences are explained."""

from collections.abc import Iterator
from typing import Any

import pytest

from installation.settings import Settings
from tests.support.embedded.second_opinion import comparison, resources
from tests.support.embedded.second_opinion.readings import READINGS, result_of
from tests.support.embedded.second_opinion.server import AwsAt, moto_server
from tests.support.embedded.server import EmbeddedAws

pytestmark = pytest.mark.embedded
# One that no other test of the shared server uses.
REGION = "eu-west-3"


@pytest.fixture(scope="module")
def other_region(settings: Settings) -> Settings:
    return settings.model_copy(update={"region": REGION})


@pytest.fixture(scope="module")
def readings(
    embedded_aws: EmbeddedAws, other_region: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[Any, Any]]]:
    """Both results of each reading."""
    with moto_server(tmp_path_factory.mktemp("moto")) as address:
        ours, theirs = AwsAt(embedded_aws.endpoint, REGION), AwsAt(address, REGION)
        made = resources.make(ours, other_region), resources.make(theirs, other_region)
        yield {
            name: tuple(
                comparison.plain(result_of(reading, aws, other_region, of_it))
                for aws, of_it in zip((ours, theirs), made, strict=True)
            )
            for name, reading in READINGS.items()
        }
        resources.remove(ours, other_region)


def test_what_the_command_reads_from_both_emulators_differs_only_where_explained(
    readings: dict[str, tuple[Any, Any]],
) -> None:
    found = [one for name, (ours, theirs) in readings.items() for one in comparison.differences(name, ours, theirs)]
    known = comparison.explained()
    unexplained = comparison.unexplained(found, known)
    assert unexplained == [], "\n".join(unexplained)
    assert comparison.stale(found, known) == [], "explained, and not the case any more"


def test_the_emulators_agree_on_most_fields(readings: dict[str, tuple[Any, Any]]) -> None:
    equal = [name for name, (ours, theirs) in readings.items() if ours == theirs]
    assert len(equal) > len(READINGS) / 2, equal


def test_no_call_of_the_comparison_is_refused(readings: dict[str, tuple[Any, Any]]) -> None:
    """An error would be a read path that was not compared."""
    assert {name: ours for name, (ours, _) in readings.items() if isinstance(ours, dict) and "error" in ours} == {}
