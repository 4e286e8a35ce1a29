"""A cloud assembly of one small stack for the CDK command line, without synthesis and without bootstrap roles."""

import json
from pathlib import Path
from typing import Any

Resources = dict[str, dict[str, Any]]
NAME = "SmallStack"


def parameter(name: str, value: str) -> dict[str, Any]:
    """A resource that is created at once."""
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Name": name, "Type": "String", "Value": value}}


def write(folder: Path, resources: Resources) -> Path:
    """Write the assembly and return its folder."""
    folder.mkdir()
    (folder / "template.json").write_text(json.dumps({"Resources": resources}))
    stack = {
        "type": "aws:cloudformation:stack",
        "environment": "aws://000000000000/ap-northeast-1",
        "properties": {"templateFile": "template.json", "validateOnSynth": False},
        "displayName": NAME,
    }
    (folder / "manifest.json").write_text(json.dumps({"version": "48.0.0", "artifacts": {NAME: stack}}))
    return folder
