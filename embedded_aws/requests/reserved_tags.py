"""Refuses tags: duplicate keys, keys that begin with ``aws:``, and for RDS characters that it does not allow.

Sources: AWS tagging guide; Amazon RDS user guide, "Tagging Amazon RDS resources".
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from embedded_aws.core.refusal import Refusal
from embedded_aws.core.services import services

_PREFIX: Final = "aws:"
_OF_CLOUDFORMATION: Final = "aws:cloudformation:"
_OF_RDS: Final = re.compile(r"[\w .:/=+@-]*")
# The XML of PutBucketTagging, PutObjectTagging and CreateBucket; any other body is an object.
_XML: Final = re.compile(rb"\s*(<\?xml[^>]*>)?\s*<(Tagging|CreateBucketConfiguration)\b.*<Key>\s*aws:", re.DOTALL)
TAGGED: Final = {name: it.tag_code for name, it in services().items() if it.tag_code}


def check_tags(handler: str, content: Mapping[str, Any], body: bytes) -> None:
    """Refuse invalid tags in the parsed content of a request or in its XML. Raises Refusal: a tag is invalid."""
    if handler not in TAGGED:
        return
    service = services()[handler]
    if any(map(_is_reserved, _keys(content))) or (handler == "s3" and _XML.match(body)):
        raise Refusal(handler, service.tag_code, service.reserved_tag)
    keys = [str(key) for key in _keys(content)]
    if len(keys) > len(set(keys)):
        raise Refusal(handler, service.tag_code, service.duplicate_tag)
    tags = content.get("Tags") or content.get("tags") or []
    texts = [str(text) for tag in tags if isinstance(tag, dict) for text in tag.values()]
    if handler == "ecs" and any(map(_is_reserved, texts)):  # in values too (API reference, Tag)
        raise Refusal(handler, service.tag_code, service.reserved_tag)
    if handler == "rds" and not all(map(_OF_RDS.fullmatch, texts)):
        message = (
            "Tag keys and values may only contain unicode letters, digits, white space, or one of these symbols: "
            "_ . : / = + - @"
        )
        raise Refusal(handler, service.tag_code, message)


def check_template_tags(handler: str, properties: Mapping[str, Any]) -> None:
    """Refuse such tags in a template, except those that CloudFormation adds."""
    tags = properties.get("Tags")
    if isinstance(tags, list):
        given = [tag for tag in tags if not str(tag.get("Key")).startswith(_OF_CLOUDFORMATION)]
        check_tags(handler, {"Tags": given}, b"")


def _keys(content: Mapping[str, Any]) -> Iterator[object]:
    """Keys of the request's top-level tags: for nested ones each service has different rules."""
    for name in ("Tags", "tags", "TagList"):
        tags = content.get(name) or []
        if isinstance(tags, dict):
            yield from tags
        elif isinstance(tags, list):
            yield from (it.get("Key") or it.get("key") for it in tags if isinstance(it, dict))


def _is_reserved(key: object) -> bool:
    return str(key).lower().startswith(_PREFIX)
