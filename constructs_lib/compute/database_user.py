"""The container that makes the service's own user of the database, which may read and write rows only."""

from collections.abc import Mapping

from aws_cdk import aws_ecs as ecs
from aws_cdk import aws_logs as logs

from constructs_lib.compute.certificates import Certificates
from constructs_lib.compute.containers import add_container, inject
from constructs_lib.compute.variables import SecretReference
from installation.names import DATABASE_USER_CONTAINER

# One session at a time, because tasks start beside each other; safe to run again. Grants only what belongs to the
# master user: views of extensions are RDS's own. Tables that migrations make later are covered by the default
# privileges of the master user, who runs them.
SCRIPT = r"""
\getenv service_user SERVICE_USER
\getenv service_password SERVICE_PASSWORD
SELECT pg_advisory_lock(1764000001);
SELECT format('CREATE ROLE %I', :'service_user')
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'service_user') \gexec
ALTER ROLE :"service_user" LOGIN NOCREATEDB NOCREATEROLE PASSWORD :'service_password';
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO :"service_user";
SELECT format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO %I', oid::regclass, :'service_user') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
AND pg_has_role(relowner, 'USAGE') \gexec
SELECT format('GRANT USAGE, SELECT ON SEQUENCE %s TO %I', oid::regclass, :'service_user') FROM pg_class
WHERE relnamespace = 'public'::regnamespace AND relkind = 'S' AND pg_has_role(relowner, 'USAGE') \gexec
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"service_user";
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO :"service_user";
""".strip()
# The service's password is in the environment. The master user's stands among psql's arguments, which only processes
# of this container can see: containers of a Fargate task have process lists of their own.
COMMAND = (
    "sh",
    "-c",
    'printf \'%s\\n\' "$SCRIPT" | psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --output=/dev/null "$DATABASE_URL"',
)


def add_database_user(
    definition: ecs.TaskDefinition,
    *,
    image: str,
    user: str,
    references: Mapping[str, SecretReference],
    certificates: Certificates,
    log_group: logs.ILogGroup,
) -> ecs.ContainerDefinition:
    """Add the container that makes the service's user as the master user, with this month's password, and ends.

    The API's container starts after it has succeeded, and gets neither the master user's name nor its password.

    Args:
        image: an image with a shell and psql.
        user: name of the service's user.
        references: the master user's ``DATABASE_URL``, and ``SERVICE_PASSWORD``.
        certificates: the certificates by which psql verifies the database.
        log_group: log group of its output; it prints only when it fails.
    """
    container = add_container(
        definition,
        DATABASE_USER_CONTAINER,
        image=image,
        command=COMMAND,
        environment={"SCRIPT": SCRIPT, "SERVICE_USER": user},
        log_group=log_group,
        essential=False,
        user="65534",  # the user `nobody`: the container writes nothing
    )
    inject(container, references)
    certificates.give(container)
    return container
