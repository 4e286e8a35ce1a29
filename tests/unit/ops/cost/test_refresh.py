"""New prices come from the price list, all of them or none."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from ops.cost.prices import PriceBook, load_prices, price_file, write_prices
from ops.cost.refresh import download, refresh
from ops.errors import UnreachableError, UnusableInputError
from tests.support.http_server import serving

FILE = price_file("ap-northeast-1")
HEAD = """"FormatVersion","v1.0"
"Disclaimer","This pricing list is for informational purposes only."
"Publication Date","2027-01-15T10:00:00Z"
"Version","20270115100000"
"OfferCode","whatever"
"SKU","OfferTermCode","TermType","PriceDescription","StartingRange","Unit","PricePerUnit","Currency","usageType","operation"
"""


@pytest.fixture
def book() -> PriceBook:
    return load_prices(FILE)


class PriceList:
    """The public list, with the rows of some services."""

    def __init__(self, **rows: list[str]) -> None:
        self.rows = rows
        self.asked: list[str] = []

    @contextmanager
    def open(self, address: str) -> Iterator[Iterable[str]]:
        self.asked.append(address)
        code = address.split("/")[-4]
        yield [*HEAD.splitlines(keepends=True), *self.rows.get(code, [])]


def row(price: str, usage_type: str, operation: str = "", *, term: str = "OnDemand", start: str = "0") -> str:
    return f'"SKU1","T1","{term}","words","{start}","Hrs","{price}","USD","{usage_type}","{operation}"\n'


def test_a_new_price_comes_with_its_day(book: PriceBook) -> None:
    prices = PriceList(AmazonECS=[row("0.0399", "APN1-Fargate-ARM-vCPU-Hours:perCPU")])
    result = refresh(book, open_lines=prices.open)
    assert [(change.name, change.before, change.after) for change in result.changes] == [
        ("fargate.arm64.vcpu", 0.04045, 0.0399)
    ]
    after = result.book.prices["fargate.arm64.vcpu"]
    assert (after.price, after.as_of, after.certainty) == (0.0399, "2027-01-15", "listed")
    assert "fargate.x86_64.vcpu" in result.missing
    assert result.book.prices["fargate.x86_64.vcpu"] == book.prices["fargate.x86_64.vcpu"]


def test_a_price_that_stayed_gets_a_new_day_and_an_assumed_one_becomes_listed(book: PriceBook) -> None:
    prices = PriceList(AmazonRDS=[row("0.05", "APN1-InstanceUsage:db.t4g.small", "CreateDBInstance:0014")])
    result = refresh(book, open_lines=prices.open)
    assert result.changes == ()
    assert result.confirmed == ("rds.db.t4g.small.hour",)
    assert result.book.prices["rds.db.t4g.small.hour"].certainty == "listed"


def test_the_row_of_the_right_operation_term_and_tier_counts(book: PriceBook) -> None:
    usage_type, operation = "APN1-LoadBalancerUsage", "LoadBalancing:Application"
    prices = PriceList(
        AWSELB=[
            row("0.9", usage_type, "LoadBalancing:Network"),
            row("0.8", usage_type, operation, term="Reserved"),
            row("0", usage_type, operation),
            row("0.03", usage_type, operation, start="10"),
            row("0.02", usage_type, operation, start="1000"),
        ]
    )
    assert refresh(book, open_lines=prices.open).book.prices["load_balancer.hour"].price == 0.03


def test_each_list_is_read_once_and_for_the_region(book: PriceBook) -> None:
    prices = PriceList()
    refresh(book, price_list="http://mirror", open_lines=prices.open)
    assert "http://mirror/offers/v1.0/aws/AmazonECS/current/ap-northeast-1/index.csv" in prices.asked
    assert len(prices.asked) == len(set(prices.asked))


def test_what_is_no_price_list_is_refused(book: PriceBook) -> None:
    @contextmanager
    def open_page(address: str) -> Iterator[Iterable[str]]:
        yield ["<html>", "sign in to the network"]

    with pytest.raises(UnusableInputError, match="no price list"):
        refresh(book, open_lines=open_page)


def test_a_list_that_cannot_be_reached_is_said_so() -> None:
    with pytest.raises(UnreachableError, match="cannot be reached"), download("http://127.0.0.1:9/index.csv"):
        pass
    with pytest.raises(UnusableInputError, match="no web address"), download("file:///etc/passwd"):
        pass


def test_a_list_that_breaks_off_changes_nothing(book: PriceBook) -> None:
    """What had not come yet would be taken for what AWS sells no more."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", "1000000")
            self.end_headers()
            self.wfile.write(f'{HEAD}{row("0.0399", "APN1-Fargate-ARM-vCPU-Hours:perCPU")}"SKU2","T1","OnDe'.encode())

    with serving(Handler) as server, pytest.raises(UnreachableError, match="breaks off"):
        refresh(book, price_list=f"http://127.0.0.1:{server.server_port}")


@pytest.mark.parametrize("page", [b"\x83\x65\x83\x58", b'"' + b"x" * 200_000])
def test_a_page_of_something_else_is_no_price_list(book: PriceBook, page: bytes) -> None:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(page)

    with serving(Handler) as server, pytest.raises(UnusableInputError, match="no price list"):
        refresh(book, price_list=f"http://127.0.0.1:{server.server_port}")


def test_the_file_is_written_as_it_was_read(tmp_path: Path) -> None:
    copy = tmp_path / FILE.name
    shutil.copy(FILE, copy)
    write_prices(copy, load_prices(copy))
    assert copy.read_text() == FILE.read_text()
