"""What is used of the emulator's Lambda, under plain names (see ``EmulatorFunction``)."""

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from embedded_aws.core.patching import EmulatorFunction, Response

functions = lambda_svc._functions

json_response = EmulatorFunction[Response](lambda_svc, "json_response")
start_process = EmulatorFunction[None](lambda_runtime.Worker, "_spawn")
