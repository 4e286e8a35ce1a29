"""All pictures of the architecture, by file name."""

import tempfile
from pathlib import Path

from installation.settings_file import load_settings
from ops.cost.estimation import estimate
from ops.stacks.checkout import Project
from ops.stacks.synthesis import synthesize
from tools.pictures import month, release, request, stacks
from tools.pictures.system import read_system

# Pictures show the installation that a newcomer tries first.
ENVIRONMENT = "dev"


def draw_all(assembly: Path) -> dict[str, str]:
    """The pictures of a synthesized application, by file name.

    Args:
        assembly: folder that ``cdk synth`` wrote.
    """
    system = read_system(assembly)
    return {
        "stacks.svg": stacks.draw(system),
        "request.svg": request.draw(system),
        "release.svg": release.draw(system),
        "month.svg": month.draw(system, estimate(assembly)),
    }


def folder_of(project: Project) -> Path:
    """Where the pictures of a checkout are kept."""
    return project.root / "docs" / "pictures"


def write_all(project: Project) -> list[Path]:
    """Synthesize a checkout and write its pictures again; returns the files that changed."""
    with tempfile.TemporaryDirectory() as assembly:
        synthesize(project, {Path(assembly): load_settings(ENVIRONMENT)})
        drawn = draw_all(Path(assembly))
    folder = folder_of(project)
    folder.mkdir(parents=True, exist_ok=True)
    changed = []
    for name, svg in drawn.items():
        file = folder / name
        if not file.exists() or file.read_text(encoding="utf-8") != svg:
            file.write_text(svg, encoding="utf-8")
            changed.append(file)
    return changed
