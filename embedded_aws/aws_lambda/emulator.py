"""The used parts of the emulator's Lambda, under plain names (see ``EmulatorFunction``)."""

from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc
from ministack.services.cloudformation import custom_resource

from embedded_aws.core.patching import EmulatorFunction, Response

functions = lambda_svc._functions
pending_answers = custom_resource._pending  # of custom resources

emit_logs = EmulatorFunction[None](lambda_svc, "_emit_lambda_logs")
emit_metrics = EmulatorFunction[None](lambda_svc, "_emit_lambda_metrics")
execute = EmulatorFunction[dict[str, Any]](lambda_svc, "_execute_function")
json_response = EmulatorFunction[Response](lambda_svc, "json_response")
runtime_api = EmulatorFunction[Any](lambda_runtime.ProvidedWorker, "_build_handler_class")
start_process = EmulatorFunction[None](lambda_runtime.Worker, "_spawn")
