"""Brings the price file up to date from AWS's public price list, which needs no credentials.

The list is read as CSV, row by row: Amazon EC2's has hundreds of megabytes, of which two rows are needed
(AWS Billing user guide, "Reading the price list files").
"""

import csv
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import Final

from ops.cost.prices import Offer, PriceBook
from ops.errors import UnreachableError, UnusableInputError

PRICE_LIST: Final = "https://pricing.us-east-1.amazonaws.com"
_TIMEOUT_SECONDS: Final = 30
_NEEDED: Final = {"TermType", "Unit", "PricePerUnit", "Currency", "usageType", "operation"}

Opener = Callable[[str], AbstractContextManager[Iterable[str]]]


@dataclass(frozen=True, kw_only=True)
class Change:
    """A price that has changed."""

    name: str  # in the price file
    before: float  # US dollars per unit
    after: float  # US dollars per unit


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """The price file compared with the price list."""

    book: PriceBook  # the price file with the list's prices and dates
    changes: tuple[Change, ...]  # prices that have changed
    confirmed: tuple[str, ...]  # prices that have not changed
    missing: tuple[str, ...]  # prices that are not in the list any more; they are kept
    by_hand: tuple[str, ...]  # prices without a place in the list; they are kept


@contextmanager
def download(address: str) -> Iterator[Iterable[str]]:
    """Lines of a file on the web.

    Raises:
        UnreachableError: it cannot be downloaded.
    """
    if not address.startswith(("https://", "http://")):
        raise UnusableInputError(f"{address} is no web address")
    try:
        with urllib.request.urlopen(address, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - scheme is checked
            yield (line.decode("utf-8") for line in answer)
            if answer.length:  # the rest is missing, which reading by line does not notice
                raise ConnectionError(f"it breaks off, {answer.length:,} bytes before its end")
    except (OSError, HTTPException) as error:
        raise UnreachableError(
            f"the public price list cannot be reached: {address}: {error}",
            "The price file is as it was. Run this where the internet can be reached, or set HTTPS_PROXY.",
        ) from error


def refresh(book: PriceBook, *, price_list: str = PRICE_LIST, open_lines: Opener = download) -> Refresh:
    """Look up every price that has a place in the price list.

    Raises:
        UnreachableError: one of the lists cannot be downloaded; then nothing is to be changed.
        UnusableInputError: the answer is no price list.
    """
    listed: dict[str, tuple[float, str]] = {}
    for code, offers in _offers_by_list(book).items():
        address = f"{price_list}/offers/v1.0/aws/{code}/current/{book.region}/index.csv"
        with open_lines(address) as lines:
            try:
                listed |= _read_price_list(address, lines, offers)
            except (ValueError, csv.Error) as error:  # no UTF-8, no CSV, no number
                raise _no_price_list(address, str(error)) from error
    prices = dict(book.prices)
    for name, (price, day) in listed.items():
        update = {"price": price, "as_of": day, "certainty": "listed", "source": "AWS price list"}
        prices[name] = prices[name].model_copy(update=update)
    offered = [name for name, price in book.prices.items() if price.offer]
    changes = tuple(
        Change(name=name, before=book.prices[name].price, after=price)
        for name, (price, _) in listed.items()
        if price != book.prices[name].price
    )
    changed = {change.name for change in changes}
    return Refresh(
        book=book.model_copy(update={"prices": prices}),
        changes=changes,
        confirmed=tuple(name for name in offered if name in listed and name not in changed),
        missing=tuple(name for name in offered if name not in listed),
        by_hand=tuple(name for name, price in book.prices.items() if not price.offer),
    )


def _offers_by_list(book: PriceBook) -> Mapping[str, dict[str, Offer]]:
    lists: dict[str, dict[str, Offer]] = {}
    for name, price in book.prices.items():
        if price.offer:
            lists.setdefault(price.offer.code, {})[name] = price.offer
    return lists


def _read_price_list(address: str, lines: Iterable[str], offers: Mapping[str, Offer]) -> dict[str, tuple[float, str]]:
    """Prices by name, with the day of the list. The first tier with a price above zero counts."""
    rows = csv.reader(lines)
    day, header = _head(address, rows)
    prices: dict[str, tuple[float, str]] = {}
    for values in rows:
        row = dict(zip(header, values, strict=False))
        price = float(row.get("PricePerUnit") or 0)
        if row.get("TermType") != "OnDemand" or row.get("Currency") != "USD" or price == 0:
            continue
        for name, offer in offers.items():
            fits = row.get("usageType") == offer.usage_type and offer.operation in (None, row.get("operation"))
            if fits and (name not in prices or price > prices[name][0]):
                prices[name] = (price, day)  # tiers only become cheaper, so the highest price is the first tier's
    return prices


def _head(address: str, rows: Iterator[list[str]]) -> tuple[str, list[str]]:
    """The day of publication and the column names; the file begins with a few lines of metadata."""
    day = ""
    for row in rows:
        if row and row[0] == "Publication Date":
            day = row[1][:10]
        elif row and row[0] == "SKU":
            if not day or not set(row) >= _NEEDED:
                break
            return day, row
    raise _no_price_list(address, "its head is missing")


def _no_price_list(address: str, reason: str) -> UnusableInputError:
    return UnusableInputError(f"{address} is no price list: {reason}", "The price file is as it was.")
