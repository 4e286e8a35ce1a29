"""Which sockets a task's network namespace opens."""

import json
from pathlib import Path
from unittest.mock import Mock

import pytest

from embedded_aws.containers.engine import Engine, EngineError
from embedded_aws.containers.namespaces import Namespaces
from embedded_aws.core.background import BackgroundLoop
from embedded_aws.core.http import HttpRequest, HttpResponse, HttpServer


class Refusing(Engine):
    """Refuses each command with its words."""

    def call(self, *arguments: str, **_: object) -> str:
        raise EngineError(json.dumps(arguments))


class Taken(Engine):
    """Has chosen ports that another program has taken meanwhile, so many times; then it says that it starts."""

    times = 0
    removed: tuple[str, ...] = ()

    def call(self, *arguments: str, **_: object) -> str:
        if self.times:
            type(self).times -= 1
            raise EngineError(
                "cannot listen on the TCP port: listen tcp4 127.0.0.1:41241: bind: address already in use"
            )
        raise EngineError(f"it starts: {arguments[0]}")

    def remove(self, *containers: str) -> None:
        type(self).removed += containers


async def nothing(_: HttpRequest) -> HttpResponse:
    raise AssertionError


def test_a_port_that_is_the_servers_and_a_databases_is_opened_once(tmp_path: Path) -> None:
    engine = Refusing(name="podman", command=("podman",), processor="amd64", environment={})
    spaces = Namespaces(engine, Mock(spec=BackgroundLoop), folder=tmp_path, reachable=(14566, 14544, 14566))
    with pytest.raises(EngineError) as refused:
        spaces.open("one", labels={}, ports=(3000,), metadata=HttpServer(nothing))
    places = [json.loads(word) for word in json.loads(str(refused.value)) if word.startswith("[[")]
    assert [port for address, port in places[0] if address == "127.0.0.1"] == [14566, 14544]


@pytest.mark.parametrize(("times", "said"), [(0, "it starts"), (2, "it starts"), (4, "address already in use")])
def test_a_port_that_another_program_takes_meanwhile_is_chosen_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, said: str
) -> None:
    """The engine chooses a free port, and opens it a moment later."""
    monkeypatch.setattr(Taken, "times", times)
    monkeypatch.setattr(Taken, "removed", ())
    engine = Taken(name="podman", command=("podman",), processor="amd64", environment={})
    spaces = Namespaces(engine, Mock(spec=BackgroundLoop), folder=tmp_path, reachable=())
    with pytest.raises(EngineError, match=said):
        spaces.open("one", labels={}, ports=(3000,), metadata=HttpServer(nothing))
    assert Taken.removed == ("one",) * min(times, 3)
