"""Every command of the runbook that can run, against an embedded AWS: a month from its start to the next one's end.

The two editions have the same commands (``test_blocks.py`` holds them to it), so each block runs once for both.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from constructs_lib.settings import Settings
from tests.conftest import ROOT
from tests.documents.blocks import FIRST, Block, in_order, read_blocks
from tests.documents.runner import Runner
from tests.documents.situations import SITUATIONS, push_images
from tests.embedded.conftest import EmbeddedAws

pytestmark = pytest.mark.embedded
BLOCKS = in_order(read_blocks(ROOT / "docs/operations.md"))


@pytest.fixture(scope="module")
def runner(
    assembly: Callable[[str], Path], settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runner]:
    folder = tmp_path_factory.mktemp("documents")
    server = EmbeddedAws(folder, options=("--clock-factor", "60", "--cloudtrail"))
    try:
        server.start()
        runner = Runner(server=server, folder=folder, assembly=assembly("dev"), settings=settings)
        runner.prepare()
        yield runner
    finally:
        server.close()


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_block(runner: Runner, block: Block) -> None:
    if block.situation is not None:
        SITUATIONS[block.situation](runner)
    output = runner.run(block)
    if block.language == "sql":
        assert len(output.splitlines()) > 1, "columns, but no row"
    if block.order == FIRST:
        push_images(runner)
