"""The used parts of the emulator's Parameter Store, under plain names (see ``EmulatorFunction``)."""

from ministack.services import ssm

from embedded_aws.core.patching import EmulatorFunction

parameters = ssm._parameters
tags = ssm._tags

apply_filter = EmulatorFunction[bool](ssm, "_apply_filter")
# By name or ARN; None if there is no such parameter.
parameter_value = EmulatorFunction[str | None](ssm, "resolve_parameter_value")
