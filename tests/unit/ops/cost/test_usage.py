"""The files of assumptions."""

from pathlib import Path

import pytest

from ops.cost.usage import load_usage, usage_file
from ops.errors import UnusableInputError


def test_an_assumption_without_a_reason_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "dev.yaml"
    file.write_text(usage_file("dev").read_text().replace("why: two a week", 'why: ""'))
    with pytest.raises(UnusableInputError, match=r"releases\.why"):
        load_usage(file)
    with pytest.raises(UnusableInputError, match="copy those"):
        load_usage(tmp_path / "other.yaml")
