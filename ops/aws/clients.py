"""One session with AWS: clients that are made when they are first used, with adaptive retries.

AWS's own environment variables decide where it leads (AWS_PROFILE, AWS_ENDPOINT_URL and so on), so the same command
works against an account and against the embedded AWS.
"""

from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_ce import CostExplorerClient
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_cloudwatch import CloudWatchClient
    from mypy_boto3_codedeploy import CodeDeployClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_ecs import ECSClient
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_logs import CloudWatchLogsClient
    from mypy_boto3_rds import RDSClient
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_secretsmanager import SecretsManagerClient
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_sts import STSClient

# A person waits at the other end: an address that does not answer shall say so within seconds, while throttling,
# which ten parallel readers can cause, is waited out.
_CONFIG = Config(
    retries={"mode": "adaptive", "max_attempts": 6},
    connect_timeout=5,
    read_timeout=30,
    user_agent_extra="app/hannibal",  # CloudTrail shows which calls were this command's
)
# The call that finds out whether AWS answers at all; six tries at an address that refuses would take 15 seconds.
_FIRST_CONFIG = _CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 2}))


class Aws:
    """Clients of one region. Safe to share between threads.

    Args:
        region: the region of the installation, from its settings.
    """

    def __init__(self, *, region: str) -> None:
        self.region = region
        self._session = boto3.Session()
        self._making = RLock()  # a session must not make two clients at once (boto3 guide, "Session", threads)

    @property
    def configured_region(self) -> str | None:
        """The region that AWS_REGION, AWS_DEFAULT_REGION or the profile name, for other tools than this one."""
        return self._session.region_name

    @property
    def endpoint(self) -> str | None:
        """Where calls go if not to AWS, such as ``http://127.0.0.1:4566``."""
        address: str = self.sts.meta.endpoint_url
        return None if address.endswith((".amazonaws.com", ".amazonaws.com.cn", ".api.aws")) else address

    @cached_property
    def sts(self) -> "STSClient":
        """Who the caller is."""
        with self._making:
            return self._session.client("sts", region_name=self.region, config=_FIRST_CONFIG)

    @cached_property
    def cloudformation(self) -> "CloudFormationClient":
        """Stacks."""
        with self._making:
            return self._session.client("cloudformation", region_name=self.region, config=_CONFIG)

    @cached_property
    def codedeploy(self) -> "CodeDeployClient":
        """Releases."""
        with self._making:
            return self._session.client("codedeploy", region_name=self.region, config=_CONFIG)

    @cached_property
    def ecs(self) -> "ECSClient":
        """Service and tasks."""
        with self._making:
            return self._session.client("ecs", region_name=self.region, config=_CONFIG)

    @cached_property
    def elbv2(self) -> "ElasticLoadBalancingv2Client":
        """Listeners and targets."""
        with self._making:
            return self._session.client("elbv2", region_name=self.region, config=_CONFIG)

    @cached_property
    def rds(self) -> "RDSClient":
        """Database and snapshots."""
        with self._making:
            return self._session.client("rds", region_name=self.region, config=_CONFIG)

    @cached_property
    def route53(self) -> "Route53Client":
        """Zones and their records. A global service, whose one endpoint the client finds from any region."""
        with self._making:
            return self._session.client("route53", region_name=self.region, config=_CONFIG)

    @cached_property
    def cloudwatch(self) -> "CloudWatchClient":
        """Alarms and metrics."""
        with self._making:
            return self._session.client("cloudwatch", region_name=self.region, config=_CONFIG)

    @cached_property
    def logs(self) -> "CloudWatchLogsClient":
        """Log groups."""
        with self._making:
            return self._session.client("logs", region_name=self.region, config=_CONFIG)

    @cached_property
    def ssm(self) -> "SSMClient":
        """Parameters."""
        with self._making:
            return self._session.client("ssm", region_name=self.region, config=_CONFIG)

    @cached_property
    def s3(self) -> "S3Client":
        """Buckets."""
        with self._making:
            return self._session.client("s3", region_name=self.region, config=_CONFIG)

    @cached_property
    def ecr(self) -> "ECRClient":
        """Images."""
        with self._making:
            return self._session.client("ecr", region_name=self.region, config=_CONFIG)

    @cached_property
    def ec2(self) -> "EC2Client":
        """Security groups and routes."""
        with self._making:
            return self._session.client("ec2", region_name=self.region, config=_CONFIG)

    @cached_property
    def secretsmanager(self) -> "SecretsManagerClient":
        """Secrets."""
        with self._making:
            return self._session.client("secretsmanager", region_name=self.region, config=_CONFIG)

    @cached_property
    def cloudfront(self) -> "CloudFrontClient":
        """Distributions. A global service, whose one endpoint the client finds from any region."""
        with self._making:
            return self._session.client("cloudfront", region_name=self.region, config=_CONFIG)

    @cached_property
    def cost_explorer(self) -> "CostExplorerClient":
        """The bill. It is a global service, kept in us-east-1 (AWS General Reference, Cost Explorer endpoints)."""
        with self._making:
            return self._session.client("ce", region_name="us-east-1", config=_CONFIG)

    @cached_property
    def athena(self) -> "AthenaClient":
        """Queries over the trail's files."""
        with self._making:
            return self._session.client("athena", region_name=self.region, config=_CONFIG)

    @cached_property
    def iam(self) -> "IAMClient":
        """Roles and policies."""
        with self._making:
            return self._session.client("iam", region_name=self.region, config=_CONFIG)
