"""What experiments do to the emulator's services, under plain names (see ``EmulatorFunction``)."""

from ministack.services import cloudwatch, ecs, rds

from embedded_aws.core.patching import EmulatorFunction, Response

alarms = cloudwatch._alarms
instances = rds._instances
tasks = ecs._tasks

reboot_instance = EmulatorFunction[Response](rds, "_reboot_db_instance")
stop_task = EmulatorFunction[Response](ecs, "_stop_task")
