"""The price file."""

from pathlib import Path

import pytest

from ops.cost.prices import load_prices, price_file
from ops.errors import UnusableInputError


def test_a_region_without_prices_names_those_that_have(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="ap-northeast-1"):
        load_prices(price_file("eu-west-1"))
    broken = tmp_path / "prices.yaml"
    broken.write_text("region: 1")
    with pytest.raises(UnusableInputError, match="does not fit"):
        load_prices(broken)
