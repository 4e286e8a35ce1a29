"""Answers for operations that the emulator lacks and that tools call in every account: `unused_features.yaml`."""

from functools import partial
from pathlib import Path
from typing import Any

from embedded_aws.core.context import ServerContext
from embedded_aws.core.patching import EmulatorFunction, Response
from embedded_aws.database import emulator as database
from embedded_aws.ec2 import emulator as ec2
from embedded_aws.iam import emulator as iam
from embedded_aws.load_balancer import emulator as load_balancer
from installation import yaml_text


def install(context: ServerContext) -> None:
    """Register the answers."""
    modules = {"ec2": ec2, "elasticloadbalancing": load_balancer, "iam": iam, "rds": database}
    for service, answers in yaml_text.read(Path(__file__).with_suffix(".yaml"), dict[str, dict[str, str]]).items():
        module: Any = modules[service]
        for operation, given in answers.items():
            name, inner = f"{operation}Response", given.replace("{region}", context.region)
            if module is load_balancer:  # its function adds the names of the response and the result
                name = operation
            elif module is not ec2:
                inner = f"<{operation}Result>{inner}</{operation}Result>"
            module.actions.setdefault(operation, partial(_answer, module.xml_response, name, inner))


def _answer(xml: EmulatorFunction[Response], name: str, inner: str, _params: Any) -> Response:
    return xml(200, name, inner)
