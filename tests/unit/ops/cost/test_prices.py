"""The price file."""

import errno
from pathlib import Path

import pytest

from ops.cost.prices import load_prices, price_file, write_prices
from ops.errors import UnusableInputError


def test_a_region_without_prices_names_those_that_have(tmp_path: Path) -> None:
    with pytest.raises(UnusableInputError, match="ap-northeast-1"):
        load_prices(price_file("eu-west-1"))
    broken = tmp_path / "prices.yaml"
    broken.write_text("region: 1")
    with pytest.raises(UnusableInputError, match="does not fit"):
        load_prices(broken)


def test_a_price_file_that_cannot_be_written_whole_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as on a full disk."""
    file, usual = tmp_path / "prices.yaml", price_file("ap-northeast-1")
    file.write_bytes(usual.read_bytes())
    write = Path.write_text

    def half(to: Path, text: str, **options: str) -> None:
        write(to, text[: len(text) // 2], **options)
        raise OSError(errno.ENOSPC, "No space left on device")

    prices = load_prices(usual)
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", half)
        with pytest.raises(OSError, match="No space"):
            write_prices(file, prices)
    assert (list(tmp_path.iterdir()), file.read_bytes()) == ([file], usual.read_bytes())
    write_prices(file, prices)
    assert load_prices(file) == prices
