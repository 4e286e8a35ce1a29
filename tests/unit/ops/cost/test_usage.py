"""The files of assumptions."""

from pathlib import Path

import pytest

from ops.cost.usage import load_usage, usage_file
from ops.errors import UnusableInputError
from tests.support.given_configuration import FOLDER


def test_an_assumption_without_a_reason_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "dev.yaml"
    file.write_text(usage_file("dev").read_text().replace("why: two a week", 'why: ""'))
    with pytest.raises(UnusableInputError, match=r"releases\.why"):
        load_usage(file)
    with pytest.raises(UnusableInputError, match="copy those"):
        load_usage(tmp_path / "other.yaml")


@pytest.mark.parametrize(("own", "snapshots"), [("", 7), ("snapshots: {value: 2, why: younger than that}\n", 2)])
def test_as_many_snapshots_are_billed_as_the_settings_keep(tmp_path: Path, own: str, snapshots: int) -> None:
    file = tmp_path / "usage" / "dev.yaml"
    file.parent.mkdir()
    file.write_text(usage_file("dev").read_text() + own)
    settings = FOLDER.joinpath("dev.yaml").read_text()
    tmp_path.joinpath("dev.yaml").write_text(f"{settings.rstrip()}\ndatabase: {{snapshots_kept: 7}}\n")
    assert load_usage(file).snapshots.value == snapshots
