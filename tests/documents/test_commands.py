"""Every command of the runbook and of the page on the embedded AWS that can run: a month, and the next one to its end.

The two editions have the same commands (``test_blocks.py`` holds them to it), so each block runs once for both.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from installation import names
from installation.settings import Settings
from tests.conftest import ROOT
from tests.support import forked_command
from tests.support.documents.blocks import FIRST, Block, in_order, read_blocks
from tests.support.documents.runner import Runner
from tests.support.documents.situations import SITUATIONS, push_images
from tests.support.embedded.server import EmbeddedAws

pytestmark = pytest.mark.embedded
BLOCKS = in_order(tuple(it for name in ("operations", "embedded-aws") for it in read_blocks(ROOT / f"docs/{name}.md")))
LAST = BLOCKS[-1]


@pytest.fixture(scope="module")
def runner(
    assembly: Callable[[str], Path], settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runner]:
    folder = tmp_path_factory.mktemp("documents")
    server = EmbeddedAws(folder, options=("--clock-factor", "120", "--cloudtrail"))
    try:
        server.start()
        runner = Runner(server=server, folder=folder, assembly=assembly("dev"), settings=settings)
        runner.prepare()
        forked_command.write_program(runner.program, runner.prelude)
        forked_command.write_program(runner.program.with_name("aws"))
        yield runner
    finally:
        server.close()


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_block(runner: Runner, block: Block) -> None:
    if block.situation is not None:
        SITUATIONS[block.situation](runner)
    output = runner.run(block)
    assert output.strip(), "it printed nothing"
    if block.language == "sql":
        assert len(output.splitlines()) > 1, "columns, but no row"
    if block.order == FIRST:
        assert statuses(runner) == dict.fromkeys(names.ALL_STACKS, "CREATE_COMPLETE")
        push_images(runner)
    if block is LAST:
        assert statuses(runner).keys() == set(names.PERSISTENT_STACKS)
        assert runner.client("rds").describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]


def statuses(runner: Runner) -> dict[str, str]:
    """The stacks of the installation."""
    stacks = runner.client("cloudformation").describe_stacks()["Stacks"]
    return {it["StackName"]: it["StackStatus"] for it in stacks if it["StackName"] in names.ALL_STACKS}
