"""Generates the execution policies from the needs of the templates: ``python -m tools.policies``."""

import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from installation.permissions.execution_policies import GENERATED
from ops.errors import OpsError
from ops.iam.needs import read_project_templates, template_needs
from ops.iam.policy_documents import Document, documents
from ops.iam.published_figures import DOCUMENT, update_page
from ops.iam.required import required
from ops.iam.variants import variants
from ops.stacks.checkout import this_checkout
from ops.stacks.synthesis import synthesize


def generate(folders: dict[str, Path], region: str) -> tuple[Document, ...]:
    """The policies for several variants' templates, whose folders are given by variant name."""
    templates = [template for folder in folders.values() for template in read_project_templates(folder)]
    return documents([need for template in templates for need in template_needs(template, region)], templates)


def main() -> None:
    """Synthesize every variant, and write changed policies and the figures of the page about them."""
    by_variant = variants()
    with TemporaryDirectory() as temporary:
        folders = {name: Path(temporary) / name for name in by_variant}
        try:
            synthesize(this_checkout(), {folders[name]: settings for name, settings in by_variant.items()})
            generated = generate(folders, by_variant["dev"].region)
        except OpsError as error:
            sys.exit("\n  ".join((f"error: {error.problem}", *error.advice)))
        if _write(generated):  # IdentityStack and the page's figures depend on them: generate again
            sys.exit(subprocess.run([sys.executable, "-m", "tools.policies"], check=False).returncode)
        page = this_checkout().root / DOCUMENT
        text = page.read_text(encoding="utf-8")
        needs = required(folders["dev"], by_variant["dev"])
        page.write_text(update_page(text, needs, folders["dev"]), encoding="utf-8")


def _write(generated: tuple[Document, ...]) -> bool:
    """Write the policies that differ and remove obsolete ones; returns whether there were any."""
    stale = set(GENERATED.glob("*.json")) - {it.policy.file for it in generated}
    differing = [it for it in generated if not it.policy.file.exists() or it.policy.file.read_text("utf-8") != it.text]
    for file in sorted(stale):
        file.unlink()
        print(f"removed {file.relative_to(this_checkout().root)}")
    for policy in differing:
        policy.policy.file.write_text(policy.text, encoding="utf-8")
        print(f"wrote {policy.policy.file.relative_to(this_checkout().root)}, {policy.characters} characters")
    return bool(stale or differing)


if __name__ == "__main__":
    main()
