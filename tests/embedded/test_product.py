"""An application on this infrastructure, as its users meet it: a browser, the edge, containers and PostgreSQL.

The month is brought up by `make up` and the commands of docs/your-product.md as they are written. The tests follow each
other as releases and months do, so without a browser none of them runs.
"""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from installation.settings import Settings
from ops.errors import ExitCode
from tests.support.embedded import browser, containers
from tests.support.embedded.product_month import ProductMonth, Site, base_image
from tests.support.embedded.running_service import control

pytestmark = [pytest.mark.embedded, pytest.mark.usefixtures("chromium")]

REQUESTS = 1000
_AT_ONCE = 8
_PAUSE_SECONDS = 0.25


@pytest.fixture(scope="module")
def month(
    assembly: Callable[[str], Path], settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ProductMonth]:
    engine = containers.require_engine()
    folder = tmp_path_factory.mktemp("product")
    with base_image(engine, folder / "base"):
        month = ProductMonth(folder, assembly("dev"), settings)
        try:
            month.up()
            month.type(month.commands().text)
            yield month
        finally:
            month.down()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with browser.opened() as opened:
        yield opened


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A page whose console and answers must be clean."""
    with browser.page(chromium) as page:
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("requestfailed", lambda request: complaints.append(f"failed: {request.url}"))
        page.on("response", lambda answer: complaints.append(answer.url) if answer.status >= 400 else None)
        yield page
        assert complaints == []


def routes(month: ProductMonth) -> list[str]:
    status, answer = month.site.ask("{ routes { name } }")
    assert (status, list(answer)) == (200, ["data"]), answer
    return [route["name"] for route in answer["data"]["routes"]]


def add(page: Page, name: str, kilometres: int) -> None:
    page.get_by_label("Name").fill(name)
    page.get_by_label("Kilometres").fill(str(kilometres))
    page.get_by_role("button", name="Add route").click()
    expect(page.get_by_role("link", name=name)).to_be_visible()


# -- from a clean clone --------------------------------------------------------------------------------
def test_at_most_six_commands_lead_from_make_up_to_a_page(month: ProductMonth) -> None:
    assert 1 <= len(month.commands().commands.splitlines()) <= 6


def test_its_state_is_in_its_own_checkout(month: ProductMonth) -> None:
    """In the repository's own, it would meet what a running `make up` or an earlier run keeps there."""
    assert json.loads(month.type("hannibal local status --json"))["folder"] == f"{month.runner.checkout}/.hannibal"


def test_the_page_shows_and_adds_rows_of_postgresql(month: ProductMonth, page: Page) -> None:
    page.goto(month.site.page)
    expect(page.get_by_text("No routes yet")).to_be_visible()
    add(page, "Col de Clapier", 12)
    add(page, "Mont Cenis", 31)
    assert routes(month) == ["Mont Cenis", "Col de Clapier"]
    page.reload()
    expect(page.get_by_role("listitem")).to_have_text(["Mont Cenis31 km", "Col de Clapier12 km"])
    expect(page.get_by_text("Page development · API 1.0.0")).to_be_visible()


def test_a_deep_link_works(month: ProductMonth, page: Page) -> None:
    page.goto(f"{month.site.page}/routes/1")
    expect(page.get_by_role("heading", name="Col de Clapier")).to_be_visible()
    page.get_by_role("link", name="All routes").click()
    expect(page.get_by_role("listitem")).to_have_count(2)


# -- what no application met before ----------------------------------------------------------------------
def test_it_verifies_the_databases_certificate(month: ProductMonth) -> None:
    """Without the file that the task brings it would not start; with it, and nothing in the image, it runs."""
    printed = month.type("hannibal run -- sh -c 'NODE_EXTRA_CA_CERTS= node dist/migrate.js' || test $? -eq 1")
    assert "migration failed: unable to verify the first certificate" in printed


def test_its_schema_was_made_by_its_own_migrations(month: ProductMonth) -> None:
    status, answer = month.site.ask("{ routes(first: 1) { id createdAt } }")
    assert status == 200
    assert answer["data"]["routes"], "and no `relation routes does not exist`"


def test_it_accepts_the_pages_own_origin_and_no_other(month: ProductMonth) -> None:
    assert month.site.ask("{ version }", origin=month.site.page)[0] == 200
    status, answer = month.site.ask("{ version }", origin="https://elsewhere.example")
    assert status == 403
    assert answer["errors"][0]["message"] == "Not allowed: the origin is not CLIENT_URL"


def test_the_page_is_published(month: ProductMonth) -> None:
    status, text = month.site.get("/")
    assert status == 200
    assert "<title>Routes</title>" in text


def test_the_laptop_runs_the_image_and_answers_as_cloudfront(month: ProductMonth) -> None:
    found = control(month.server, "GET", "containers")["containers"]
    running = {each["image"] for each in found if each["exit_code"] is None}
    assert any("nestjs-hannibal-3" in image for image in running), found
    assert month.site.page.startswith("http://127.0.0.1:")


# -- releases --------------------------------------------------------------------------------------------
class Users:
    """Users who ask, thirty times a second, until they are told to stop and have asked so many times."""

    def __init__(self, site: Site, least: int) -> None:
        self._site, self._least = site, least
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self.asked = 0
        self.failed: list[str] = []
        self.versions: set[str] = set()
        self._pool = ThreadPoolExecutor(_AT_ONCE)
        self._running = [self._pool.submit(self._ask, number) for number in range(_AT_ONCE)]

    def _ask(self, number: int) -> None:
        while not self._stop.is_set() or self.asked < self._least:
            try:
                if (self.asked + number) % 4:
                    status, answer = self._site.ask("{ version routes { id } }", origin=self._site.page)
                    wrong = "" if status == 200 and answer.get("data") else f"{status} {answer}"
                    version = str((answer.get("data") or {}).get("version", ""))
                else:
                    status, text = self._site.get("/")
                    wrong, version = "" if status == 200 and "Routes" in text else f"{status} {text}", ""
            except Exception as error:  # noqa: BLE001 - whatever a user would see
                wrong, version = repr(error), ""
            with self._lock:
                self.asked += 1
                self.failed += [wrong] if wrong else []
                self.versions |= {version} - {""}
            self._stop.wait(_PAUSE_SECONDS)

    def finish(self) -> None:
        self._stop.set()
        for each in self._running:
            each.result()
        self._pool.shutdown()


def test_a_second_version_as_a_canary_fails_no_request(month: ProductMonth, page: Page) -> None:
    image = month.build_variant("second", "ENV PRODUCT_VERSION=2.0.0")
    month.type("PRODUCT_VERSION=2.0.0 npm --prefix examples/product run build:page")
    users = Users(month.site, REQUESTS)
    try:
        month.type(f"hannibal release --image {image} --mode canary --yes")
        month.type("hannibal frontend publish --folder examples/product/page/dist --yes")
    finally:
        users.finish()
    assert users.failed == []
    assert users.asked >= REQUESTS
    assert users.versions == {"1.0.0", "2.0.0"}
    page.goto(month.site.page)
    expect(page.get_by_text("Page 2.0.0 · API 2.0.0")).to_be_visible()


def test_a_migration_that_fails_leaves_all_as_it_was(month: ProductMonth) -> None:
    rename = "s/1764000000000/1764000000001/g"
    image = month.build_variant(
        "third",
        "ENV PRODUCT_VERSION=3.0.0",
        "USER 0",
        "WORKDIR /app/dist/migrations",
        f"RUN sed -i 's/CREATE TABLE routes/CREATE TABLE other (id int); SELECT no_such_function(); &/; {rename}' *.js",
        "RUN mv 1764000000000-create-routes.js 1764000000001-create-routes.js",
        "WORKDIR /app",
        "USER 1000:1000",
    )
    month.configure("release: {migrate: [node, dist/migrate.js]}")
    printed = month.type(f"hannibal release --image {image} --yes || test $? -eq {ExitCode.MIGRATION_FAILED}")
    assert "migration failed: function no_such_function() does not exist" in printed
    assert month.site.ask("{ version }")[1] == {"data": {"version": "2.0.0"}}
    assert routes(month) == ["Mont Cenis", "Col de Clapier"]


# -- months ----------------------------------------------------------------------------------------------
def test_the_next_month_shows_the_same_rows_and_page(month: ProductMonth, page: Page) -> None:
    before = month.site.ask("{ routes { id name kilometres createdAt } }")
    month.type("hannibal stop --yes")
    month.type("hannibal start --yes")
    page.goto(month.site.page)
    expect(page.get_by_role("listitem")).to_have_text(["Mont Cenis31 km", "Col de Clapier12 km"])
    expect(page.get_by_text("Page 2.0.0 · API 2.0.0")).to_be_visible()
    assert month.site.ask("{ routes { id name kilometres createdAt } }") == before
