"""A repeated request with the same token gets the previous answer.

SDKs repeat a request after a lost answer (API reference, ClientToken and ClientRequestToken). Tokens are forgotten when
the server ends.
"""

from typing import Any

from embedded_aws.cloudformation import emulator
from embedded_aws.core.patching import Original, Response, wrap_item

_TOKENS = {
    "ContinueUpdateRollback": "ClientRequestToken",
    "CreateChangeSet": "ClientToken",
    "ExecuteChangeSet": "ClientRequestToken",
}


def install() -> None:
    """Add the tokens to the operations."""
    for action, token in _TOKENS.items():
        wrap_item(emulator.actions, action, _remembering(token))


def _remembering(parameter: str) -> Any:
    answered: dict[tuple[str, ...], Response] = {}

    def answer(original: Original, params: dict[str, Any]) -> Response:
        key = tuple(emulator.parameter(params, name) for name in ("StackName", "ChangeSetName", parameter))
        if not key[-1]:
            return original(params)
        if key not in answered:
            response = original(params)
            if response[0] != 200:
                return response
            answered[key] = response
        return answered[key]

    return answer
