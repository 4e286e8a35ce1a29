"""What identities are granted by newly attached managed policies of the application."""

from collections.abc import Iterable, Iterator

from ops.review.changes import Comparison
from ops.review.grants import Grant, statements_for
from ops.review.policy_conditions import unmatched_request
from ops.templates.values import Json, at, written

_POLICY = "AWS::IAM::ManagedPolicy"
_NAMED = ":policy/"


class Policies:
    """The managed policies of one side, found by a reference or by an ARN with their name."""

    def __init__(self, comparison: Comparison, *, before: bool) -> None:
        self._comparison = comparison
        self._documents: dict[str, Json] = {}
        for sides in comparison.sides.values():
            for logical_id, resource in (sides.before if before else sides.after).items() if sides.head else ():
                if resource.get("Type") == _POLICY:
                    document = at(resource, "Properties", "PolicyDocument")
                    self._documents[written({"Ref": logical_id}, sides.paths)] = document
                    if isinstance(name := at(resource, "Properties", "ManagedPolicyName"), str):
                        self._documents[name] = document

    def known(self, arn: str) -> bool:
        """Whether the policy of an ARN, as written in the template, belongs to the application."""
        return arn in self._documents or _name(arn) in self._documents

    def grants(self, attached: Grant) -> Iterator[Grant]:
        """What an attached policy grants to its identity."""
        arn = attached.as_written
        document = self._documents.get(arn) or self._documents.get(_name(arn))
        sides = self._comparison.sides[attached.place.stack]
        for statement in statements_for(sides, attached.place, attached.principal, document):
            yield from statement.grants()


def newly_allowed(new: Iterable[Grant], had: Iterable[Grant], before: Policies, after: Policies) -> Iterator[Grant]:
    """What newly attached policies allow and the policies attached before did not.

    Args:
        new: the attachments that only the head has.
        had: the attachments of the base.
        before: the policies of the base.
        after: the policies of the head.
    """
    owned: dict[str, list[Grant]] = {}
    for attached in had:
        owned.setdefault(attached.principal, []).extend(it for it in before.grants(attached) if it.allows)
    for attached in new:
        for grant in after.grants(attached):
            conditions = [it.condition for it in owned.get(attached.principal, ()) if it.names(grant)]
            if grant.allows and unmatched_request(tuple(conditions), grant.condition) is not None:
                yield grant


def _name(arn: str) -> str:
    return arn.partition(_NAMED)[2].rpartition("/")[2]
