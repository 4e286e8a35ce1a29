"""What AWS refuses and the emulator allows, of the services that have no folder of their own here.

A mistake that only AWS would refuse is found in the account; so each of these is found here, in AWS's own words.
"""

from embedded_aws.cloudformation import existing_resources as existing
from embedded_aws.cloudformation import failure_reasons as reasons
from embedded_aws.cloudformation import generated_names
from embedded_aws.core.context import ServerContext
from embedded_aws.ec2 import refusals as network
from embedded_aws.iam import refusals as iam
from embedded_aws.s3 import configurations, policy_status
from embedded_aws.s3 import refusals as bucket_refusals
from embedded_aws.secretsmanager import refusals as secrets


def install(_context: ServerContext) -> None:
    """Make the emulator as strict as AWS where the stacks can meet it."""
    buckets = (bucket_refusals, configurations, policy_status)
    for subject in (generated_names, reasons, existing, *buckets, secrets, iam, network):
        subject.install()
