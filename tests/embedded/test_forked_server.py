"""A server of the tests, which was forked, has the same settings as one that was started by its command line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.embedded
# What the emulator and the extensions know after their import, and the defaults of their functions.
_KNOWN: Final = """
import json, re, sys, types
def shown(value):
    if isinstance(value, types.FunctionType):
        return [shown(it) for it in value.__defaults__ or ()]
    if isinstance(value, (list, tuple, set, frozenset)):
        shape = [shown(it) for it in value]
        return shape if isinstance(value, (list, tuple)) else sorted(map(str, shape))
    if isinstance(value, dict):
        return {str(name): shown(it) for name, it in value.items()}
    known = type(value).__module__ in {"builtins", "pathlib", "re"}
    return re.sub("0x[0-9a-f]+", "", str(value)) if known else type(value).__name__
known = {
    f"{module}.{name}": shown(value)
    for module, loaded in sorted(sys.modules.items()) if module.split(".")[0] in {"ministack", "embedded_aws"}
    for name, value in vars(loaded).items() if not isinstance(value, types.ModuleType) and name != "__builtins__"
}
print(json.dumps(known, default=str))
"""
# Made by chance or with the time of the import.
_OF_ITS_OWN: Final = {
    "ministack.core.container_reaper._boot_nonce",
    "ministack.services.cognito._JWKS_KEY",
    "ministack.services.iam._aws_managed_policies",
    "ministack.services.s3._event_sequence",
}
_FORKED: Final = """
import os
from pathlib import Path
from tests.support.embedded.imported_server import adapt
adapt(4599, Path({folder!r}), authorization={on}, recording={on})
"""
_BY_ITSELF: Final = """
import os
from pathlib import Path
from embedded_aws import __main__, server
from embedded_aws.core.context import ServerContext
context = ServerContext(port=4599, state_folder=Path({folder!r}), region="ap-northeast-1", account="000000000000")
os.environ.update(server.environment(context, authorization={on}, recording={on}, inherited=os.environ))
import hypercorn.asyncio, ministack.app
import embedded_aws.core.durable_answers, embedded_aws.core.state, embedded_aws.extensions
"""


@pytest.mark.parametrize("on", [False, True])
def test_a_forked_server_has_the_same_state(tmp_path: Path, on: bool) -> None:
    (tmp_path / "tmp").mkdir()
    forked, by_itself = (_known(text.format(folder=str(tmp_path), on=on)) for text in (_FORKED, _BY_ITSELF))

    assert {it for it in by_itself if forked.get(it) != by_itself[it]} <= _OF_ITS_OWN
    assert forked.keys() == by_itself.keys()
    assert by_itself["ministack.core.persistence.STATE_DIR"] == str(tmp_path / "services")


def _known(text: str) -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-c", text + _KNOWN],
        env={"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    known: dict[str, object] = json.loads(done.stdout)
    return known
