"""The templates to deploy, compared with the running month."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.aws.clients import Aws
from ops.month.preflight import Preflight, check_deployment, needs_templates
from ops.stacks.cdk import synth
from ops.stacks.checkout import Checkout
from ops.stacks.scratch import scratch_folder
from ops.templates.assembly import require_assembly


@contextmanager
def preflighted(
    aws: Aws, checkout: Checkout, assembly: Path | None, *, always: bool = False
) -> Iterator[tuple[Preflight, Path | None]]:
    """Compare the given templates, or this checkout's, with the running month, where there is one.

    Args:
        always: synthesize even where there is no month to compare with, for callers that need the templates.

    Yields:
        The result, and the folder with the compared templates, None where none were needed. It exists until the
        block ends, so that exactly the compared templates are deployed.

    Raises:
        FailedError: the application cannot be synthesized.
        UnusableInputError: the given templates are not this installation's, or the CDK is not installed here.
    """
    if assembly is not None:
        require_assembly(assembly, aws.settings)
    if assembly is not None or not (always or needs_templates(aws)):
        yield check_deployment(aws, assembly), assembly
        return
    checkout.require_tools()
    with scratch_folder() as scratch:
        folder = scratch / "cdk.out"
        synth(checkout, aws.settings.environment, folder)
        yield check_deployment(aws, folder), folder
