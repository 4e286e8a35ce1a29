"""All pictures of the architecture, by file name."""

import tempfile
from pathlib import Path

from installation.settings.file import load_settings
from ops.cost.estimation import estimate
from ops.iam.variants import variants
from ops.stacks.checkout import Checkout
from ops.stacks.synthesis import synthesize
from tools.pictures import month, release, request, stacks, start
from tools.pictures.system import read_system

# Pictures show what the documents describe: the repository's own settings, which a newcomer tries first.
ENVIRONMENT = "dev"
CONFIGURATION = Path("tests", "support", "config")


def draw_all(assembly: Path, with_zone: Path) -> dict[str, str]:
    """The pictures of a synthesized application, and of one with a hosted zone, by file name."""
    system = read_system(assembly)
    return {
        "stacks.svg": stacks.draw(system),
        "request.svg": request.draw(system),
        "release.svg": release.draw(system),
        "month.svg": month.draw(system, estimate(assembly)),
        "start.svg": start.draw({start.PLAIN: assembly, start.STABLE: with_zone}),
    }


def folder_of(project: Checkout) -> Path:
    """The folder of a checkout's pictures."""
    return project.root / "docs" / "pictures"


def write_all(project: Checkout) -> list[Path]:
    """Synthesize a checkout and update its pictures; returns the files that changed."""
    with tempfile.TemporaryDirectory() as temporary:
        assembly, with_zone = Path(temporary) / "as-set", Path(temporary) / "zone"
        config = project.root / CONFIGURATION
        synthesize(project, {assembly: load_settings(ENVIRONMENT, config), with_zone: variants(config)["zone"]})
        drawn = draw_all(assembly, with_zone)
    folder = folder_of(project)
    folder.mkdir(parents=True, exist_ok=True)
    changed_files = []
    for name, svg in drawn.items():
        file = folder / name
        if not file.exists() or file.read_text(encoding="utf-8") != svg:
            file.write_text(svg, encoding="utf-8")
            changed_files.append(file)
    return changed_files
