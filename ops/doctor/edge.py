"""Trouble 5: users see an old frontend; and whether CloudFront sends the load balancer's secret header, never shown."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from installation.names import ARTIFACT_STACK, EDGE_STACK, NO_PAGES, ORIGIN_HEADER
from installation.settings import Settings
from ops.account.caller import identify
from ops.aws.clients import Aws
from ops.aws.errors import ignoring
from ops.doctor.absence import note_deleted_load_balancer
from ops.doctor.examiner import Examiner, examination_of
from ops.doctor.finding import Evidence, Remediation
from ops.doctor.network import HTTPS, missing_ingress_of_cloudfront, note_missing
from ops.doctor.remediation import InvalidateCache
from ops.doctor.subjects import Subject
from ops.errors import RefusedError
from ops.frontend.invalidation import Invalidation, covers, find_distribution, read_invalidations, read_paths
from ops.frontend.publication import is_record
from ops.release.task_sets import read_serving
from ops.service.deployments import running_deployments
from ops.service.traffic import (
    TargetGroup,
    describe_listeners,
    describe_load_balancer,
    is_for_all_paths,
    read_target_groups,
    rules_in_front,
    shares_of,
)

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import ListenerTypeDef, RuleTypeDef

_START_PAGE = "index.html"
_PRODUCTION = (80, HTTPS)
# How long CloudFront caches objects without Cache-Control (developer guide, CachingOptimized: default TTL).
_DEFAULT_LIFE = timedelta(hours=24)
# "About five minutes" in the operations guide.
_LONG = timedelta(minutes=15)
# Each takes an API call, and most invalidate everything; older ones are about older uploads.
_MOST_INVALIDATIONS = 20


def note_header(examiner: Examiner, configuration: Mapping[str, Any]) -> None:
    """Compare the distribution's header with the listeners' rules; rules without a header are from an older month."""
    expected = _expected(examiner.aws)
    if not expected:
        return
    origins = configuration.get("Origins", {}).get("Items", [])
    headers = (it for origin in origins for it in origin.get("CustomHeaders", {}).get("Items", []))
    sent = {it.get("HeaderValue", "") for it in headers if it.get("HeaderName", "").lower() == ORIGIN_HEADER.lower()}
    if sent and sent <= expected:
        examiner.healthy("CloudFront sends the header that the load balancer expects")
        return
    counted = f"{len(sent)} value(s) at the distribution, {len(sent & expected)} of them in the rules"
    seen = Evidence(ORIGIN_HEADER, counted)
    examiner.add_finding("origin-header-differs", seen, first=(_remediation(examiner.settings),))


def _note_way(examiner: Examiner) -> None:
    """Note what keeps requests from healthy tasks: no load balancer, no rule for CloudFront, no listener."""
    aws = examiner.aws
    if (balancer := describe_load_balancer(aws)) is None:
        note_deleted_load_balancer(examiner)
        return
    listeners = tuple(it for it in describe_listeners(aws, balancer) if it[0].get("Port") in _PRODUCTION)
    if (serving := _serving_without_all_traffic(aws)) is not None:
        seen = Evidence("load balancer", f"{serving.production_percent:.0f} % to {serving.name}")
        examiner.add_finding("traffic-misdirected", seen, first=tuple(_corrected_rules(aws, serving.name, listeners)))
    elif front := [rule for _, rules in listeners for rule in rules_in_front(rules)]:
        found = (
            Evidence("load balancer", f"rule {it.get('Priority')} answers before the one that forwards") for it in front
        )
        delete = (f"aws elbv2 delete-rule --rule-arn {it.get('RuleArn')}" for it in front)
        first = tuple(Remediation("delete the rule, which no template has", it) for it in delete)
        examiner.add_finding("traffic-misdirected", *found, first=first)
    for listener, rules in listeners:
        # With a certificate CloudFront asks port 443 alone, never the redirect of port 80.
        if not shares_of(action for rule in rules for action in rule.get("Actions", [])):
            continue
        port = listener.get("Port", 0)
        if missing := missing_ingress_of_cloudfront(aws, balancer.get("SecurityGroups", []), port):
            note_missing(examiner, "edge-cut-off", missing)


def _serving_without_all_traffic(aws: Aws) -> TargetGroup | None:
    """The group of serving tasks where others get requests too, which is usual during a release only.

    Where only the other group has healthy tasks, it may have all requests: tasks that fail have their own section.
    """
    groups = read_target_groups(aws)
    some_are_healthy = any(it.health.get("healthy") for it in groups)
    found = {
        it.colour: it
        for it in groups
        if it.production_percent < 100 and (it.production_percent or it.health.get("healthy") or not some_are_healthy)
    }
    if not found or running_deployments(aws):
        return None
    serving = read_serving(aws)
    return found.get(serving.colour) if serving else None


def _corrected_rules(
    aws: Aws, serving: str, listeners: "Iterable[tuple[ListenerTypeDef, list[RuleTypeDef]]]"
) -> Iterator[Remediation]:
    """Commands that have each rule send all requests to a group; none where the rule itself was deleted."""
    pair = (aws.names.blue_target_group, aws.names.green_target_group)
    # Not asked for by name, which is an error where one is gone.
    pages = aws.elbv2.get_paginator("describe_target_groups").paginate()
    found = {it["TargetGroupName"]: it["TargetGroupArn"] for page in pages for it in page["TargetGroups"]}
    # Both groups, as in the template: CodeDeploy shifts between them.
    weights = ((found[name], 100 if name == serving else 0) for name in pair if name in found)
    groups = ",".join(f"{{TargetGroupArn={arn},Weight={weight}}}" for arn, weight in weights)
    for listener, rules in listeners:
        for rule in rules:
            shares = shares_of(rule.get("Actions", []))
            if not (shares or [*_header_values(rule)]) or shares.get(found.get(serving, "")) == 100:
                continue
            change = f"modify-rule --rule-arn {rule.get('RuleArn', '')} --actions"
            if rule.get("IsDefault"):
                if any(map(is_for_all_paths, rules)):
                    continue
                change = f"modify-listener --listener-arn {listener.get('ListenerArn', '')} --default-actions"
            yield Remediation(
                f"send all requests to {serving}, whose tasks serve",
                f"aws elbv2 {change} 'Type=forward,ForwardConfig={{TargetGroups=[{groups}]}}'",
            )


def _remediation(settings: Settings) -> Remediation:
    if settings.lifecycles.edge_outlives_the_month:
        return Remediation(
            "end the month and start it again, so that its load balancer gets the distribution's value",
            f"hannibal stop --env {settings.environment} && hannibal start --env {settings.environment}",
        )
    return Remediation(
        "make the distribution again with this month's value; its own address changes",
        f"npx cdk destroy {EDGE_STACK} && hannibal start --env {settings.environment}",
    )


def _expected(aws: Aws) -> set[str]:
    balancer = describe_load_balancer(aws)
    listeners = describe_listeners(aws, balancer) if balancer else ()
    return {value for _, rules in listeners for rule in rules for value in _header_values(rule)}


def _header_values(rule: "RuleTypeDef") -> Iterator[str]:
    """The values of the secret header that a rule expects; none of the rule for everybody else."""
    for condition in rule.get("Conditions", []):
        header = condition.get("HttpHeaderConfig", {})
        if header.get("HttpHeaderName", "").lower() == ORIGIN_HEADER.lower():
            yield from header.get("Values", [])


@dataclass(frozen=True, kw_only=True)
class Upload:
    """An object of the frontend."""

    key: str
    time: datetime


@examination_of(Subject.EDGE)
def examine(examiner: Examiner) -> None:
    """Compare uploads with invalidations."""
    aws = examiner.aws
    examiner.read("the way to the load balancer", lambda: _note_way(examiner))
    try:
        distribution = find_distribution(aws)
    except RefusedError:
        examiner.healthy("no distribution: without EdgeStack there is none")
        return
    configuration = _distribution(examiner, distribution)
    if configuration == {}:
        return  # it was deleted, and nothing of what follows reaches users
    if configuration is not None:
        examiner.read("the header of the origin", lambda: note_header(examiner, configuration))
    bucket = examiner.settings.names.frontend_bucket(identify(aws).account)
    found = examiner.read("the frontend", lambda: _uploads(examiner, bucket))
    invalidations = examiner.read("invalidations", lambda: read_invalidations(aws, distribution))
    if found is None or invalidations is None:
        return
    uploads = tuple(upload for upload in found if not upload.key.startswith(NO_PAGES))
    published = [upload.time for upload in found if is_record(upload.key)]
    _running(examiner, invalidations)
    if not uploads:
        examiner.add_finding("frontend-empty", Evidence("bucket", f"{bucket} is empty"))
        return
    if not any(upload.key == _START_PAGE for upload in uploads):
        seen = Evidence("bucket", f"{bucket}: {len(uploads)} objects, no {_START_PAGE}")
        examiner.add_finding("start-page-missing", seen, page=_START_PAGE)
    # A publication's record is written after the invalidation of its changes.
    by_hand = tuple(upload for upload in uploads if not published or upload.time > max(published))
    _freshness(examiner, distribution, by_hand, invalidations)


def _uploads(examiner: Examiner, bucket: str) -> "tuple[Upload, ...] | None":
    """The frontend's objects; None where its bucket was deleted by hand, which is noted."""
    with ignoring("NoSuchBucket"):
        return tuple(read_uploads(examiner.aws, bucket))
    examiner.add_finding("frontend-bucket-deleted", bucket=bucket, stack=ARTIFACT_STACK)
    return None


def read_uploads(aws: Aws, bucket: str) -> Iterator[Upload]:
    """All objects with the time of their last upload."""
    for page in aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for item in page.get("Contents", []):
            # To the second, like CloudFront's times of invalidations: one right after an upload must not look older.
            modified = item.get("LastModified", datetime.fromtimestamp(0, UTC)).replace(microsecond=0)
            yield Upload(key=item.get("Key", ""), time=modified)


def _distribution(examiner: Examiner, distribution: str) -> Mapping[str, Any] | None:
    """Note the distribution's state; returns its configuration, which is empty where it was deleted by hand."""
    answer = examiner.read("the distribution", lambda: _describe(examiner.aws, distribution))
    if answer is None:
        return None
    if not answer:
        examiner.add_finding("distribution-deleted", distribution=distribution, stack=EDGE_STACK)
        return {}
    configuration: Mapping[str, Any] = answer["DistributionConfig"]
    if not configuration.get("Enabled"):
        examiner.add_finding("distribution-disabled", Evidence("distribution", f"{distribution} Enabled false"))
    elif answer["Status"] != "Deployed":
        seen = Evidence("distribution", f"{distribution} {answer['Status']}")
        examiner.add_finding("distribution-changing", seen, distribution=distribution)
    else:
        examiner.healthy(f"distribution {distribution} is enabled and deployed")
    return configuration


def _describe(aws: Aws, distribution: str) -> Mapping[str, Any]:
    with ignoring("NoSuchDistribution"):
        return aws.cloudfront.get_distribution(Id=distribution)["Distribution"]
    return {}


def _running(examiner: Examiner, invalidations: tuple[Invalidation, ...]) -> None:
    for invalidation in invalidations:
        if invalidation.status == "Completed":
            continue
        age = examiner.now - invalidation.created
        examiner.add_finding(
            "invalidation-running",
            Evidence("invalidation", f"{invalidation.invalidation_id} {invalidation.status}"),
            level="trouble" if age > _LONG else "notice",
            minutes=int(age.total_seconds() // 60),
        )


def _freshness(
    examiner: Examiner, distribution: str, uploads: tuple[Upload, ...], invalidations: tuple[Invalidation, ...]
) -> None:
    """Note uploads that users may not see: newer than the distribution, and not invalidated since."""
    created = examiner.aws.cloudformation.describe_stacks(StackName=EDGE_STACK)["Stacks"][0]["CreationTime"]
    since_then = sorted((upload for upload in uploads if upload.time > created), key=lambda one: one.time, reverse=True)
    newer = _uploads_without_invalidation(examiner.aws, distribution, since_then, invalidations)
    if not newer:
        examiner.healthy("what was uploaded since the distribution was made was invalidated after it")
        return
    last_invalidation = (
        f"last invalidation {invalidations[0].created:%Y-%m-%d %H:%M:%S %Z}, of other paths or before the upload"
        if invalidations
        else f"none since the distribution was made, {created:%Y-%m-%d %H:%M:%S %Z}"
    )
    old = examiner.now - newer[0].time > _DEFAULT_LIFE
    examiner.add_finding(
        "cache-stale",
        *(Evidence("uploaded", f"{one.key} {one.time:%Y-%m-%d %H:%M:%S %Z}") for one in newer[:5]),
        Evidence("invalidations", last_invalidation),
        count=len(newer),
        expired=", though most that is cached has expired by now" if old else "",
        level="notice" if old else "trouble",
        fix=InvalidateCache(distribution=distribution),
    )


def _uploads_without_invalidation(
    aws: Aws, distribution: str, uploads: list[Upload], invalidations: tuple[Invalidation, ...]
) -> list[Upload]:
    """The uploads that no later invalidation covers."""
    if not uploads:
        return []
    newer = [one for one in invalidations[:_MOST_INVALIDATIONS] if one.created >= uploads[-1].time]
    paths = {one: read_paths(aws, distribution, one.invalidation_id) for one in newer}
    return [
        upload
        for upload in uploads
        if not any(one.created >= upload.time and covers(paths[one], upload.key) for one in newer)
    ]
