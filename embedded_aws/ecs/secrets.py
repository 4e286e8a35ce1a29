"""Values of the secrets of containers, and the error of a task where a value is missing."""

import json
import re
from decimal import Decimal
from typing import Any, Final

from embedded_aws.core.patching import Function
from embedded_aws.ecs import emulator
from embedded_aws.secretsmanager import emulator as secretsmanager
from embedded_aws.ssm import emulator as ssm

_UNKNOWN_SECRET = re.compile(r"unable to retrieve secret (?P<id>\S+) for environment")
_UNKNOWN_KEY = re.compile(r"unable to retrieve json key '(?P<key>[^']*)' from secret (?P<id>\S+)")
# The exponents between which a number is written without one (Go, strconv, FormatFloat).
_LEAST_EXPONENT: Final = -4
_MOST_EXPONENT: Final = 5


def resolve_secrets(original: Function, definition: emulator.Record) -> dict[str, str]:
    """The values of a container's secrets by variable; an error has the message of Secrets Manager or Parameter Store.

    Amazon ECS developer guide, "Stopped tasks error messages", ResourceInitializationError.
    """
    error_type = emulator.SecretResolutionError
    try:
        found: dict[str, str] = original(definition)
    except error_type as error:
        raise error_type(_agent_message(str(error))) from error
    sources = {secret["name"]: secret["valueFrom"] for secret in definition.get("secrets") or []}
    return found | {name: _value(source) for name, source in sources.items() if name in found}


def _value(source: str) -> str:
    if "secretsmanager" not in source:
        return str(ssm.parameter_value(source, decrypt=True))
    *arn, key = [*source.split(":"), ""][:8]
    text = str(secretsmanager.secret_text(":".join(arn)))
    return _text(json.loads(text)[key]) if key else text


def _text(value: Any) -> str:
    """A JSON value as the agent writes it, with Go's ``%v`` (aws/amazon-ecs-agent, agent/asm/asm.go)."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return str(value).lower()
        case int() | float():
            number = Decimal(repr(float(value))).normalize()
            exponent = number.adjusted()
            plain = _LEAST_EXPONENT <= exponent <= _MOST_EXPONENT
            return f"{number:f}" if plain else f"{number.scaleb(-exponent):f}e{exponent:+03d}"
        case list():
            return f"[{' '.join(map(_text, value))}]"
        case dict():
            return f"map[{' '.join(f'{key}:{_text(one)}' for key, one in sorted(value.items()))}]"
        case _:
            return str(value)


def _agent_message(text: str) -> str:
    if key := _UNKNOWN_KEY.search(text):
        return (
            "unable to retrieve secret from asm: service call has been retried 1 time(s): retrieved secret from "
            f"Secrets Manager did not contain json key {key['key']}"
        )
    secret = _UNKNOWN_SECRET.search(text)
    if secret is None:
        return text
    if "secretsmanager" in secret["id"]:
        return (
            "unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret "
            f"{secret['id']} from secrets manager: ResourceNotFoundException: Secrets Manager can't find the "
            "specified secret."
        )
    return (
        "unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: "
        f"{secret['id']}"
    )
