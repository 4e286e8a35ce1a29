"""The composition root: it loads the settings, wires the stacks and attaches the rules.

The CDK command line runs this file. Synthesis reads the configuration file and nothing else.
cdk.json has it run with ``-O``: what mypy checked, the CDK need not check again at each of its calls.
"""

import gc
import sys

if __name__ == "__main__":
    gc.disable()  # before the CDK is imported: looking for garbage among its definitions takes a fifth of a second

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from installation import names
from installation.settings import Settings
from installation.settings.file import SettingsError, load_settings
from stacks.ephemeral.compute import ComputeStack
from stacks.ephemeral.edge import EdgeStack
from stacks.ephemeral.storage import StorageStack
from stacks.persistent.artifact import ArtifactStack
from stacks.persistent.audit import AuditStack
from stacks.persistent.edge import StableEdgeStack
from stacks.persistent.guardrail import GuardrailStack
from stacks.persistent.identity import IdentityStack
from stacks.persistent.network import NetworkStack


def build(app: cdk.App, settings: Settings) -> None:
    """Put all stacks of an installation into an application."""
    identity = IdentityStack(app, names.IDENTITY_STACK, settings=settings)
    artifact = ArtifactStack(app, names.ARTIFACT_STACK, settings=settings)
    network = NetworkStack(app, names.NETWORK_STACK, settings=settings)
    guardrail = GuardrailStack(app, names.GUARDRAIL_STACK, settings=settings)
    audit = AuditStack(app, names.AUDIT_STACK, settings=settings)
    stable = None
    if settings.edge.hosted_zone:
        stable = StableEdgeStack(app, names.EDGE_STACK, settings=settings, artifact=artifact)
    storage = StorageStack(app, names.STORAGE_STACK, settings=settings, network=network, artifact=artifact, edge=stable)
    compute = ComputeStack(
        app,
        names.COMPUTE_STACK,
        settings=settings,
        network=network,
        artifact=artifact,
        storage=storage,
        guardrail=guardrail,
    )
    edge = stable or EdgeStack(app, names.EDGE_STACK, settings=settings, artifact=artifact, api=compute.api)
    network.add_stack_dependency(artifact, "its function writes into a log group there")
    # Every role has a boundary by its name, so the stack with the boundaries is deployed before all others.
    for stack in (artifact, network, guardrail, audit, storage, compute, edge):
        stack.add_stack_dependency(identity, "roles carry its permissions boundaries")


def main() -> None:
    """Synthesize the environment that ``-c env=…`` names."""
    app = cdk.App(analytics_reporting=False)
    environment = app.node.try_get_context("env")
    try:
        settings = load_settings("dev" if environment is None else environment)
    except SettingsError as error:
        sys.exit(f"error: {error}")
    # Before the stacks: Node compiles the engine that validates templates while they are built.
    cdk.Validations.of(app).add_plugins(
        AwsSolutionsChecks(app),
        # Without the CDK's default rules, which take a third of the engine's start; tests/laws/test_rules.py runs them.
        cdk.CloudFormationValidatePlugin(include_default_rules=False),
    )
    build(app, settings)
    app.synth()


if __name__ == "__main__":
    main()
    gc.freeze()  # at the end too: Python would otherwise scan memory that the process is about to give back
