"""RDS with a real PostgreSQL for every instance: data survives the month in snapshots, and the end of the process.

The operations are in `instances`, `modifications`, `names`, `snapshots`, `snapshot_copies`, `backups` and `groups`.
`parameters` knows what a parameter group may say, `transitions` the transitional states, `refusals` and
`option_refusals` what RDS refuses, and `servers` each instance's server: `postgres` runs it (`process`, `recovery`,
`usage`), clients connect to its `gateway`. `cloudformation` creates instances from templates.
"""

from embedded_aws.core.context import ServerContext


def install(context: ServerContext) -> None:
    """Give the emulator's RDS its databases."""
    # Imported here because they import the emulator, which reads the environment at its import.
    from embedded_aws.core.background import every_minute
    from embedded_aws.core.context import ServerError
    from embedded_aws.database import emulator, groups, names, snapshots
    from embedded_aws.database.account_quotas import AccountQuotas
    from embedded_aws.database.backups import Backups
    from embedded_aws.database.cloudformation import InstanceHandler, install_groups
    from embedded_aws.database.gateway import Certificate, Ports, PortTakenError
    from embedded_aws.database.instances import Instances
    from embedded_aws.database.metrics import Reporter
    from embedded_aws.database.modifications import Modifications
    from embedded_aws.database.server_ports import ports_of
    from embedded_aws.database.servers import DatabaseServers
    from embedded_aws.database.snapshot_copies import SnapshotCopies
    from embedded_aws.database.snapshots import Snapshots
    from embedded_aws.database.versions import Versions

    folder = context.state_folder / "database"
    servers = DatabaseServers(folder / "instances", tls=Certificate(context.temporary_folder))
    ports = Ports(folder / "ports.json", ports_of(context.port))
    versions = Versions(context.faults)
    names.install()
    versions.install()
    behaviour = folder / "snapshots.json"
    quotas = AccountQuotas(behaviour)
    quotas.install()
    instances = Instances(context, servers, ports, versions, quotas)
    instances.install()
    Modifications(context, instances, versions).install()
    copies_folder = folder / "snapshots"
    Snapshots(context, copies_folder, instances, versions, behaviour, quotas).install()
    SnapshotCopies(copies_folder, quotas).install()
    Backups(instances, clock_factor=context.clock_factor).install()
    groups.install()
    InstanceHandler(context, quotas).install()
    install_groups()

    def start() -> None:
        emulator.lower_group_names()
        snapshots.adopt(copies_folder)
        snapshots.remove_unknown(folder / "instances", context.state_folder / "services" / "rds.json")
        servers.start()
        try:
            instances.resume()
        except PortTakenError as error:
            message = f"the database that was there before needs its port, but {error}: end that program"
            raise ServerError(message) from error

    context.on_start(start)
    every_minute(context, Reporter(instances, context.faults).report)
    context.on_stop(servers.stop)
