import pytest

from tests.unit.ops.fakes import FakeAccount


@pytest.fixture
def account() -> FakeAccount:
    return FakeAccount()
