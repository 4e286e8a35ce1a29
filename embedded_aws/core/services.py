"""What differs between services in the refusals that many share, by the emulator's names: `services.yaml`."""

from pathlib import Path
from typing import Final

from installation import yaml_text


class Service(yaml_text.Data):
    """An entry of the file, whose head explains each field."""

    botocore: str = ""
    code: str = ""
    tag_code: str = ""
    reserved_tag: str = "aws: prefixed tag key names are not allowed for external use."
    duplicate_tag: str = "Duplicate tag keys are not allowed."
    token_code: str = ""
    token: str = ""


services: Final = yaml_text.cached_reader(Path(__file__).with_suffix(".yaml"), dict[str, Service])
