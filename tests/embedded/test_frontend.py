"""Pages from their publication to a browser: the deployed templates, the command, and the embedded CloudFront."""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aws_cdk as cdk
import pytest
import urllib3
from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_sns as sns
from aws_cdk.assertions import Template
from playwright.sync_api import expect
from typer.testing import Result

from constructs_lib.compute.metrics import Metrics
from constructs_lib.compute.notifying_alarms import AlarmContext
from constructs_lib.compute.synthetic_check import SyntheticCheck
from installation import names
from installation.names import EDGE_STACK, PUBLICATIONS_PREFIX
from installation.settings.file import load_settings
from installation.settings.synthetic_check import CheckedRequest, SyntheticCheckSettings
from ops.aws.clients import Aws
from ops.errors import ExitCode, RefusedError
from ops.frontend.bucket import restore_version
from ops.frontend.lock import LOCK_KEY, publication_lock
from ops.frontend.publish import plan_publishing, publish
from ops.frontend.rollback import plan_rollback, roll_back
from tests.conftest import new_app
from tests.support.aws import aws_of
from tests.support.embedded import browser, stacks
from tests.support.embedded.faults import fault
from tests.support.embedded.running_month import Hannibal, RunningMonth, StableMonth, stable_month
from tests.support.embedded.running_service import control
from tests.support.waiting import wait_for

pytestmark = pytest.mark.embedded

_HTTP = urllib3.PoolManager(retries=False, maxsize=8)


@pytest.fixture(scope="module")
def month(assembly: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[StableMonth]:
    with stable_month(tmp_path_factory.mktemp("frontend"), assembly("zone"), "--clock-factor", "60") as month:
        yield month


@pytest.fixture
def s3(month: RunningMonth) -> Any:
    return month.server.session().client("s3")


@pytest.fixture
def bucket(month: RunningMonth, hannibal: Hannibal, s3: Any) -> Iterator[str]:
    """The frontend's bucket, emptied behind the command's back."""
    bucket = month.names.frontend_bucket(month.server.account)
    yield bucket
    for key in _keys(s3, bucket):
        s3.delete_object(Bucket=bucket, Key=key)
    assert hannibal("invalidate").exit_code == ExitCode.DONE


def _keys(s3: Any, bucket: str) -> list[str]:
    return [item["Key"] for item in s3.list_objects_v2(Bucket=bucket).get("Contents", [])]


class Build:
    """What a frontend's build writes: a page that names its script by a hash."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "assets").mkdir(parents=True)

    def version(self, name: str) -> "Build":
        for old in self.folder.glob("assets/*"):
            old.unlink()
        (self.folder / "assets" / f"index-{name}.js").write_text(f"show('{name}')")
        page = f'<!doctype html><title>{name}</title><script src="/assets/index-{name}.js"></script>' + " " * 1000
        (self.folder / "index.html").write_text(page)
        return self


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return Build(tmp_path / "dist")


def _publish(hannibal: Hannibal, build: Build, *options: str) -> Any:
    result = hannibal("frontend", "publish", "--folder", str(build.folder), "--yes", "--json", *options)
    assert result.exit_code == ExitCode.DONE, result.output
    return json.loads(result.stdout)


def _url(month: RunningMonth) -> str:
    (distribution,) = control(month.server, "GET", "distributions")
    return str(distribution["url"])


def _get(month: RunningMonth, path: str, **headers: str) -> Any:
    return _HTTP.request("GET", _url(month) + path, headers=headers, redirect=False)


def _refused(result: Result, code: ExitCode, message: str) -> None:
    assert (result.exit_code, message in result.stderr) == (code, True), result.output
    assert "Traceback" not in result.output


def test_a_build_is_seen_through_cloudfront(
    month: RunningMonth, hannibal: Hannibal, build: Build, bucket: str, s3: Any
) -> None:
    done = _publish(hannibal, build.version("BkZ3x9aQ"), "--note", "commit 1")

    assert done["send"] == ["assets/index-BkZ3x9aQ.js", "index.html"]
    page = _get(month, "/", **{"accept-encoding": "gzip"})
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"BkZ3x9aQ" in page.data
    assert page.headers["cache-control"] == "no-cache"
    assert page.headers["content-encoding"] == "gzip"
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    assert _get(month, "/routes/7").data == page.data
    script = _get(month, "/assets/index-BkZ3x9aQ.js")
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert _get(month, "/assets/index-gone.js").status == 404
    assert any(key.startswith(PUBLICATIONS_PREFIX) for key in _keys(s3, bucket))
    for key in _keys(s3, bucket):
        assert (_get(month, f"/{key}").status == 403) is key.startswith(PUBLICATIONS_PREFIX)


def test_a_second_version_replaces_the_first_and_can_be_taken_back(
    month: RunningMonth, hannibal: Hannibal, build: Build, bucket: str
) -> None:
    first = _publish(hannibal, build.version("BkZ3x9aQ"))
    _get(month, "/")
    second = _publish(hannibal, build.version("Cd45x9aQ"))

    assert second["send"] == ["assets/index-Cd45x9aQ.js", "index.html"]
    assert second["invalidate"] == ["/", "/index.html"]
    assert b"Cd45x9aQ" in _get(month, "/").data
    # The command had forgotten what changed: nothing is stale.
    assert "uploaded since the distribution was made was invalidated" in hannibal("doctor", "edge").stdout
    # Whoever has the page of before still gets its script.
    assert _get(month, "/assets/index-BkZ3x9aQ.js").status == 200

    dry = json.loads(hannibal("frontend", "rollback", "--dry-run", "--json").stdout)
    assert (dry["rollback_of"], dry["copy"], dry["publication"]) == (first["publication"]["id"], ["index.html"], None)
    back = hannibal("frontend", "rollback", "--yes", "--json")
    assert back.exit_code == ExitCode.DONE, back.output
    shown = json.loads(back.stdout)["publication"]
    assert shown["rollback_of"] == first["publication"]["id"]
    assert b"BkZ3x9aQ" in _get(month, "/").data
    assert _get(month, "/").headers["cache-control"] == "no-cache"
    listed = json.loads(hannibal("frontend", "list", "--json").stdout)
    assert [one["id"] for one in listed] == [shown["id"], second["publication"]["id"], first["publication"]["id"]]
    assert f"back to {first['publication']['id']}" in hannibal("frontend", "list").stdout
    assert _publish(hannibal, build)["publication"]["id"] > shown["id"]
    assert b"Cd45x9aQ" in _get(month, "/").data


def test_the_same_build_again_and_a_dry_run_change_nothing(
    hannibal: Hannibal, build: Build, bucket: str, s3: Any
) -> None:
    _publish(hannibal, build.version("BkZ3x9aQ"))
    before = _keys(s3, bucket)

    again = hannibal("frontend", "publish", "--folder", str(build.folder), "--yes")
    assert "Nothing to publish" in again.stdout
    build.version("Cd45x9aQ")
    dry = hannibal("frontend", "publish", "--folder", str(build.folder), "--dry-run")
    assert "assets/index-Cd45x9aQ.js" in dry.stdout
    assert "Dry run: nothing was changed." in dry.stdout
    declined = hannibal("frontend", "publish", "--folder", str(build.folder), text="n\n")
    _refused(declined, ExitCode.REFUSED, "not confirmed; nothing was changed")
    assert _keys(s3, bucket) == before


def test_what_was_ended_in_the_middle_goes_on_where_it_was(
    month: RunningMonth, hannibal: Hannibal, build: Build, bucket: str, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _publish(hannibal, build.version("BkZ3x9aQ"))
    build.version("Cd45x9aQ")

    def interrupt(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("ops.frontend.publish.record", interrupt)
        ended = hannibal("frontend", "publish", "--folder", str(build.folder), "--yes")
    _refused(ended, ExitCode.CANCELLED, "interrupted; pages refer")
    # Of a record that S3 was just given nobody knows whether it has it; a rollback would go on to another one.
    assert "may be recorded already: see `hannibal frontend list`" in ended.stderr

    # All files are there, and no publication says so.
    assert len(json.loads(hannibal("frontend", "list", "--json").stdout)) == 1
    again = _publish(hannibal, build)
    assert again["send"] == []
    assert again["invalidate"] == ["/", "/assets/index-Cd45x9aQ.js", "/index.html"]
    assert again["publication"]["files"] == 2
    assert b"Cd45x9aQ" in _get(month, "/").data


def test_what_was_ended_in_the_middle_can_be_taken_back(
    month: RunningMonth, hannibal: Hannibal, build: Build, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it the record says that users see what they see no more."""
    shown = _publish(hannibal, build.version("BkZ3x9aQ"))["publication"]["id"]
    _refused(hannibal("frontend", "rollback", "--to", shown, "--yes"), ExitCode.REFUSED, "no publication to go back")

    def interrupt(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("ops.frontend.publish.invalidate_paths", interrupt)
        build.version("Cd45x9aQ")
        assert hannibal("frontend", "publish", "--folder", str(build.folder), "--yes").exit_code == ExitCode.CANCELLED

    back = hannibal("frontend", "rollback", "--to", shown, "--yes", "--json")
    assert back.exit_code == ExitCode.DONE, back.output
    assert b"BkZ3x9aQ" in _get(month, "/").data
    assert json.loads(back.stdout)["publication"]["rollback_of"] == shown


def test_two_at_once_are_refused(hannibal: Hannibal, build: Build, bucket: str, s3: Any) -> None:
    s3.put_object(Bucket=bucket, Key=f"{PUBLICATIONS_PREFIX}lock", Body=b"arn:aws:iam::000000000000:user/other")
    try:
        result = hannibal("frontend", "publish", "--folder", str(build.version("BkZ3x9aQ").folder), "--yes")
        _refused(result, ExitCode.REFUSED, "user/other is publishing at this moment")
        assert [key for key in _keys(s3, bucket) if not key.startswith(PUBLICATIONS_PREFIX)] == []
    finally:
        s3.delete_object(Bucket=bucket, Key=f"{PUBLICATIONS_PREFIX}lock")


def test_bad_folders_change_nothing(hannibal: Hannibal, build: Build, bucket: str, s3: Any, tmp_path: Path) -> None:
    before = _keys(s3, bucket)
    (tmp_path / "empty").mkdir()
    result = hannibal("frontend", "publish", "--folder", str(tmp_path / "empty"), "--yes")
    _refused(result, ExitCode.UNUSABLE_INPUT, "has no index.html")
    (build.version("BkZ3x9aQ").folder / "link.txt").symlink_to("/etc/hostname")
    result = hannibal("frontend", "publish", "--folder", str(build.folder), "--yes")
    _refused(result, ExitCode.UNUSABLE_INPUT, "outside of what is published")
    assert _keys(s3, bucket) == before


def test_a_version_that_is_gone_cannot_be_gone_back_to(
    month: RunningMonth, hannibal: Hannibal, build: Build, bucket: str, s3: Any
) -> None:
    _publish(hannibal, build.version("BkZ3x9aQ"))
    (record,) = [key for key in _keys(s3, bucket) if key.startswith(PUBLICATIONS_PREFIX)]
    content = json.loads(s3.get_object(Bucket=bucket, Key=record)["Body"].read())
    _publish(hannibal, build.version("Cd45x9aQ"))
    for file in content["files"]:
        s3.delete_object(Bucket=bucket, Key=file["key"], VersionId=file["version_id"])

    result = hannibal("frontend", "rollback", "--yes")

    _refused(result, ExitCode.REFUSED, "the bucket keeps replaced files for 30 days")
    assert b"Cd45x9aQ" in _get(month, "/").data


def test_no_request_fails_while_pages_are_published(
    month: RunningMonth, hannibal: Hannibal, build: Build, bucket: str
) -> None:
    """A browser reads the page, then the script that it names, again and again."""
    _publish(hannibal, build.version("BkZ3x9aQ"))
    failed: list[str] = []
    seen: set[str] = set()
    url = _url(month)
    done = threading.Event()

    def browse() -> None:
        while not done.is_set():
            page = _HTTP.request("GET", f"{url}/").data.decode()
            script = page.partition('src="')[2].partition('"')[0]
            answer = _HTTP.request("GET", url + script)
            seen.add(script)
            if answer.status != 200:
                failed.append(script)

    users = [threading.Thread(target=browse) for _ in range(4)]
    for user in users:
        user.start()
    try:
        wait_for(lambda: seen)
        for version in ("Cd45x9aQ", "Ef67x9aQ", "Gh89x9aQ"):
            _publish(hannibal, build.version(version))
            wait_for(partial(seen.__contains__, f"/assets/index-{version}.js"))
    finally:  # whatever fails: nothing ends a process in which a thread runs
        done.set()
        for user in users:
            user.join()
    assert failed == []
    assert len(seen) == 4


def test_a_stopped_month_shows_its_page_at_the_same_address(
    month: RunningMonth, hannibal: Hannibal, build: Build, bucket: str
) -> None:
    _publish(hannibal, build.version("BkZ3x9aQ"))
    address = _url(month)
    assert b"BkZ3x9aQ" in _get(month, "/").data
    assert _get(month, "/graphql").status == 200  # by the origin's name, whose certificate fits

    with browser.opened() as chromium, browser.page(chromium) as page:  # first: without a browser the month goes on
        month.end_month()
        for path in ("/", "/routes/7"):
            answer = page.goto(address + path)
            assert answer is not None
            assert answer.status == 200
            expect(page.get_by_role("heading", name="Back on the 1st")).to_be_visible()
    assert _get(month, "/graphql").status == 502  # nothing has that name now

    month.start_month()
    assert _url(month) == address
    assert b"BkZ3x9aQ" in _get(month, "/").data
    assert _get(month, "/graphql").status == 200


def test_what_an_attacker_left_goes_by_an_empty_bucket_a_publication_and_an_invalidation(
    month: RunningMonth, hannibal: Hannibal, build: Build, bucket: str, s3: Any
) -> None:
    """The threat model's step: a publication alone trusts records and ETags, and leaves what it does not know."""
    _publish(hannibal, build.version("BkZ3x9aQ"))
    trusted = _get(month, "/").data
    script = "assets/index-BkZ3x9aQ.js"
    same = {"Bucket": bucket, "Key": "index.html", "CopySource": {"Bucket": bucket, "Key": "index.html"}}
    s3.copy_object(**same, MetadataDirective="REPLACE", ContentType="text/plain", CacheControl="max-age=31536000")
    planted = ("worker.js", f"{names.STOPPED_PREFIX}index.html", f"{names.STOPPED_PREFIX}{script}")
    for key in (*planted, f"{PUBLICATIONS_PREFIX}20991231T000000000Z-ab12.json"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"planted")
    assert hannibal("invalidate").exit_code == ExitCode.DONE
    for path in ("/", "/worker.js", f"/{script}"):
        assert _get(month, path).data == b"planted", path

    for key in _keys(s3, bucket):
        s3.delete_object(Bucket=bucket, Key=key)
    _publish(hannibal, build)
    assert hannibal("invalidate").exit_code == ExitCode.DONE

    page = _get(month, "/")
    assert (page.data, page.headers["content-type"]) == (trusted, "text/html; charset=utf-8")
    assert _get(month, f"/{script}").data == b"show('BkZ3x9aQ')"
    assert _get(month, "/worker.js").status == 404


def test_pages_are_there_in_the_next_month(month: RunningMonth, hannibal: Hannibal, build: Build, bucket: str) -> None:
    (build.folder / "stopped.html").write_text("<!doctype html><title>off</title><h1>Closed</h1>" + " " * 2000)
    _publish(hannibal, build.version("BkZ3x9aQ"))
    address = _url(month)
    month.end_month()
    assert b"<h1>Closed</h1>" in _get(month, "/").data

    # As it is where no hosted zone lets EdgeStack outlive the month.
    stack = month.cloudformation.describe_stacks(StackName=EDGE_STACK)["Stacks"][0]["StackId"]
    assert stacks.delete(month.cloudformation, stack).status == "DELETE_COMPLETE"
    assert control(month.server, "GET", "distributions") == []

    # Between two months pages can be published; there is nothing to invalidate.
    between = _publish(hannibal, build.version("Cd45x9aQ"))
    assert (between["distribution"], between["invalidation"]) == (None, None)
    month.create(names.EDGE_STACK)
    assert b"<h1>Closed</h1>" in _get(month, "/").data
    month.start_month()

    assert _url(month) == address
    assert b"Cd45x9aQ" in _get(month, "/").data
    status = json.loads(hannibal("status", "--json").stdout)["status"]
    assert status["addresses"][0] == {"url": address, "description": "Where users reach the system"}
    assert address in hannibal("status").stdout


def test_large_files_and_names_in_any_script(
    month: RunningMonth, hannibal: Hannibal, build: Build, bucket: str, s3: Any
) -> None:
    folder = build.version("BkZ3x9aQ").folder
    content = bytes(range(256)) * 70_000  # 17.9 MB: sent in parts
    (folder / "movie.bin").write_bytes(content)
    text = b'{"key": "value"}' * 700_000  # 11.2 MB: more than CloudFront compresses
    (folder / "data.json").write_bytes(text)
    (folder / "経路 é+.html").write_text("<!doctype html><title>routes</title>")

    _publish(hannibal, build)

    movie = _get(month, "/movie.bin")
    assert (movie.status, movie.data) == (200, content)
    data = _HTTP.request("GET", _url(month) + "/data.json", decode_content=False)
    assert data.headers["content-encoding"] == "gzip"
    assert gzip.decompress(data.data) == text
    for path in ("/%E7%B5%8C%E8%B7%AF%20%C3%A9%2B.html", "/%E7%B5%8C%E8%B7%AF+%C3%A9%2B.html"):
        assert b"routes" in _get(month, path).data
    assert _get(month, "/%E7%B5%8C%E8%B7%AF%20%C3%A9+.html").status == 404, "S3 takes + for a space"
    # S3 gave the tags that were computed here, so that nothing is sent again.
    again = hannibal("frontend", "publish", "--folder", str(folder), "--yes")
    assert "Nothing to publish" in again.stdout


def test_a_plan_that_another_publication_has_overtaken_is_not_carried_out(
    month: RunningMonth, hannibal: Hannibal, build: Build, bucket: str
) -> None:
    """Its record would name pages that users do not see."""
    _publish(hannibal, build.version("BkZ3x9aQ"))
    aws = Aws(load_settings("dev"))
    publishing = plan_publishing(aws, build.version("CmY4w8bR").folder)
    _publish(hannibal, build.version("DnX5v7cS"))
    with pytest.raises(RefusedError, match="have changed since this was planned"):
        publish(aws, publishing)
    going_back = plan_rollback(aws, None)
    _publish(hannibal, build.version("EpW6u5dT"))
    with pytest.raises(RefusedError, match="have changed since this was planned"):
        roll_back(aws, going_back)
    assert b"<title>EpW6u5dT</title>" in _get(month, "/").data
    assert LOCK_KEY not in _keys(month.server.session().client("s3"), bucket)


def test_a_rollback_that_was_ended_before_its_invalidation_is_completed(
    hannibal: Hannibal, build: Build, bucket: str
) -> None:
    for name in ("BkZ3x9aQ", "CmY4w8bR"):
        _publish(hannibal, build.version(name))
    aws = Aws(load_settings("dev"))
    for file in plan_rollback(aws, None).copy:
        restore_version(aws, bucket, file)
    assert roll_back(aws, plan_rollback(aws, None)).invalidation is not None


def test_a_rollback_that_was_killed_after_its_record_is_not_undone_by_its_repeat(
    month: RunningMonth, hannibal: Hannibal, build: Build, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, *_ = (_publish(hannibal, build.version(name))["publication"]["id"] for name in ("DnX5v7cS", "EoW6u6dT"))
    with monkeypatch.context() as killed:
        killed.setattr("ops.frontend.lock._release_lock", lambda *_: None)
        assert hannibal("frontend", "rollback", "--yes").exit_code == ExitCode.DONE
    for _ in range(2):
        _refused(hannibal("frontend", "rollback", "--yes"), ExitCode.REFUSED, f"a rollback to {first} was ended after")
    assert b"<title>DnX5v7cS</title>" in _get(month, "/").data


def test_a_lock_that_a_killed_command_left_behind_ends(
    month: RunningMonth, bucket: str, s3: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = f"{PUBLICATIONS_PREFIX}lock"
    s3.put_object(Bucket=bucket, Key=key, Body=b"killed")
    with (
        pytest.raises(RefusedError, match="killed is publishing"),
        publication_lock(aws_of(s3=s3), bucket, "new", lambda: datetime.now(UTC)),
    ):
        pass
    monkeypatch.setattr("ops.frontend.lock._STALE", timedelta())  # its age is by the clock of S3
    with publication_lock(aws_of(s3=s3), bucket, "new", lambda: datetime.now(UTC)):
        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read().startswith(b"new\n")
    assert key not in _keys(s3, bucket)


def test_a_lock_of_a_process_that_is_no_more_is_not_waited_for(bucket: str, s3: Any) -> None:
    def now() -> datetime:
        return datetime.now(UTC)

    with publication_lock(aws_of(s3=s3), bucket, "alive", now):
        of_this_process = s3.head_object(Bucket=bucket, Key=LOCK_KEY)["Metadata"]
        with (
            pytest.raises(RefusedError, match="alive is publishing"),
            publication_lock(aws_of(s3=s3), bucket, "new", now),
        ):
            pass
    for holder, refused in (
        (of_this_process | {"began": "1"}, False),
        (of_this_process | {"machine": "another"}, True),
        ({}, True),
    ):
        s3.put_object(Bucket=bucket, Key=LOCK_KEY, Body=b"killed", Metadata=holder)
        outcome = pytest.raises(RefusedError, match="killed is publishing") if refused else nullcontext()
        with outcome, publication_lock(aws_of(s3=s3), bucket, "new", now):
            assert s3.get_object(Bucket=bucket, Key=LOCK_KEY)["Body"].read().startswith(b"new\n")
        s3.delete_object(Bucket=bucket, Key=LOCK_KEY)


def _synthetic_check(month: RunningMonth) -> None:
    """Deploy the check as the settings would, beside a month without it."""
    settings = load_settings("dev")
    stack = cdk.Stack(new_app(), "SyntheticCheckStack", env=cdk.Environment(region=settings.region))
    arn = f"arn:aws:ecs:{settings.region}:{month.server.account}:service/{month.names.cluster}/{month.names.service}"
    topic = sns.Topic.from_topic_arn(stack, "Topic", f"arn:aws:sns:{settings.region}:{month.server.account}:none")
    metrics = Metrics(names=month.names, load_balancer_name="", blue="", green="")
    # prod's question to the API, as it comes: the sample service has to answer it.
    requests = (CheckedRequest(path="/", text="<title>"), SyntheticCheckSettings().requests[1])
    SyntheticCheck(
        stack,
        "Check",
        AlarmContext(metrics=metrics, settings=settings, topic=topic),
        check=SyntheticCheckSettings(minutes=3, requests=requests),
        service=ecs.FargateService.from_fargate_service_arn(stack, "Service", arn),
    )
    template = json.dumps(Template.from_stack(stack).to_json())
    month.cloudformation.create_stack(
        StackName="SyntheticCheckStack", TemplateBody=template, Capabilities=["CAPABILITY_NAMED_IAM"]
    )
    assert stacks.wait(month.cloudformation, "SyntheticCheckStack").status == "CREATE_COMPLETE"


def test_the_synthetic_check_asks_by_the_address_that_users_have(
    month: RunningMonth, hannibal: Hannibal, build: Build, bucket: str
) -> None:
    """The real function, by HTTPS through the embedded CloudFront; EventBridge calls it by the server's clock."""
    _publish(hannibal, build.version("BkZ3x9aQ"))
    _synthetic_check(month)
    logs = month.server.session().client("logs")

    def state() -> str:
        found = month.cloudwatch.describe_alarms(AlarmNames=[month.names.synthetic_check])["MetricAlarms"]
        return str(found[0]["StateValue"])

    def lines() -> list[str]:
        return [
            it["message"].strip()
            for it in logs.filter_log_events(logGroupName=month.names.function_log_group)["events"]
        ]

    wait_for(lambda: any(line.endswith("/graphql: good") for line in lines()))
    assert any(line.startswith("GET https://") and line.endswith("/: good") for line in lines())
    wait_for(lambda: state() == "OK")
    with fault(month.server, "answers_500"):
        wait_for(lambda: state() == "ALARM")
    wait_for(lambda: state() == "OK")
    month.ecs.update_service(cluster=month.names.cluster, service=month.names.service, desiredCount=0)
    wait_for(lambda: "paused: nothing to ask" in lines())
    month.ecs.update_service(cluster=month.names.cluster, service=month.names.service, desiredCount=1)
    month.cloudformation.delete_stack(StackName="SyntheticCheckStack")
    wait_for(lambda: not month.cloudwatch.describe_alarms(AlarmNames=[month.names.synthetic_check])["MetricAlarms"])


def test_a_release_is_verified_by_tls_where_the_origin_has_a_certificate(
    month: RunningMonth, hannibal: Hannibal
) -> None:
    release = ("release", "--image", "example/api:tls")
    # The check before it has ended all tasks and started one, and may have caused an alarm.
    wait_for(lambda: hannibal(*release, "--dry-run").exit_code == ExitCode.DONE, "a release is possible")
    assert hannibal(*release, "--yes").exit_code == ExitCode.DONE
