"""What answers at an endpoint and is not the embedded AWS is told apart, however it answers."""

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from ops.aws.embedded import NotEmbeddedError, ask

ANSWERS = {
    "hangs up": b"",
    "no HTTP": b"\x16\x03\x01 not HTTP\r\n\r\n",
    "no JSON": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n<>",
    "not there": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    "cut short": b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{",
    "no UTF-8": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xff",
}


@pytest.fixture
def answering() -> Iterator[Callable[[bytes], str]]:
    """An endpoint that gives each request the same bytes and closes the connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve(answer: bytes) -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(answer)

        def start(answer: bytes) -> str:
            threading.Thread(target=serve, args=(answer,), daemon=True).start()
            return f"http://127.0.0.1:{server.getsockname()[1]}"

        yield start


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_what_answers_otherwise_is_not_embedded(answering: Callable[[bytes], str], answer: bytes) -> None:
    endpoint = answering(answer)
    with pytest.raises(NotEmbeddedError):
        ask(endpoint, "faults")


def test_its_answer_is_read_as_json(answering: Callable[[bytes], str]) -> None:
    assert ask(answering(b'HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n{"a":1}'), "faults") == {"a": 1}
