"""Versions that RDS chooses, and lists of them."""

from typing import Any

import pytest

from embedded_aws.core.faults import Fault, Faults
from embedded_aws.core.refusal import Refusal
from embedded_aws.database import emulator
from embedded_aws.database.versions import Versions


@pytest.mark.parametrize(("asked", "made"), [("", "18.5"), ("17", "17.11"), ("17.7", "17.7")])
def test_a_new_instance_has_a_version_that_rds_offers(asked: str, made: str) -> None:
    assert Versions(Faults()).of_new_instance(asked) == made


@pytest.mark.parametrize(("withdrawn", "asked"), [("17.*", "17"), ("*", ""), ("*", "18.5")])
def test_an_instance_of_withdrawn_versions_is_refused(withdrawn: str, asked: str) -> None:
    faults = Faults()
    faults.inject(Fault(kind="version_withdrawn", pattern=withdrawn))

    with pytest.raises(Refusal, match=f"Cannot find (a )?version {asked}"):
        Versions(faults).of_new_instance(asked)


def test_versions_are_listed_by_their_parameter_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emulator, "answer", lambda _operation, content: content)
    request = {"Engine": "postgres", "DBParameterGroupFamily": "postgres17"}
    answer: Any = Versions(Faults())._describe(lambda _: (500, {}, b""), request)
    assert {it["EngineVersion"].partition(".")[0] for it in answer["DBEngineVersions"]} == {"17"}
