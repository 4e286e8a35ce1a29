"""Prints as JSON which part of the embedded AWS answers each operation and creates each resource type.

It installs all extensions in its own process, like a server, and finds the functions that they replace.
"""

import importlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Final

from botocore import xform_name

from tests.support.boto_model import service_model

# The emulator's modules whose name differs from botocore's name of the service.
_MODULES: Final = {"alb": "elbv2", "lambda_svc": "lambda", "cloudwatch_logs": "logs", "eventbridge": "events"}
_SERVICES: Final = (
    *("athena", "budgets", "cloudformation", "cloudfront", "cloudtrail", "cloudwatch", "ec2", "ecr", "ecs", "elbv2"),
    *("events", "glue", "iam", "lambda", "logs", "rds", "route53", "s3", "secretsmanager", "sns", "ssm", "sts"),
)
_OWN: Final = {
    "application-autoscaling": "embedded_aws/application_autoscaling",
    "ce": "embedded_aws/cost_explorer",
    "codedeploy": "embedded_aws/codedeploy",
}


def _install(folder: Path) -> None:
    from embedded_aws import server
    from embedded_aws.core.context import ServerContext

    context = ServerContext(port=9, state_folder=folder, region="ap-northeast-1", account="000000000000")
    context.temporary_folder.mkdir(parents=True)
    composed = server.environment(context, authorization=True, recording=True, inherited=os.environ)
    os.environ.clear()
    os.environ.update(composed)
    from embedded_aws.extensions import install_all

    install_all(context)


def _wrappers(function: Any) -> Iterator[str]:
    """The packages whose functions wrap an original function."""
    while isinstance(function, FunctionType) and hasattr(function, "__wrapped__"):
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or (), strict=True))
        if "wrapper" in cells:
            module = _behind_hook(cells["wrapper"].cell_contents).__module__
            yield "/".join(module.split(".")[:2])
        function = function.__wrapped__


def _behind_hook(wrapper: Any) -> Any:
    """The check that a hook of CloudFormation calls; other wrappers unchanged."""
    wrapper = getattr(wrapper, "func", wrapper)  # of a partial
    code = getattr(wrapper, "__code__", None)
    cells = dict(zip(code.co_freevars, wrapper.__closure__ or (), strict=True)) if code else {}
    return _behind_hook(cells["check"].cell_contents) if "check" in cells else wrapper


def _handlers(module: ModuleType) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for value in list(vars(module).values()):
        if isinstance(value, dict):
            found |= {name: one for name, one in value.items() if isinstance(name, str) and callable(one)}
    return found


def operations() -> dict[str, list[str]]:
    """The packages in front of the emulator, by operation; without the emulator, the second entry is empty."""
    from embedded_aws.requests import checks, property_rules, rules

    found: dict[str, list[str]] = {}
    for service in _SERVICES:
        name = next((key for key, value in _MODULES.items() if value == service), service)
        module = importlib.import_module(f"ministack.services.{name}")
        parts = [module, *(one for key, one in sys.modules.items() if key.startswith(f"{module.__name__}."))]
        handlers = {key: one for part in parts for key, one in _handlers(part).items()}
        functions = {key: one for part in parts for key, one in vars(part).items() if callable(one)}
        for operation in service_model(service).operation_names:
            answering = [
                handlers.get(operation),
                functions.get(f"_{xform_name(operation)}"),
                functions.get(getattr(handlers.get(operation), "__name__", "")),
            ]
            found[f"{service}.{operation}"] = sorted({one for it in answering for one in _wrappers(it)})
    asking = [(handler, operation, rule.__module__) for (handler, operation), rule in rules.OF_OPERATIONS.items()]
    by_data = (name.split(":") for name in property_rules.subjects() if name.count(":") == 1)
    for handler, operation, stands_in in [*asking, *((*name, property_rules.__name__) for name in by_data)]:
        names = found.setdefault(f"{checks.BOTOCORE_NAMES.get(handler, handler)}.{operation}", [])
        names[:] = sorted({*names, "/".join(stands_in.split(".")[:2])})
    for service, package in _OWN.items():
        found |= {f"{service}.{operation}": [package, ""] for operation in service_model(service).operation_names}
    return {name: packages for name, packages in found.items() if packages}


def types() -> dict[str, list[str]]:
    """The packages that create each resource type, and ``drift`` where its drift can be detected."""
    from ministack.services.cloudformation import drift, provisioners

    found = {}
    for name, handlers in provisioners._RESOURCE_HANDLERS.items():
        packages = {package for one in handlers.values() for package in _packages(one)}
        found[name] = [*sorted(packages), *(["drift"] if name in drift._DRIFT_READERS else [])]
    return found


def _packages(handler: Any) -> Iterator[str]:
    """The packages of a handler, and of functions that it calls instead."""
    yield from _wrappers(handler)
    seen = [handler, *(cell.cell_contents for cell in getattr(handler, "__closure__", None) or ())]
    for one in seen:
        module = str(getattr(one, "__module__", ""))
        if module.startswith("embedded_aws.") and not module.startswith(
            ("embedded_aws.core", "embedded_aws.cloudformation")
        ):
            yield "/".join(module.split(".")[:2])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        _install(Path(folder))
        sys.stdout.write(json.dumps({"operations": operations(), "types": types()}))
        sys.stdout.flush()
        os._exit(0)  # otherwise the emulator's threads would keep it running


if __name__ == "__main__":
    main()
