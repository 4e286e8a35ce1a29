"""The example product by itself: its own tests, with a database whose certificate it verifies."""

from pathlib import Path

import pytest

from tests.support.embedded import example_product
from tests.support.embedded.server import EmbeddedAws

pytestmark = pytest.mark.embedded


@pytest.fixture(scope="module")
def database(embedded_aws: EmbeddedAws) -> str:
    return example_product.new_database(embedded_aws, "example-product")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example_product.build_page(tmp_path_factory.mktemp("page"), version="7.8.9")


def test_its_own_tests_pass_over_verified_tls(embedded_aws: EmbeddedAws, database: str, tmp_path: Path) -> None:
    file = tmp_path / "authority.pem"
    file.write_text(example_product.authority(embedded_aws))
    printed = example_product.npm(
        "test", environment={"DATABASE_URL": database, "NODE_EXTRA_CA_CERTS": str(file), "NODE_ENV": "test"}
    )
    assert "fail 0\n" in printed
    assert "skipped 0\n" in printed


def test_without_the_authority_it_says_what_is_wrong(database: str) -> None:
    example_product.npm("run", "build:api")
    with pytest.raises(AssertionError, match="migration failed: unable to verify the first certificate"):
        example_product.npm("run", "migrate", environment={"DATABASE_URL": database})


def test_its_page_is_built_without_inline_scripts(page: Path) -> None:
    """The content security policy of the distribution allows none."""
    text = (page / "index.html").read_text()
    assert "<script>" not in text
    assert 'src="/assets/' in text
    assert any("7.8.9" in file.read_text() for file in page.glob("assets/*.js"))


def test_the_lock_file_names_no_registry() -> None:
    for folder in (example_product.FOLDER, Path(__file__).parents[1] / "support" / "browser"):
        assert '"resolved"' not in (folder / "package-lock.json").read_text()
