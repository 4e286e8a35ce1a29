"""What AWS refuses and the emulator allows, of the services that have no folder of their own here.

A mistake that only AWS would refuse is found in the account; so each of these is found here, in AWS's own words.
"""

from embedded_aws.context import ServerContext
from embedded_aws.refusals import buckets, existing, generated_names, iam, network, reasons, secrets


def install(_context: ServerContext) -> None:
    """Make the emulator as strict as AWS where the stacks can meet it."""
    for subject in (generated_names, reasons, existing, buckets, secrets, iam, network):
        subject.install()
