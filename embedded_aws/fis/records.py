"""The service's records: templates and experiments, by their ids."""

from copy import deepcopy
from typing import Any, ClassVar, Final, cast

from embedded_aws.core.context import JsonValue, ServerContext
from embedded_aws.core.refusal import Refusal

Record = dict[str, Any]
SERVICE: Final = "Fis"


class Records:
    """Records of the account, the newest last, which are kept across restarts."""

    kind: ClassVar[str]  # the resource type in ARNs, such as ``experiment-template``
    in_short: ClassVar[tuple[str, ...]]  # fields of a record in a list

    def __init__(self, context: ServerContext) -> None:
        self.arn = f"arn:aws:fis:{context.region}:{context.account}:{self.kind}/"
        self.kept: dict[str, Record] = {}

    def saved(self) -> JsonValue:
        """The records for the saved state."""
        return cast("JsonValue", deepcopy(self.kept))

    def restore(self, saved: JsonValue) -> None:
        """Take the records from the saved state."""
        self.kept = deepcopy(cast("dict[str, Record]", saved)) if isinstance(saved, dict) else {}

    def get(self, identifier: str) -> Record:
        """The record with an id.

        Raises:
            Refusal: there is no such record.
        """
        if identifier not in self.kept:
            words = self.kind.replace("-", " ").capitalize()
            raise Refusal(SERVICE, "ResourceNotFoundException", f"{words} {identifier} not found.")
        return self.kept[identifier]

    def all(self) -> list[Record]:
        """All records, with the fields of a list."""
        return [{key: one[key] for key in self.in_short if key in one} for one in self.kept.values()]
