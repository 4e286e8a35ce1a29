"""Synthesizes the application with settings that are in no file: variants for the cost estimate.

It runs as a separate process (``python -m ops.stacks.synthesis``), because the CDK and boto3 share no process.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from installation.settings import Settings
from ops.errors import FailedError
from ops.stacks.checkout import Checkout
from ops.stacks.full_disk import require_space


def synthesize(checkout: Checkout, settings_by_folder: Mapping[Path, Settings]) -> None:
    """Write the templates for each of the settings into their folder.

    Raises:
        FailedError: the application does not accept some of the settings; the message is its output.
    """
    checkout.require_tools()
    request = {str(folder): settings.model_dump(mode="json") for folder, settings in settings_by_folder.items()}
    finished = subprocess.run(  # noqa: S603 - our own module with this interpreter, no shell
        [sys.executable, "-m", __name__],
        cwd=checkout.root,
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode != 0:
        require_space(finished.stderr, *settings_by_folder)
        raise FailedError("the application could not be synthesized. It said:", *finished.stderr.splitlines()[-8:])


def main() -> None:
    """Read folders with their settings from standard input, and write the templates into them."""
    import aws_cdk as cdk

    from app import build

    context = json.loads(Path("cdk.json").read_text(encoding="utf-8"))["context"]
    for folder, content in json.load(sys.stdin).items():
        app = cdk.App(
            analytics_reporting=False,
            # Saves two seconds; these templates are only read, and deployed ones are validated.
            builtin_cloud_formation_validation=False,
            context=context,
            outdir=folder,
        )
        build(app, Settings.model_validate_json(json.dumps(content)))
        app.synth()


if __name__ == "__main__":
    main()
