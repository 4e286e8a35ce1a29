"""Log groups that only functions write: what a handler said while it worked."""

from typing import Final

from ops.templates.values import Map, at, mapping, references

_FUNCTION: Final = "AWS::Lambda::Function"
_GROUP: Final = "AWS::Logs::LogGroup"
# What would no longer see what it reads.
_READERS: Final = ("AWS::Logs::MetricFilter", "AWS::Logs::SubscriptionFilter")


def logs_of_functions(template: Map) -> set[str]:
    """Logical ids of the log groups that functions write, and that no filter reads."""
    resources = {key: mapping(it) for key, it in mapping(template.get("Resources")).items()}
    written: set[str] = set()
    read: set[str] = set()
    for resource in resources.values():
        if resource.get("Type") == _FUNCTION:
            written |= set(references(at(resource, "Properties", "LoggingConfig", "LogGroup")))
        elif resource.get("Type") in _READERS:
            read |= set(references(at(resource, "Properties", "LogGroupName")))
    return {it for it in written - read if resources.get(it, {}).get("Type") == _GROUP}
