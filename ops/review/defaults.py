"""What the absence of a property means, by the judgements' data, for whoever asks before anything is judged."""

from collections.abc import Mapping
from functools import cache

from ops.review.data import DATA, read_yaml
from ops.templates.forms import scalar
from ops.templates.values import Json, at, mapping


def means_the_same(resource_type: str, path: str, old: Json, new: Json) -> bool:
    """Whether one side says what the absence on the other one means.

    Args:
        resource_type: type of the resource.
        path: the property, parts separated by slashes.
        old: its value before, None if there was none.
        new: its value after.
    """
    default = _defaults().get(resource_type, {}).get(path)
    written = new if old is None else old
    return default is not None and None in (old, new) and str(scalar(written)) == str(scalar(default))


@cache
def _defaults() -> Mapping[str, Mapping[str, Json]]:
    found: dict[str, Mapping[str, Json]] = {}
    for file in sorted((DATA / "judgements").glob("*.yaml")):
        content = read_yaml(file)
        if isinstance(content, dict):
            found |= {kind: mapping(at(its, "absent")) for kind, its in content.items()}
    return found
