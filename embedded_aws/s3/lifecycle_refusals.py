"""Refuses a bucket's lifecycle rules with two parts that contradict each other, as S3 does.

The messages are those that users report of PutBucketLifecycleConfiguration; for the sizes, only the rule is documented.
Rules about a single part are in `requests/property_rules.yaml`.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from typing import Any, Final

from embedded_aws.core.refusal import Refusal

Record = dict[str, Any]
# From warm to cold: objects move only in this direction (S3 user guide, "Transitioning objects").
_CLASSES: Final = (*("STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"),)

_SIZES: Final = ("ObjectSizeGreaterThan", "ObjectSizeLessThan")
_refused = partial(Refusal, "S3", "InvalidArgument")


def check_lifecycle(properties: Record) -> None:
    """Refuse a template's bucket for its first wrong rule."""
    rules = (properties.get("LifecycleConfiguration") or {}).get("Rules") or []
    names = [rule["Id"] for rule in rules if rule.get("Id")]
    if len(names) > len(set(names)):
        raise _refused("Rule ID must be unique. Found same ID for more than one rule")
    for said in (said for rule in rules for said in _broken(rule)):
        raise _refused(said)


def _broken(rule: Record) -> Iterator[str]:
    prefix = rule.get("Prefix", "")
    current = _transitions(rule, "Transition")
    dated = {"ExpirationDate" in rule} if {"ExpirationDate", "ExpirationInDays"} & rule.keys() else set()
    if len(dated | {"TransitionDate" in it for it in current}) > 1:
        yield (
            "Found mixed 'Date' and 'Days' based Expiration and Transition actions in lifecycle rule for prefix "
            f"'{prefix}'"
        )
    yield from _order_problems(current, rule.get("ExpirationInDays"), prefix, "Days", "Expiration", "Transition")
    expiration = rule.get("NoncurrentVersionExpiration") or {}
    days = expiration.get("NoncurrentDays", rule.get("NoncurrentVersionExpirationInDays"))
    late = _transitions(rule, "NoncurrentVersionTransition")
    names = ("NoncurrentDays", "NoncurrentVersionExpiration", "NoncurrentVersionTransition")
    yield from _order_problems(late, days, prefix, *names)
    if int(rule.get("ObjectSizeLessThan", 2**62)) <= int(rule.get("ObjectSizeGreaterThan", -1)):
        yield "'ObjectSizeLessThan' must be greater than 'ObjectSizeGreaterThan'"


def _order_problems(
    transitions: list[Record], expiration: Any, prefix: str, days: str, expiring: str, moving: str
) -> Iterator[str]:
    classes = [it.get("StorageClass") for it in transitions]
    if len(classes) > len(set(classes)):
        yield f"'StorageClass' must be different for '{moving}' actions in same 'Rule' with prefix '{prefix}'"
    ordered = [it for it in transitions if it.get("StorageClass") in _CLASSES and "TransitionInDays" in it]
    in_order = sorted(ordered, key=lambda it: _CLASSES.index(it["StorageClass"]))
    for earlier, later in pairwise(in_order):
        if int(later["TransitionInDays"]) <= int(earlier["TransitionInDays"]):
            yield (
                f"'{days}' in the '{later['StorageClass']}' {moving} action for prefix '{prefix}' must be greater than "
                f"'{days}' in the '{earlier['StorageClass']}' {moving} action"
            )
    if expiration is not None and any(int(it["TransitionInDays"]) >= int(expiration) for it in ordered):
        yield (
            f"'{days}' in the {expiring} action for prefix '{prefix}' must be greater than '{days}' in the {moving} "
            "action"
        )


def _transitions(rule: Record, name: str) -> list[Record]:
    """The transitions that a rule lists, and the single one of older templates."""
    return [*(rule.get(f"{name}s") or []), *([rule[name]] if name in rule else [])]


def from_xml(body: bytes) -> Record:
    """The rules in a request of PutBucketLifecycleConfiguration, as a template has them; none if it is not XML."""
    try:
        root = ET.fromstring(body)  # noqa: S314 - this version of expat limits the expansion of entities
    except ET.ParseError:
        return {}
    return {"LifecycleConfiguration": {"Rules": [_element_rule(rule) for rule in root]}}


def _element_rule(element: ET.Element) -> Record:
    rule: Record = {}
    for child in element:
        name, inner = child.tag.rpartition("}")[2], {it.tag.rpartition("}")[2]: it.text or "" for it in child}
        match name:
            case "ID" | "Status" | "Prefix":
                rule[name.capitalize()] = child.text or ""
            case "Filter":
                texts = {it.tag.rpartition("}")[2]: it.text or "" for it in child.iter()}
                rule |= {key: texts[key] for key in ("Prefix", *_SIZES) if key in texts}
                rule |= {"TagFilters": [{}]} if "Tag" in texts else {}
            case "Expiration":
                names = {"Days": "ExpirationInDays", "Date": "ExpirationDate"}
                rule |= {names.get(key, key): text for key, text in inner.items()}
            case "Transition" | "NoncurrentVersionTransition":
                names = {"Days": "TransitionInDays", "NoncurrentDays": "TransitionInDays", "Date": "TransitionDate"}
                rule.setdefault(f"{name}s", []).append({names.get(key, key): text for key, text in inner.items()})
            case _:
                rule[name] = inner
    return rule
