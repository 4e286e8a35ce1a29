"""How the trail is queried: Glue's catalogue over its files, a workgroup with a limit, and the runbook's queries."""

from dataclasses import dataclass, replace
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import aws_athena as athena
from aws_cdk import aws_glue as glue
from aws_cdk import aws_s3 as s3
from constructs import Construct

from constructs_lib.buckets import PrivateBucket
from installation.aws_facts import cloudtrail_schema as schema
from installation.names import Names
from installation.settings.audit import AuditSettings

QUERY_FOLDER = Path(__file__).parent / "queries"


def _columns(columns: tuple[schema.Column, ...]) -> list[glue.CfnTable.ColumnProperty]:
    return [glue.CfnTable.ColumnProperty(name=column.name, type=column.hive_type) for column in columns]


class AuditCatalogue(Construct):
    """Database, raw table and typed view over the files of a trail.

    A filter on ``day`` or ``region`` decides which folders are read. A filter on ``eventTime`` alone reads everything
    that is kept, because a file's folder is the day of its delivery and Athena cannot know what time is inside.

    Args:
        settings: how many days the table covers.
        location: folder with one folder per region, as an ``s3://`` address that ends in a slash.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, settings: AuditSettings, location: str
    ) -> None:
        super().__init__(scope, construct_id)
        self._catalogue = cdk.Stack.of(self).account
        self.database = glue.CfnDatabase(
            self,
            "Database",
            catalog_id=self._catalogue,
            database_input=glue.CfnDatabase.DatabaseInputProperty(
                name=names.audit_database, description="CloudTrail's files as tables"
            ),
        )
        table = self._table(
            "Table",
            glue.CfnTable.TableInputProperty(
                name=names.audit_table,
                description="CloudTrail's files as they are; people query the view",
                table_type=schema.TABLE_TYPE,
                parameters=schema.table_parameters(location=location, retention_days=settings.retention_days),
                partition_keys=_columns(schema.PARTITION_KEYS),
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    columns=_columns(schema.TABLE_COLUMNS),
                    location=location,
                    input_format=schema.INPUT_FORMAT,
                    output_format=schema.OUTPUT_FORMAT,
                    serde_info=glue.CfnTable.SerdeInfoProperty(serialization_library=schema.SERDE),
                ),
            ),
        )
        self.view = self._table(
            "View",
            glue.CfnTable.TableInputProperty(
                name=names.audit_view,
                description="CloudTrail's events with typed columns",
                table_type=schema.VIEW_TYPE,
                parameters=schema.VIEW_PARAMETERS,
                partition_keys=[],  # Athena wants at least the empty list (API reference of Glue, TableInput)
                storage_descriptor=glue.CfnTable.StorageDescriptorProperty(
                    columns=_columns(schema.VIEW_COLUMNS),
                    # Unused, but Athena's engine refuses a table or view without one (Trino's Glue
                    # converter: "Table SerdeInfo is null"), and CDK leaves out an empty one.
                    serde_info=glue.CfnTable.SerdeInfoProperty(name=names.audit_view),
                ),
                view_original_text=schema.view_text(database=names.audit_database, table=names.audit_table),
                view_expanded_text=schema.VIEW_EXPANDED_TEXT,
            ),
        )
        self.view.add_resource_dependency(table)

    def _table(self, construct_id: str, table_input: glue.CfnTable.TableInputProperty) -> glue.CfnTable:
        return glue.CfnTable(
            self, construct_id, catalog_id=self._catalogue, database_name=self.database.ref, table_input=table_input
        )


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
                bytes_scanned_cutoff_per_query=settings.scan_limit_gib * 1024**3,
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


@dataclass(frozen=True, kw_only=True)
class QueryText:
    """A query as it is in its file."""

    name: str  # the file's name without its extension; the name that the console shows
    title: str  # the comment on the first line
    sql: str  # the whole text, its comment included


def read_queries(folder: Path = QUERY_FOLDER) -> tuple[QueryText, ...]:
    """The queries of a folder, by name. Raises ValueError: a file does not start with its title as a comment."""
    return tuple(_read_query(file) for file in sorted(folder.glob("*.sql")))


def _read_query(file: Path) -> QueryText:
    sql = file.read_text(encoding="utf-8").strip()
    first_line = sql.partition("\n")[0]
    if not first_line.startswith("-- "):
        raise ValueError(f"{file}: the first line must be the query's title as a comment: -- TITLE")
    return QueryText(name=file.stem, title=first_line.removeprefix("-- "), sql=sql)


class NamedQueries(Construct):
    """Every query of the folder as a named query of a workgroup. They name only the view of ``database``."""

    def __init__(
        self, scope: Construct, construct_id: str, *, names: Names, workgroup: athena.CfnWorkGroup, database: str
    ) -> None:
        super().__init__(scope, construct_id)
        written = replace(names, environment="dev").cicd_role  # The files have dev's, and run as they are
        for query in read_queries():
            athena.CfnNamedQuery(
                self,
                query.name,
                name=query.name,
                description=query.title,
                database=database,
                work_group=workgroup.ref,
                query_string=query.sql.replace(written, names.cicd_role),
            )
