"""Runs Lambda functions in an environment like AWS's.

The emulator starts a function as a child of the server, with the server's variables and every installed package. A
function that works only because of these would fail on AWS, so both are removed.
"""

import importlib.util
import io
import os
import subprocess
import zipfile
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import RLock
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime
from ministack.services.cloudformation import custom_resource

from embedded_aws.aws_lambda import emulator
from embedded_aws.aws_lambda.processes import ForkedProcess, Runtime
from embedded_aws.cloudformation import emulator as cloudformation
from embedded_aws.cloudwatch import emulator as cloudwatch
from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import Function, wrap
from embedded_aws.core.request_guard import refusal_reason, refusal_text

_CFNRESPONSE = Path(__file__).parent / "modules" / "cfnresponse.py"
# The contents of AWS Lambda's Python runtimes besides the standard library: boto3 and its dependencies.
_RUNTIME_MODULES = ("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "urllib3", "six")
# Variables of the server that a function also gets. The folder for temporary files is not AWS's /tmp, so that nothing
# is written outside the state folder.
_SHARED_VARIABLES = frozenset(
    {"AWS_ACCESS_KEY_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_SECRET_ACCESS_KEY", "PATH", "TMPDIR"}
)

_config: ContextVar[dict[str, Any]] = ContextVar("config of the function whose process is being started")


def install(context: ServerContext) -> None:
    """Give functions AWS's runtime and variables, and inline functions the module ``cfnresponse``."""
    runtime_folder = _link_runtime_modules(context.temporary_folder / "lambda-runtime")
    runtime = Runtime(runtime_folder, function_environment({}, server={}, config={}, runtime_folder=runtime_folder))
    context.on_stop(runtime.stop)
    popen = _popen(runtime_folder, runtime, context.function_variables)
    lambda_runtime.subprocess = SimpleNamespace(**(vars(subprocess) | {"Popen": popen}))
    emulator.start_process.wrap(_spawn)
    emulator.runtime_api.wrap(with_request_guard)
    _name_streams()
    cloudformation.zip_inline_code.wrap(_zip_inline)
    wrap(custom_resource, "invoke_custom_resource", _invoke_custom_resource)
    context.on_stop(lambda_runtime.reset)
    context.on_stop(_end_custom_resource_waits)
    _count_runs()


def _link_runtime_modules(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in _RUNTIME_MODULES:
        specification = importlib.util.find_spec(name)
        if specification is None or specification.origin is None:
            raise ModuleNotFoundError(f"the embedded AWS needs {name}", name=name)
        origin = Path(specification.origin)
        source = origin.parent if specification.submodule_search_locations else origin
        (folder / source.name).symlink_to(source)
    return folder


def _spawn(original: Function, worker: Any) -> None:
    token = _config.set(worker.config)
    try:
        original(worker)
    finally:
        _config.reset(token)


def _popen(runtime_folder: Path, runtime: Runtime, machine: Mapping[str, str]) -> Function:
    server = dict(os.environ)  # what functions would inherit, not a setting of this module

    def start(
        command: Sequence[str], *, env: Mapping[str, str], cwd: str, **options: Any
    ) -> subprocess.Popen[Any] | ForkedProcess:
        config = _config.get({})
        own = function_environment(env, server=server, config=config, runtime_folder=runtime_folder)
        variables = {**machine, **own}
        if str(config.get("Runtime", "")).startswith("python"):
            if not config.get("Layers") and runtime.suits(variables, Path(cwd)):
                return runtime.start(command[1], cwd, variables)
            # -S leaves out the packages installed on this machine; the runtime's own are in PYTHONPATH, as on AWS.
            command = [command[0], "-S", *command[1:]]
        return subprocess.Popen(command, env=variables, cwd=cwd, **options)  # noqa: S603 - the emulator's command

    return start


def function_environment(
    variables: Mapping[str, str], *, server: Mapping[str, str], config: Mapping[str, Any], runtime_folder: Path
) -> dict[str, str]:
    """Compose the variables of a function's process, without those of the server that the emulator would pass."""
    allowed = {name: it for name, it in variables.items() if name in _SHARED_VARIABLES or server.get(name) != it}
    defaults = {
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{config.get('Runtime', '')}",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": config.get("LoggingConfig", {}).get("LogGroup")
        or f"/aws/lambda/{config.get('FunctionName', '')}",
        "LANG": "en_US.UTF-8",
        "PYTHONPATH": str(runtime_folder),
        "TZ": ":UTC",
        "_HANDLER": str(config.get("Handler", "")),
    }
    return defaults | allowed


def _zip_inline(original: Function, source: str | None, handler: str, runtime: str = "python3.12") -> bytes | None:
    """Add ``cfnresponse`` to inline code that imports it, as CloudFormation does."""
    archive: bytes | None = original(source, handler, runtime)
    if archive is None or not source or "cfnresponse" not in source or not runtime.startswith("python"):
        return archive
    buffer = io.BytesIO(archive)
    with zipfile.ZipFile(buffer, "a", zipfile.ZIP_DEFLATED) as file:
        file.write(_CFNRESPONSE, "cfnresponse.py")
    return buffer.getvalue()


def _count_runs() -> None:
    """Count invocations when they end, also asynchronous ones: the emulator counts these as successful at once."""
    count = emulator.emit_metrics.take()

    def execute(original: Function, function: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        result: dict[str, Any] = original(function, event)
        name = function["config"]["FunctionName"]
        count(name, duration_ms=0.0, error=bool(result.get("error")), throttle=bool(result.get("throttle")))
        return result

    emulator.execute.wrap(execute)
    emulator.emit_metrics.wrap(lambda *_args, **_named: None)


def _end_custom_resource_waits() -> None:
    """End the wait for responses, an hour by default, which would keep the process from ending."""
    for pending in list(emulator.pending_answers.values()):
        pending["event"].set()


def _invoke_custom_resource(original: Function, *args: Any, **kwargs: Any) -> Any:
    """Report a custom resource's failures in CloudFormation's words."""
    try:
        return original(*args, **kwargs)
    except TimeoutError as error:
        raise TimeoutError(
            "CloudFormation did not receive a response from your Custom Resource. Please check your logs for "
            "details. If you are using the Python cfn-response module, you may need to update your Lambda function "
            "code so that CloudFormation can attach the updated version."
        ) from error
    except RuntimeError as error:
        message = f"Received response status [FAILED] from custom resource. Message returned: {error}"
        raise RuntimeError(message) from error


def with_request_guard(original: Function, *arguments: Any) -> type[BaseHTTPRequestHandler]:
    """The class that handles requests of runtimes, which refuses those of web pages: a page could take the events."""
    handler: Any = original(*arguments)

    class GuardedHandler(handler):  # type: ignore[misc]  # the emulator is untyped
        def parse_request(self) -> bool:
            if not super().parse_request():
                return False
            reason = refusal_reason(self.headers.items(), port=self.server.server_address[1])
            if reason is not None:
                self.send_error(HTTPStatus.FORBIDDEN, explain=refusal_text(reason))
            return reason is None

    return GuardedHandler


def _name_streams() -> None:
    """Add the function's name to its streams in a shared group (Lambda guide, "Configuring CloudWatch log groups")."""
    writing = RLock()  # a new stream must belong to this invocation

    def emit(original: Function, function: dict[str, Any], *arguments: Any, **options: Any) -> None:
        config = function.get("config") or function
        group, name = (config.get("LoggingConfig") or {}).get("LogGroup"), config.get("FunctionName")
        if not group or group == f"/aws/lambda/{name}":
            original(function, *arguments, **options)
            return
        with writing:
            before = set(_streams(group))
            original(function, *arguments, **options)
            streams = _streams(group)
            for made in set(streams) - before:
                date, bracket, rest = made.partition("/[")
                streams[f"{date}/{name}{bracket[1:]}{rest}"] = streams.pop(made)

    emulator.emit_logs.wrap(emit)


def _streams(group: str) -> dict[str, Any]:
    found: dict[str, Any] = cloudwatch.log_groups.get(group, {}).get("streams", {})
    return found
