"""CloudTrail as on AWS: trails are validated, and calls are delivered as files and log lines."""

from embedded_aws.cloudtrail import trails
from embedded_aws.cloudtrail.delivery import Delivery
from embedded_aws.cloudtrail.recorder import Recorder
from embedded_aws.core.context import ServerContext


def install(context: ServerContext) -> None:
    """Make trails as strict as AWS, and record calls for them if recording is on."""
    trails.install()
    delivery = Delivery(context.clock_factor)
    Recorder(delivery).install()
    context.on_stop(delivery.deliver)
