"""What is used of the emulator's Lambda, under plain names (see ``EmulatorFunction``)."""

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from embedded_aws.core.patching import EmulatorFunction

functions = lambda_svc._functions

start_process = EmulatorFunction[None](lambda_runtime.Worker, "_spawn")
