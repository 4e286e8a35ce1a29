"""What a change costs: the difference of both sides, also where only one of them has a price."""

import pytest

from installation import names
from ops.review.cost import cost_change, estimate_of
from tests.support.review.application import Application


@pytest.mark.parametrize("dearer", ["base", "head"])
def test_what_only_one_side_has_a_price_for_is_no_saving(application: Application, dearer: str) -> None:
    """A class that the price file does not know would take the database's former price out of the sum."""
    known = estimate_of(application.assembly())
    application.properties(names.STORAGE_STACK, "Database/Instance")["DBInstanceClass"] = "db.t4g.medium"
    unknown = estimate_of(application.assembly())
    change = cost_change(known, unknown) if dearer == "head" else cost_change(unknown, known)
    assert change.after == change.before
    assert change.stacks == {}
    assert change.before.running < sum(it.running for it in known.stacks(set()).values()) - 18
    assert change.not_priced == (("StorageStack/Database/Instance",) if dearer == "head" else ())
