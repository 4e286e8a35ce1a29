"""Settings files that a test writes, and the errors of invalid ones."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from installation.settings.file import SettingsError, load_settings


def minimal() -> dict[str, Any]:
    return {
        "project": "shop",
        "region": "ap-northeast-1",
        "network": {"availability_zones": ["ap-northeast-1a", "ap-northeast-1c"], "egress": "public_ip"},
        "service": {"initial_image": "example.org/shop:1"},
        "github": {"owner": "somebody", "repository": "shop"},
    }


def load(folder: Path, content: object, environment: str = "dev") -> Any:
    (folder / f"{environment}.yaml").write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return load_settings(environment, folder)


def problem(folder: Path, content: object) -> str:
    with pytest.raises(SettingsError) as failure:
        load(folder, content)
    message = str(failure.value)
    assert str(folder / "dev.yaml") in message
    return message


def with_value(path: str, value: object) -> dict[str, Any]:
    content = minimal()
    *sections, field = path.split(".")
    section = content
    for name in sections:
        section = section.setdefault(name, {})
    section[field] = value
    return content
