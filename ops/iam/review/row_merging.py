"""Merges records that no condition of the role's policies distinguishes, so that their number stays small.

Otherwise every session, address and program would be a row of its own: a role of pipelines has thousands.
"""

from installation.permissions.conditions import ConditionResult
from ops.iam.review import events
from ops.iam.review.condition_keys import RecordedValues, is_of_every_call
from ops.iam.review.evaluation import condition_result
from ops.iam.review.policies import Policies, Statement
from ops.iam.review.query import parse_parameters
from ops.iam.review.usage import Row, request_of

# The number of cached answers; others are computed again.
_MOST_KEPT = 5_000


class RowMerger:
    """Gives rows that no condition distinguishes the same text, so that they become one."""

    def __init__(self, policies: Policies) -> None:
        every = (*policies.statements, *policies.limits)
        self._conditional = tuple(one for one in every if one.conditional)
        self._of_every_call = {
            id(one) for one in self._conditional if all(is_of_every_call(it) for it in one.comparisons)
        }
        self._answers: dict[tuple[object, ...], ConditionResult] = {}
        self._variables = tuple(sorted({name for one in every for name in one.variable_keys}))
        self._by_permission: dict[str, tuple[Statement, ...]] = {}
        self._texts: dict[tuple[object, ...], str | None] = {}
        self._first: dict[tuple[object, ...], str | None] = {}

    def __call__(self, row: Row) -> Row:
        """The row, with the text of the first equivalent one."""
        if row.said is None or not row.of_role:
            return row
        place = (row.issuer, row.aws_region, row.event_source, row.event_name, row.parameters)
        known = (*place, row.said)
        if known not in self._texts:
            if len(self._texts) >= _MOST_KEPT:
                self._texts.clear()
            self._texts[known] = self._first.setdefault((*place, self._signature(row)), row.said)
        return row._replace(said=self._texts[known])

    def _signature(self, row: Row) -> tuple[object, ...]:
        """The results of all conditions for the row."""
        source, name = row.event_source or "", row.event_name or ""
        checked, request = events.checked_permissions(source, name, parse_parameters(row.parameters)), request_of(row)
        found: list[object] = []
        for permission in sorted(checked.certain) if checked else ():
            recorded = RecordedValues(permission=permission, request=request, text=row.said)
            found += [self._condition_result(one, recorded) for one in self._about(permission)]
            found += [recorded.values(name) for name in self._variables]
        return tuple(found)

    def _about(self, permission: str) -> tuple[Statement, ...]:
        if permission not in self._by_permission:
            self._by_permission[permission] = tuple(one for one in self._conditional if one.names(permission))
        return self._by_permission[permission]

    def _condition_result(self, statement: Statement, recorded: RecordedValues) -> ConditionResult:
        """Whether a statement's conditions hold, cached; for most the kind of call does not matter."""
        if id(statement) not in self._of_every_call:
            return condition_result(statement, recorded)
        place = (id(statement), recorded.request.region, recorded.request.role, recorded.text)
        if place not in self._answers:
            if len(self._answers) >= _MOST_KEPT:
                self._answers.clear()
            self._answers[place] = condition_result(statement, recorded)
        return self._answers[place]
