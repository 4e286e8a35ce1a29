"""What leftovers cost."""

from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

from installation.settings import Settings
from ops.cli.app import build
from ops.cost.prices import PriceBook, load_prices, price_file
from ops.month.leftovers import Leftover, Unit, read_leftovers, totals
from tests.support.fakes import FINAL, FakeAccount


@pytest.fixture
def prices(settings: Settings) -> PriceBook:
    return load_prices(price_file(settings.region))


class OneDatabase:
    """RDS with one more instance."""

    def __init__(self, rds: Any, pages: list[Any]) -> None:
        self._rds, self._pages = rds, pages

    def get_paginator(self, operation: str) -> Any:
        if operation == "describe_db_instances":
            return SimpleNamespace(paginate=lambda: self._pages)
        return self._rds.get_paginator(operation)


def leftover(kind: str, quantity: float, unit: Unit = "piece") -> Leftover:
    return Leftover(kind=kind, name=kind, quantity=quantity, unit=unit)


def costs(leftovers: Iterable[Leftover], prices: PriceBook) -> dict[str, float | None]:
    return {total.kind: total.cost(prices) for total in totals(leftovers)}


def test_each_kind_costs_its_price(prices: PriceBook) -> None:
    found = costs(
        [leftover("snapshot", 20, "GiB"), leftover("snapshot", 20, "GiB"), leftover("public IPv4 address", 1)], prices
    )
    snapshots, address = found.values()
    assert snapshots == pytest.approx(40 * prices.prices["rds.backup"].price)
    assert address == pytest.approx(730 * prices.prices["public_ipv4.hour"].price)


def test_what_every_account_has_for_nothing_costs_nothing(prices: PriceBook) -> None:
    free = int(prices.prices["cloudwatch.dashboard"].free_quantity)
    assert costs([leftover("dashboard", 1)] * free, prices) == {"dashboard": 0}
    (usd,) = costs([leftover("dashboard", 1)] * (free + 1), prices).values()
    assert usd == pytest.approx(prices.prices["cloudwatch.dashboard"].price)


def test_what_has_no_price_here_is_no_zero(prices: PriceBook) -> None:
    assert costs([leftover("database", 1)], prices) == {"database": None}


@pytest.mark.parametrize(
    ("status", "multi_az", "hours"), [("available", False, 1), ("stopped", False, 0), ("available", True, 2)]
)
def test_a_database_that_was_put_aside_costs_its_hours_and_its_storage(
    account: FakeAccount, settings: Settings, prices: PriceBook, status: str, multi_az: bool, hours: int
) -> None:
    aside = {
        "DBInstanceIdentifier": f"{settings.names.former_databases}20261126-090000",
        "DBInstanceStatus": status,
        "DBInstanceClass": "db.t4g.micro",
        "AllocatedStorage": 20,
        "StorageType": "gp3",
        "MultiAZ": multi_az,
    }
    aws = account.aws(settings)
    pages = [{"DBInstances": [aside]}]
    aws.rds = OneDatabase(aws.rds, pages)  # type: ignore[assignment]
    found = costs(read_leftovers(aws), prices)
    by_hour, by_size = prices.prices["rds.db.t4g.micro.hour"].price, prices.prices["rds.gp3"].price
    amounts = [usd for usd in found.values() if usd is not None]
    assert sum(amounts) == pytest.approx(730 * hours * by_hour + 20 * (hours or 1) * by_size)
    assert len(amounts) == len(found)
    # One that a restore is about to put in the month's place is no former one.
    assert "storage of further databases (gp3)" in found


def test_the_command_sums_up(account: FakeAccount, monkeypatch: pytest.MonkeyPatch, prices: PriceBook) -> None:
    monkeypatch.setattr("ops.aws.clients.Aws", account.aws)
    account.add_snapshot(f"{FINAL}1")
    result = CliRunner().invoke(build(), ["leftovers"])
    amount = f"{20 * prices.prices['rds.backup'].price:.2f} USD"
    assert amount in result.stdout
    assert f"About {amount} a month" in result.stdout
