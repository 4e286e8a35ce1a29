"""A change of the templates is looked at before it is deployed."""

from collections.abc import Callable

import pytest

from installation import names
from tests.conftest import ENVIRONMENTS, Template
from tests.support.golden import golden_file, normalized


@pytest.mark.parametrize("stack", names.ALL_STACKS)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_template_is_as_last_looked_at(
    templates: Callable[[str], dict[str, Template]], environment: str, stack: str
) -> None:
    file = golden_file(environment, stack)
    assert file.exists(), f"no golden template {file.name}: run `make golden` and review it"
    assert normalized(templates(environment)[stack]) == file.read_text(), (
        f"{stack} of {environment} changed: review the difference, then run `make golden`"
    )
