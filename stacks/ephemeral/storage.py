"""StorageStack: the month's database, restored from the last one."""

from constructs import Construct

from constructs_lib.handler_function import functions_log
from constructs_lib.stack import HannibalStack, Lifecycle
from constructs_lib.storage.connection import Connection
from constructs_lib.storage.database import DATABASE_NAME, Database
from constructs_lib.storage.password import MonthsPassword
from installation.names import DATABASE_URL_OUTPUT
from installation.settings import Settings
from stacks.persistent.artifact import ArtifactStack
from stacks.persistent.network import NetworkStack


class StorageStack(HannibalStack):
    """RDS PostgreSQL with the data of the month before, and the connection string of the service."""

    lifecycle = Lifecycle.EPHEMERAL

    def __init__(
        self, scope: Construct, construct_id: str, *, settings: Settings, network: NetworkStack, artifact: ArtifactStack
    ) -> None:
        super().__init__(
            scope, construct_id, settings=settings, description="Database of the month, restored from its last snapshot"
        )
        password = MonthsPassword(self, "Password", names=self.names, secret=artifact.database_secret)
        database = Database(
            self,
            "Database",
            settings=settings.database,
            identifier=self.names.database,
            vpc=network.vpc,
            security_group=network.database_security_group,
            password=password.value,
            restore_role=self.names.restore_role,
            log_group=functions_log(self, self.names),
        )
        connection = Connection(
            self,
            "Connection",
            instance=database.instance,
            user=settings.database.user,
            service_user=settings.database.service_user,
            database_name=DATABASE_NAME,
            credentials=artifact.database_secret,
            password=password.value,
        )
        self.database = database.instance
        self.access = connection.access
        self.output("DatabaseIdentifier", self.names.database, "Name of the database instance")
        self.output("DatabaseEndpoint", database.instance.db_instance_endpoint_address, "Address of the database")
        self.output(DATABASE_URL_OUTPUT, connection.secret.secret_arn, "Secret with the service's DATABASE_URL")
