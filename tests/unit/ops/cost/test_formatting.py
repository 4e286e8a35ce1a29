"""Figures as people read them."""

import pytest

from ops.cost.formatting import plain


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (10, "10"), (0.15, "0.15"), (1_500_000, "1,500,000"), (0.001326, "0.001326")]
)
def test_a_number_has_no_exponent(value: float, text: str) -> None:
    assert plain(value) == text
