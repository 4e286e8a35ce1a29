"""The example product by itself: its own tests, with a database whose certificate it verifies.

That it starts with no other certificate, and that no page has a script in its text, is seen in ``test_product.py``.
"""

from pathlib import Path

import pytest

from tests.support.embedded import example_product
from tests.support.embedded.server import EmbeddedAws

pytestmark = pytest.mark.embedded


def test_its_own_tests_pass_over_verified_tls(embedded_aws: EmbeddedAws, tmp_path: Path) -> None:
    database = example_product.new_database(embedded_aws, "example-product")
    file = tmp_path / "authority.pem"
    file.write_text(example_product.authority(embedded_aws))
    printed = example_product.npm(
        "test", environment={"DATABASE_URL": database, "NODE_EXTRA_CA_CERTS": str(file), "NODE_ENV": "test"}
    )
    assert "fail 0\n" in printed
    assert "skipped 0\n" in printed


def test_the_lock_file_names_no_registry() -> None:
    for folder in (example_product.FOLDER, Path(__file__).parents[1] / "support" / "browser"):
        assert '"resolved"' not in (folder / "package-lock.json").read_text()
