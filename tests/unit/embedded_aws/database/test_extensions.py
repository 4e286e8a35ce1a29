"""The stand-ins for extensions that many products' migrations make: the same values as elsewhere."""

import hashlib
import hmac
import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from psycopg.sql import SQL, Literal

from embedded_aws.database.postgres import Postgres

Ask = Callable[..., str]


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    server = Postgres(tmp_path_factory.mktemp("postgres") / "one")
    server.initialize()
    server.configure({})
    server.start()
    server.execute(SQL('CREATE EXTENSION IF NOT EXISTS "uuid-ossp"'), SQL("CREATE EXTENSION pgcrypto"))
    try:
        yield lambda expression, *values: server.execute(
            SQL("SELECT {}").format(SQL(expression).format(*map(Literal, values)))
        )[0]
    finally:
        server.stop()


def test_identifiers_have_their_version(ask: Ask) -> None:
    for version, function in ((1, "uuid_generate_v1"), (1, "uuid_generate_v1mc"), (4, "uuid_generate_v4")):
        made = uuid.UUID(ask(f"{function}()"))
        assert (made.version, made.variant) == (version, uuid.RFC_4122)
        assert made != uuid.UUID(ask(f"{function}()"))
    seconds = uuid.UUID(ask("uuid_generate_v1()")).time / 10_000_000 - 12_219_292_800
    assert seconds == pytest.approx(time.time(), abs=60)
    assert ask("uuid_generate_v3(uuid_ns_dns(), {})", "käse.example") == str(
        uuid.uuid3(uuid.NAMESPACE_DNS, "käse.example")
    )
    assert ask("uuid_nil()") == str(uuid.UUID(int=0))


@pytest.mark.parametrize("name", ["md5", "sha256", "SHA512"])
def test_hashes_are_those_of_everybody(ask: Ask, name: str) -> None:
    assert ask("encode(digest({}, {}), 'hex')", "ä", name) == hashlib.new(name.lower(), "ä".encode()).hexdigest()
    for key in ("key", "k" * 200):
        expected = hmac.new(key.encode(), b"data", name.lower()).hexdigest()
        assert ask("encode(hmac({}, {}, {}), 'hex')", "data", key, name) == expected


def test_random_bytes_have_their_length_and_differ(ask: Ask) -> None:
    for count in (1, 16, 32, 33, 100):
        assert len(ask("encode(gen_random_bytes({}), 'hex')", count)) == 2 * count
    assert ask("encode(gen_random_bytes(16), 'hex')") != ask("encode(gen_random_bytes(16), 'hex')")
    assert uuid.UUID(ask("public.gen_random_uuid()")).version == 4
