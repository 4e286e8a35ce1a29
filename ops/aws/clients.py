"""One session with AWS for one installation: clients that are created at their first use, with adaptive retries.

AWS's own environment variables decide where calls go (AWS_PROFILE, AWS_ENDPOINT_URL and so on), so the same command
works against an account and against the embedded AWS.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from threading import RLock
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import ReadTimeoutError
from botocore.session import get_session

from installation.settings import Settings
from ops.aws.errors import SERVER_ERROR, THROTTLED, foreign_answer_error, unreachable
from ops.aws.polling import Polling

if TYPE_CHECKING:
    from mypy_boto3_acm import ACMClient
    from mypy_boto3_application_autoscaling import ApplicationAutoScalingClient
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_ce import CostExplorerClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_cloudtrail import CloudTrailClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_codedeploy import CodeDeployClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_fis import FISClient
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_scheduler import EventBridgeSchedulerClient
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_sns import SNSClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

T = TypeVar("T")

# A person is waiting: an address that does not answer must be reported within seconds, while throttling,
# which ten parallel readers can cause, is retried.
_CONFIG = Config(
    retries={"mode": "adaptive", "max_attempts": 6},
    connect_timeout=5,
    read_timeout=60,  # botocore's own: on a slow line a call that AWS already carried out is not repeated
    user_agent_extra="app/hannibal",  # CloudTrail shows which calls this command made
)
_KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
# Until AWS has answered once, it may be unreachable: seven tries at an address that refuses take 25 seconds, at one
# that drops packets a minute.
_FIRST_ATTEMPTS = 2


def _refuse_page(operation_model: Any, response_dict: dict[str, Any], **_others: object) -> None:
    """Report an HTML page as such, which botocore would take for an answer without fields.

    A network's login page or a proxy answers so. Objects of S3 may be pages, and come as streams. Failures
    of the server are left to botocore, which tries again.
    """
    if operation_model.has_streaming_output or not response_dict["body"]:  # HEAD of an object, which may be a page
        return
    kind: str = response_dict["headers"].get("content-type", "")
    if "html" in kind and response_dict["status_code"] < SERVER_ERROR:
        raise foreign_answer_error(f"a page ({kind.partition(';')[0]}), status {response_dict['status_code']}")


class _Client(Generic[T]):
    """A client that is created at its first use, and kept; in the installation's region unless another is named."""

    def __init__(self, service: str, *, region: str | None = None) -> None:
        self._service = service
        self._region = region

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, aws: "Aws", owner: type) -> T:
        made: T = aws.client(self._service, region=self._region or aws.region, config=_CONFIG)
        # Python finds it there before it calls this method again; of two threads that both created one the first is
        # kept.
        return cast("T", aws.__dict__.setdefault(self._name, made))


class Aws:
    """One installation: its settings and names, and clients of its region. It may be shared between threads."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.names, self.region = settings, settings.names, settings.region
        # Called once with a line that AWS throttles or fails, and that calls are retried.
        self.notify: Callable[[str], None] | None = None
        self._session = boto3.Session()
        self._session.events.register("before-parse", _refuse_page)
        self._answered = False
        self._session.events.register("response-received", self._note_answer)
        self._session.events.register("needs-retry", self._end_first_call_retries)
        self._session.events.register("needs-retry", self._report_retries)
        self._making = RLock()  # a session must not create two clients at once (boto3 guide, "Session", threads)

    def _note_answer(self, exception: Exception | None, **_others: object) -> None:
        self._answered = self._answered or exception is None

    def _end_first_call_retries(self, attempts: int, caught_exception: Exception | None, **_others: object) -> None:
        """End the retries of a first call that gets no answer."""
        most = 1 if isinstance(caught_exception, ReadTimeoutError) else _FIRST_ATTEMPTS  # a read timeout takes a minute
        if caught_exception is not None and not self._answered and attempts >= most:
            raise caught_exception

    def _report_retries(self, operation: Any, attempts: int, response: Any, **_others: object) -> None:
        """Report retries from the second one on; botocore waits longer before each, and slows all other calls."""
        if response is None or attempts < _FIRST_ATTEMPTS or self.notify is None:
            return
        code, status = response[1].get("Error", {}).get("Code", ""), response[0].status_code
        if code in THROTTLED or status >= SERVER_ERROR:
            notify, self.notify = self.notify, None
            reason = "limits the rate of calls" if code in THROTTLED else "fails at the moment"
            notify(f"AWS {reason} ({operation.name}: {code or status}). The call is repeated, which can take minutes.")

    def client(self, service: str, *, region: str, config: Config) -> Any:
        """A new client; boto3-stubs know its type by the service's literal name only."""
        session: Any = self._session
        with self._making:
            try:
                made = session.client(service, region_name=region, config=config)
                _ = urlsplit(made.meta.endpoint_url).port  # read by the first call only
            except ValueError as error:  # "Invalid endpoint: …", of a variable or of the profile
                raise unreachable(error) from error
            return made

    @property
    def configured_region(self) -> str | None:
        """The region that AWS_REGION, AWS_DEFAULT_REGION or the profile name, for other tools than this one.

        The AWS CLI and the CDK take the first of them before the others; boto3 does not know it.
        """
        return os.environ.get("AWS_REGION") or self._session.region_name

    @property
    def variables_of_child(self) -> Mapping[str, str]:
        """The environment of a child process that uses these credentials, such as the CDK.

        The CDK prefers AWS_PROFILE to AWS_DEFAULT_PROFILE, boto3 the other way round: the CDK would deploy to another
        account than boto3 has read. It cannot ask for a second factor without a terminal, so it gets the resolved
        credentials.
        """
        variables = dict(os.environ)
        if profile := os.environ.get("AWS_DEFAULT_PROFILE"):
            variables["AWS_PROFILE"] = profile
        given = self._session.get_credentials()
        if given and any("mfa_serial" in profile for profile in self._profiles()):
            keys = given.get_frozen_credentials()
            found = (keys.access_key, keys.secret_key, keys.token)
            variables = {name: value for name, value in variables.items() if name not in _KEYS}
            variables |= {name: key for name, key in zip(_KEYS, found, strict=True) if key}
        return variables

    def _profiles(self) -> Iterator[Mapping[str, str]]:
        """The profile of the credentials, and its source profiles."""
        known: Any = get_session().full_config["profiles"]
        name, seen = self._session.profile_name, set[str]()
        while name in known and name not in seen:
            seen.add(name)
            yield known[name]
            name = known[name].get("source_profile", "")

    @property
    def endpoint(self) -> str | None:
        """The endpoint of calls if it is not AWS, such as ``http://127.0.0.1:4566``."""
        address: str = self.sts.meta.endpoint_url
        return None if address.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws")) else address

    @property
    def polling(self) -> Polling:
        """How often AWS is polled; the embedded AWS, which works in seconds and throttles nobody, more often."""
        return Polling() if self.endpoint is None else Polling(seconds=0.5)

    sts: "_Client[STSClient]" = _Client("sts")  # who the caller is
    cloudformation: "_Client[CloudFormationClient]" = _Client("cloudformation")  # stacks
    codedeploy: "_Client[CodeDeployClient]" = _Client("codedeploy")  # releases
    ecs: "_Client[ECSClient]" = _Client("ecs")  # service and tasks
    application_autoscaling: "_Client[ApplicationAutoScalingClient]" = _Client("application-autoscaling")  # task counts
    elbv2: "_Client[ElasticLoadBalancingv2Client]" = _Client("elbv2")  # listeners and targets
    rds: "_Client[RDSClient]" = _Client("rds")  # database and snapshots
    # Zones and their records. A global service, whose endpoint the client finds from any region.
    route53: "_Client[Route53Client]" = _Client("route53")
    acm: "_Client[ACMClient]" = _Client("acm")  # certificates of the load balancer
    # Certificates of distributions are in us-east-1 (CloudFront developer guide, "Requirements for using SSL/TLS
    # certificates").
    edge_acm: "_Client[ACMClient]" = _Client("acm", region="us-east-1")
    cloudwatch: "_Client[CloudWatchClient]" = _Client("cloudwatch")  # alarms and metrics
    logs: "_Client[CloudWatchLogsClient]" = _Client("logs")  # log groups
    ssm: "_Client[SSMClient]" = _Client("ssm")  # parameters
    s3: "_Client[S3Client]" = _Client("s3")  # buckets
    sns: "_Client[SNSClient]" = _Client("sns")  # who receives the alarms
    ecr: "_Client[ECRClient]" = _Client("ecr")  # images
    ec2: "_Client[EC2Client]" = _Client("ec2")  # security groups and routes
    secretsmanager: "_Client[SecretsManagerClient]" = _Client("secretsmanager")  # secrets
    # Distributions. A global service, whose endpoint the client finds from any region.
    cloudfront: "_Client[CloudFrontClient]" = _Client("cloudfront")
    # The bill. A global service, whose endpoint is in us-east-1 (AWS General Reference, Cost Explorer endpoints).
    cost_explorer: "_Client[CostExplorerClient]" = _Client("ce", region="us-east-1")
    athena: "_Client[AthenaClient]" = _Client("athena")  # queries over the trail's files
    iam: "_Client[IAMClient]" = _Client("iam")  # roles and policies
    cloudtrail: "_Client[CloudTrailClient]" = _Client("cloudtrail")  # whether the trail records
    lambda_: "_Client[LambdaClient]" = _Client("lambda")  # functions
    events: "_Client[EventBridgeClient]" = _Client("events")  # rules
    fis: "_Client[FISClient]" = _Client("fis")  # experiments
    scheduler: "_Client[EventBridgeSchedulerClient]" = _Client("scheduler")  # nights and weekends
