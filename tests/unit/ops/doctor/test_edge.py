"""Uploads and invalidations, and which of them users see."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from installation.settings import Settings
from ops.doctor import edge
from ops.doctor.edge import examine
from ops.doctor.finding import Examination
from ops.doctor.remediation import InvalidateCache
from tests.support.fake_clients import FakeClient, client_error
from tests.support.fakes import NOW, FakeAccount

MADE = NOW - timedelta(days=3)


def before(**span: float) -> datetime:
    return NOW - timedelta(**span)


class CloudFront(FakeClient):
    """A distribution with some invalidations: moment, paths and status of each."""

    def __init__(self, account: FakeAccount, invalidations: list[Any], *, enabled: bool, status: str) -> None:
        super().__init__(account)
        self._invalidations = [
            {"Id": f"I{number}", "CreateTime": time, "Status": state, "InvalidationBatch": {"Paths": {"Items": paths}}}
            for number, (time, paths, state) in enumerate(invalidations)
        ]
        self._distribution = {"Status": status, "DistributionConfig": {"Enabled": enabled}}

    def get_distribution(self, **_: Any) -> Any:
        return {"Distribution": self._distribution}

    def list_invalidations(self, **_: Any) -> Any:
        summaries = [{key: one[key] for key in ("Id", "CreateTime", "Status")} for one in self._invalidations]
        return {"InvalidationList": {"Items": summaries}}

    def get_invalidation(self, DistributionId: str, Id: str) -> Any:  # noqa: N803 - boto3's names
        assert DistributionId == "E1"
        return {"Invalidation": next(one for one in self._invalidations if one["Id"] == Id)}


class Bucket(FakeClient):
    """The frontend."""

    def __init__(self, account: FakeAccount, uploads: dict[str, datetime]) -> None:
        super().__init__(account)
        self._uploads = uploads

    def list_objects_v2(self, **_: Any) -> Any:
        return {"Contents": [{"Key": key, "LastModified": time} for key, time in self._uploads.items()]}


def look(
    account: FakeAccount,
    settings: Settings,
    uploads: dict[str, datetime],
    invalidations: list[Any] | None = None,
    *,
    enabled: bool = True,
    status: str = "Deployed",
) -> Examination:
    outputs = [{"OutputKey": "DistributionId", "OutputValue": "E1"}]
    account.add_stack("EdgeStack", Outputs=outputs, CreationTime=MADE)
    aws: Any = account.aws(settings)
    aws.cloudfront = CloudFront(account, invalidations or [], enabled=enabled, status=status)
    aws.s3 = Bucket(account, uploads)
    return examine(aws, NOW)


@pytest.mark.parametrize(
    ("uploads", "invalidations"),
    [
        # In the month before: this distribution has never seen another one.
        ({"index.html": before(days=9)}, []),
        ({"index.html": before(hours=2)}, [(before(hours=1), ["/*"], "Completed")]),
        ({"index.html": before(hours=2)}, [(before(hours=1), ["/other", "/index.html"], "Completed")]),
        (
            {"index.html": before(hours=2), "assets/a.js": before(hours=3)},
            [(before(hours=1), ["/index.html"], "Completed"), (before(hours=2), ["/assets/*"], "Completed")],
        ),
        ({"index.html": before(hours=1)}, [(before(hours=1), ["/*"], "Completed")]),
        # Published by the command: new names need no invalidation, and it had forgotten what changed.
        (
            {"index.html": before(hours=2), "assets/a.js": before(hours=2), ".publications/1.json": before(hours=2)},
            [],
        ),
    ],
)
def test_the_current_pages_have_no_finding(
    account: FakeAccount, settings: Settings, uploads: dict[str, datetime], invalidations: list[Any]
) -> None:
    assert look(account, settings, uploads, invalidations).findings == ()


@pytest.mark.parametrize(
    ("invalidations", "evidence"),
    [
        ([], "none since the distribution was made"),
        ([(before(hours=3), ["/*"], "Completed")], "before the upload"),
        ([(before(hours=1), ["/assets/*"], "Completed")], "of other paths"),
    ],
)
def test_pages_that_users_do_not_see_yet_are_a_finding(
    account: FakeAccount, settings: Settings, invalidations: list[Any], evidence: str
) -> None:
    uploads = {"index.html": before(hours=2), "old.html": before(days=9)}
    (finding,) = look(account, settings, uploads, invalidations).findings
    assert (finding.cause, finding.level) == ("cache-stale", "trouble")
    assert finding.summary.startswith("1 object(s)")
    assert evidence in finding.evidence[-1].text
    assert finding.fix == InvalidateCache(distribution="E1")


def test_files_uploaded_by_hand_after_a_publication_are_a_finding(account: FakeAccount, settings: Settings) -> None:
    uploads = {"index.html": before(hours=3), ".publications/1.json": before(hours=3), "by-hand.txt": before(hours=1)}
    (finding,) = look(account, settings, uploads).findings
    assert finding.cause == "cache-stale"
    assert finding.summary.startswith("1 object(s)")
    assert finding.evidence[0].text.startswith("by-hand.txt")


def test_records_alone_are_no_frontend(account: FakeAccount, settings: Settings) -> None:
    (finding,) = look(account, settings, {".publications/1.json": before(hours=1)}).findings
    assert finding.cause == "frontend-empty"


def test_a_bucket_that_was_deleted_by_hand_is_said_to_be_gone(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> Any:
        raise client_error("NoSuchBucket")

    monkeypatch.setattr(Bucket, "list_objects_v2", gone)
    (finding,) = look(account, settings, {}).findings
    assert (finding.cause, finding.level) == ("frontend-bucket-deleted", "trouble")
    assert finding.remediations[0].command == "npx cdk deploy ArtifactStack --exclusively -c env=dev --revert-drift"


def test_a_distribution_that_was_deleted_by_hand_is_said_to_be_gone(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> Any:
        raise client_error("NoSuchDistribution")

    monkeypatch.setattr(CloudFront, "get_distribution", gone)
    (finding,) = look(account, settings, {"index.html": before(hours=2)}).findings
    assert (finding.cause, finding.level) == ("distribution-deleted", "trouble")
    assert finding.remediations[0].command == "hannibal doctor stack --env dev"


def test_an_expired_cache_is_a_notice(account: FakeAccount, settings: Settings) -> None:
    (finding,) = look(account, settings, {"index.html": before(hours=30)}).findings
    assert (finding.cause, finding.level) == ("cache-stale", "notice")


@pytest.mark.parametrize(("minutes", "level"), [(5, "notice"), (40, "trouble")])
def test_an_invalidation_that_goes_on(account: FakeAccount, settings: Settings, minutes: int, level: str) -> None:
    running = [(before(minutes=minutes), ["/*"], "InProgress")]
    (finding,) = look(account, settings, {"index.html": before(hours=2)}, running).findings
    assert (finding.cause, finding.level) == ("invalidation-running", level)


def test_a_frontend_without_its_start_page(account: FakeAccount, settings: Settings) -> None:
    (finding,) = look(account, settings, {"dist/index.html": before(days=9)}).findings
    assert finding.cause == "start-page-missing"


@pytest.mark.parametrize(
    ("enabled", "status", "cause"),
    [(False, "Deployed", "distribution-disabled"), (True, "InProgress", "distribution-changing")],
)
def test_states_of_the_distribution(
    account: FakeAccount, settings: Settings, enabled: bool, status: str, cause: str
) -> None:
    uploads = {"index.html": before(days=9)}
    (finding,) = look(account, settings, uploads, enabled=enabled, status=status).findings
    assert finding.cause == cause


def test_the_header_of_the_origin_is_looked_at_too(
    account: FakeAccount, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(edge, "note_header", lambda _, configuration: asked.append(configuration))
    look(account, settings, {"index.html": before(days=4)})
    assert asked == [{"Enabled": True}]
