"""Where the output of containers goes."""

import aws_cdk as cdk
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs

# Lines that may wait for CloudWatch Logs before the oldest is lost.
_BUFFER = cdk.Size.mebibytes(4)


def log_driver(log_group: logs.ILogGroup) -> ecs.LogDriver:
    """To a log group, a stream for each container of each task; losing lines is better than waiting for the service."""
    return ecs.LogDrivers.aws_logs(
        stream_prefix="ecs", log_group=log_group, mode=ecs.AwsLogDriverMode.NON_BLOCKING, max_buffer_size=_BUFFER
    )
