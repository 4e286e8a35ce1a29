"""Places of constructs in the source."""

from ops.review.sources import Sources
from ops.templates.assembly import Assembly
from tests.conftest import ROOT


def test_nearly_every_resource_is_found_where_its_construct_is_made(dev: Assembly) -> None:
    sources = Sources(ROOT)
    paths = [stack.path(key) for stack in dev.stacks.values() for key in stack.resources]
    found = {path: place for path in paths if (place := sources.place(path))}
    assert len(found) >= len(paths) * 0.9
    for path, (file, line) in found.items():
        text = "\n".join((ROOT / file).read_text(encoding="utf-8").splitlines()[line - 1 : line + 4])
        assert any(f'"{part}"' in text for part in path.split("/")), f"{path}: {file}:{line}"


def test_a_construct_inside_of_another_is_found_in_its_own_file() -> None:
    place = Sources(ROOT).place("StorageStack/Database/RestorePoint/Answer/Default")
    assert place is not None
    assert place[0] == "constructs_lib/storage/database.py"


def test_a_construct_that_is_made_in_the_stacks_scope_is_found_where_it_is_made() -> None:
    place = Sources(ROOT).place("ComputeStack/SyntheticCheck")
    assert place is not None
    assert place[0] == "constructs_lib/compute/monitoring.py"


def test_what_is_nowhere_has_no_place() -> None:
    assert Sources(ROOT).place("NoStack/Database") is None
    assert Sources(ROOT).place("StorageStack") is None
