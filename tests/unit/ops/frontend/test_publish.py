"""What a publication records."""

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest

from ops.account.caller import Caller
from ops.frontend import publish as publishing
from ops.frontend.plan import PublishPlan
from ops.frontend.publication import Publication, new_id
from ops.frontend.publish import Publishing, publish
from ops.frontend.target import Target
from tests.support.aws import aws_of


def test_a_publication_after_one_of_a_machine_whose_clock_is_ahead_is_the_newest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ahead = datetime.now(UTC) + timedelta(days=1)
    newest = Publication(id=new_id(ahead), published=ahead, published_by="somebody", files=())
    monkeypatch.setattr(publishing, "publication_lock", lambda *_: nullcontext())
    monkeypatch.setattr(publishing, "require_unchanged", lambda *_: None)
    monkeypatch.setattr(publishing, "record", lambda *_: None)
    caller = Caller(account="0", region="ap-northeast-1", identity="somebody", endpoint=None)
    planned = Publishing(
        target=Target(caller=caller, bucket="pages", distribution=None),
        plan=PublishPlan(send=(), known=(), doubtful=(), unused=(), outdated=(), invalidate=()),
        stored={},
        publications=(newest,),
        left_out=(),
        warnings=(),
    )
    found = publish(aws_of(), planned).publication
    assert (found.id > newest.id, found.published > ahead) == (True, True)
