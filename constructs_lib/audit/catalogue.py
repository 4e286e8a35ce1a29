"""The Glue catalogue, by which Athena reads the trail's files as a table."""

import aws_cdk as cdk
from aws_cdk import aws_glue as glue
from constructs import Construct

from installation.aws_facts import cloudtrail_schema as schema
from installation.names import Names
from installation.settings.audit import AuditSettings


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
            self,
            construct_id,
            catalog_id=self._catalogue,
            database_name=self.database.ref,
            table_input=table_input,
        )
