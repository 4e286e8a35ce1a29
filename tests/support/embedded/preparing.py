"""Prepares a server as an administrator prepares an account."""

from pathlib import Path

import pytest

from installation.settings.file import load_settings
from ops.account.bootstrap.plan import BootstrapPlan, plan_bootstrap
from ops.account.bootstrap.run import bootstrap
from ops.aws.clients import Aws
from ops.stacks.checkout import this_checkout
from ops.stacks.watch import Watching
from tests.support.embedded.server import EmbeddedAws


def prepared(server: EmbeddedAws, assembly: Path) -> tuple[BootstrapPlan, BootstrapPlan]:
    """Bootstrap twice, and return the plans of both runs."""
    settings = load_settings("dev")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in server.environment.items():
            environment.setenv(name, value)
        aws = Aws(settings)
        first = plan_bootstrap(aws, this_checkout(), assembly)
        bootstrap(aws, first, Watching())
        return first, plan_bootstrap(aws, this_checkout(), assembly)
