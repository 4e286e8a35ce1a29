"""The Athena workgroup: the most that a query may read, and the bucket of results."""

import aws_cdk as cdk
from aws_cdk import aws_athena as athena
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.buckets import PrivateBucket
from installation.names import Names
from installation.settings.audit import AuditSettings

GIB = 1024**3


class AuditWorkgroup(Construct):
    """A workgroup whose limits no query can override, with a bucket of results that expire.

    Args:
        settings: the most that one query may read, and how many days its results are kept.
        access_log_bucket: bucket that takes the results bucket's access log; its policy must already allow that.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        names: Names,
        settings: AuditSettings,
        access_log_bucket: s3.IBucket,
    ) -> None:
        super().__init__(scope, construct_id)
        account = cdk.Stack.of(self).account
        self.results_bucket = PrivateBucket(
            self,
            "ResultsBucket",
            name=names.athena_results_bucket(account),
            expire_days=settings.results_retention_days,
            log_to=access_log_bucket,
        )
        self.workgroup = athena.CfnWorkGroup(
            self,
            "Workgroup",
            name=names.audit_workgroup,
            description="Queries over CloudTrail, with a limit on what each may read",
            state="ENABLED",
            # Deleting it with queries and their history inside would destroy evidence.
            recursive_delete_option=False,
            work_group_configuration=athena.CfnWorkGroup.WorkGroupConfigurationProperty(
                bytes_scanned_cutoff_per_query=settings.scan_limit_gib * GIB,
                enforce_work_group_configuration=True,
                engine_version=athena.CfnWorkGroup.EngineVersionProperty(
                    selected_engine_version="Athena engine version 3"
                ),
                publish_cloud_watch_metrics_enabled=True,
                requester_pays_enabled=False,
                result_configuration=athena.CfnWorkGroup.ResultConfigurationProperty(
                    output_location=self.results_bucket.s3_url_for_object("results/"),
                    encryption_configuration=athena.CfnWorkGroup.EncryptionConfigurationProperty(
                        encryption_option="SSE_S3"
                    ),
                    expected_bucket_owner=account,
                ),
            ),
        )
