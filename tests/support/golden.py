"""Golden templates: the deployed templates, as last reviewed.

A change of the application appears in its pull request as a change of these files. ``python -m tests.support.golden``
(or ``make golden``) writes them.
"""

import json
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from tests.conftest import ENVIRONMENTS, new_app, own, settings_of

FOLDER = Path(__file__).resolve().parents[1] / "templates"
ASSET_HASH = re.compile(r"\b[0-9a-f]{64}\b")


def normalized(template: dict[str, Any]) -> str:
    """A template in its stored form. Asset hashes, which change with a library's code, are masked."""
    return ASSET_HASH.sub("<asset>", json.dumps(template, indent=1, ensure_ascii=False)) + "\n"


def golden_file(environment: str, stack: str) -> Path:
    """The file of a stack's golden template."""
    return FOLDER / environment / f"{stack}.json"


def write(folder: Path, environment: str) -> list[Path]:
    """Write an environment's golden templates from a synthesized application; returns the changed files."""
    texts = {
        golden_file(environment, file.name.removesuffix(".template.json")): normalized(json.loads(file.read_text()))
        for file in folder.glob("*.template.json")
    }
    changed = [file for file, text in texts.items() if not file.exists() or file.read_text() != text]
    obsolete = [file for file in (FOLDER / environment).glob("*.json") if file not in texts]
    for file in changed:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(texts[file])
    for file in obsolete:
        file.unlink()
    return sorted(changed + obsolete)


def main() -> None:
    """Synthesize every environment and write its golden templates."""
    from app import build

    for environment in ENVIRONMENTS:
        with tempfile.TemporaryDirectory() as folder:
            app = new_app(Path(folder))
            build(app, settings_of(own(environment)))
            app.synth()
            for file in write(Path(folder), environment):
                sys.stdout.write(f"{file.relative_to(FOLDER.parent.parent)}\n")


if __name__ == "__main__":
    main()
