"""A change of the templates is looked at before it is deployed."""

from collections.abc import Callable

import pytest

from installation import names
from tests.conftest import ENVIRONMENTS, Template, own
from tests.support.golden import golden_file, normalized


@pytest.mark.parametrize("stack", names.ALL_STACKS)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_template_is_as_last_looked_at(
    templates: Callable[[str], dict[str, Template]], environment: str, stack: str
) -> None:
    file = golden_file(environment, stack)
    assert file.exists(), f"no golden template {file.name}: run `make golden` and review it"
    assert normalized(templates(own(environment))[stack]) == file.read_text(), (
        f"{stack} of {environment} changed: run `make golden`, review `git diff tests/templates`, and commit it"
    )


@pytest.mark.parametrize("stack", names.ALL_STACKS)
@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_templates_hold_ascii_alone(environment: str, stack: str) -> None:
    """GetTemplate answers a question mark for every other letter (cloudformation-coverage-roadmap #1220).

    The CDK would find a difference with what is deployed, and change a stack of an administrator with the pipeline's
    credentials, which may not: no month would start.
    """
    assert golden_file(environment, stack).read_text(encoding="utf-8").isascii()
