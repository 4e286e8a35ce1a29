"""The tests' own configuration is that of the repository, until an installation writes its own."""

import pytest

from installation.settings.file import CONFIG_FOLDER, load_settings
from installation.settings.github import PLACEHOLDER_OWNER
from ops.cost.usage import load_usage, usage_file
from tests.conftest import ENVIRONMENTS
from tests.support.given_configuration import FOLDER


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_tests_are_given_is_what_the_repository_comes_with(environment: str) -> None:
    given, own = load_settings(environment, FOLDER), load_settings(environment, CONFIG_FOLDER)
    assert given.github.owner == PLACEHOLDER_OWNER
    if own.github.owner == PLACEHOLDER_OWNER:  # whom no bootstrap trusts
        files = (f"{environment}.yaml", f"usage/{environment}.yaml")
        assert [(FOLDER / it).read_text() for it in files] == [(CONFIG_FOLDER / it).read_text() for it in files]


def test_tests_read_what_they_are_given() -> None:
    assert load_settings("dev") == load_settings("dev", FOLDER)
    assert usage_file("dev").parent == FOLDER / "usage"
    assert load_usage(usage_file("dev"))
