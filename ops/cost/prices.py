"""The price file: prices of one region by unit, with date and certainty."""

from functools import lru_cache
from pathlib import Path
from typing import Final, Literal

import yaml
from pydantic import Field, ValidationError

from installation import yaml_text
from ops.errors import UnusableInputError

FOLDER: Final = Path(__file__).resolve().parent / "data"


class Offer(yaml_text.Data):
    """The place of a price in AWS's public price list."""

    code: str  # code of the service whose list it is in, such as ``AmazonECS``
    usage_type: str  # usage type as on the bill; APN1 is Tokyo
    operation: str | None = None  # operation, where one usage type has several prices


class Price(yaml_text.Data):
    """Price of one unit in US dollars, before tax."""

    what: str  # what the price is for, in words
    unit: str  # the unit of the price
    price: float = Field(ge=0)  # US dollars per unit
    as_of: str = Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")  # the date of the price: a day, month or year
    # How certain the price is; the head of the file explains the words.
    certainty: Literal["listed", "quoted", "documented", "assumed"]
    source: str  # the source of the price
    service: str  # service under which the bill and Cost Explorer show it
    offer: Offer | None = None  # its place in the public price list; None where it has none
    # Units per month of the free tier that does not expire, which this installation may count on.
    free_quantity: float = Field(default=0, ge=0)
    note: str = ""  # further notes


class PriceBook(yaml_text.Data):
    """All prices of a region."""

    region: str  # region of the prices
    currency: Literal["USD"]  # currency of all prices
    prices: dict[str, Price]  # prices by a name of this project's own
    free_types: dict[str, str]  # resource types that are free by themselves, each with the reason
    left_out: tuple[str, ...]  # costs that are not estimated


def price_file(region: str) -> Path:
    """The file of a region's prices."""
    return FOLDER / f"prices-{region}.yaml"


def load_prices(file: Path) -> PriceBook:
    """Read a price file.

    Raises:
        UnusableInputError: there is none, or it is invalid; the message names the field.
    """
    try:
        return _price_book(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(other.stem.removeprefix("prices-") for other in FOLDER.glob("prices-*.yaml")))
        raise UnusableInputError(f"no price file {file}; there are prices of: {known}") from None
    except (ValidationError, yaml.YAMLError, UnicodeDecodeError) as error:
        raise UnusableInputError(f"{file} does not fit: {error}") from error


@lru_cache(maxsize=4)  # a review estimates up to four times, and to parse takes longer than to estimate
def _price_book(text: str) -> PriceBook:
    return PriceBook.model_validate(yaml_text.parsed(text))


def write_prices(file: Path, book: PriceBook) -> None:
    """Write a price file in one step; the comment at its head stays."""
    head = [line for line in file.read_text(encoding="utf-8").splitlines(keepends=True) if line.startswith("#")]
    content = book.model_dump(mode="json", exclude_defaults=True)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120)
    partial = file.with_suffix(".partial")
    try:
        partial.write_text("".join(head) + text, encoding="utf-8")
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)
