"""What leftovers cost."""

import pytest
from typer.testing import CliRunner

from installation.settings import Settings
from ops.cli.app import build
from ops.cost.prices import PriceBook, load_prices, price_file
from ops.month.leftover_costs import costs, sum_of
from ops.month.leftovers import Leftover, Unit
from tests.support.fakes import FINAL, FakeAccount


@pytest.fixture
def prices(settings: Settings) -> PriceBook:
    return load_prices(price_file(settings.region))


def leftover(kind: str, quantity: float, unit: Unit = "piece") -> Leftover:
    return Leftover(kind=kind, name=kind, quantity=quantity, unit=unit)


def test_each_kind_by_its_price(prices: PriceBook) -> None:
    found = costs(
        [leftover("snapshot", 20, "GiB"), leftover("snapshot", 20, "GiB"), leftover("public IPv4 address", 1)], prices
    )
    snapshots, address = (kind.monthly_usd for kind in found)
    assert snapshots == pytest.approx(40 * prices.prices["rds.backup"].price)
    assert address == pytest.approx(730 * prices.prices["public_ipv4.hour"].price)
    assert sum_of(found) == pytest.approx(sum(kind.monthly_usd or 0 for kind in found))


def test_what_every_account_has_for_nothing_costs_nothing(prices: PriceBook) -> None:
    free = int(prices.prices["cloudwatch.dashboard"].free_quantity)
    (kind,) = costs([leftover("dashboard", 1)] * free, prices)
    assert kind.monthly_usd == 0
    (kind,) = costs([leftover("dashboard", 1)] * (free + 1), prices)
    assert kind.monthly_usd == pytest.approx(prices.prices["cloudwatch.dashboard"].price)


def test_what_has_no_price_here_is_no_zero(prices: PriceBook) -> None:
    (kind,) = costs([leftover("database", 1)], prices)
    assert kind.monthly_usd is None


def test_the_command_sums_up(account: FakeAccount, monkeypatch: pytest.MonkeyPatch, prices: PriceBook) -> None:
    monkeypatch.setattr("ops.aws.clients.Aws", lambda region: account.aws(region=region))
    account.add_snapshot(f"{FINAL}1")
    result = CliRunner().invoke(build(), ["leftovers"])
    amount = f"{20 * prices.prices['rds.backup'].price:.2f} USD"
    assert amount in result.stdout
    assert f"About {amount} a month" in result.stdout
