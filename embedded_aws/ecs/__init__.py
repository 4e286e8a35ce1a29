"""ECS: tasks as containers or sample services, task sets, CloudFormation, AWS's refusals."""

from functools import partial

from embedded_aws.core.background import BackgroundLoop, Ticker
from embedded_aws.core.context import ServerContext
from embedded_aws.core.control import Control
from embedded_aws.database.gateway import with_authority
from embedded_aws.ecs import cloudformation, emulator, refusals, task_sets
from embedded_aws.ecs.init_containers import InitContainers, TaskVolumes
from embedded_aws.ecs.network import TaskNetwork
from embedded_aws.ecs.run_task import RunTask
from embedded_aws.ecs.runtime import ContainerRuntime
from embedded_aws.ecs.sample_containers import SampleContainers
from embedded_aws.ecs.scheduler import TICK_SECONDS, Scheduler
from embedded_aws.ecs.task_health import TaskHealth
from embedded_aws.ecs.tasks import TaskRecords
from embedded_aws.load_balancer.targets import TargetBoard


def install(
    context: ServerContext, *, loop: BackgroundLoop, network: TaskNetwork, board: TargetBoard, control: Control
) -> None:
    """Change the emulator's container service and start the scheduler of services under CODE_DEPLOY."""
    faults = context.faults
    complete = partial(with_authority, region=context.region)
    samples = SampleContainers(
        loop=loop,
        network=network,
        board=board,
        faults=faults,
        init_containers=InitContainers(TaskVolumes(context.temporary_folder / "tasks"), complete),
    )
    runtime = ContainerRuntime(context, samples=samples)
    runtime.use_engine(loop=loop, network=network, board=board)
    control.add("containers", runtime.answer)
    health = TaskHealth(
        board=board, faults=faults, clock_factor=context.clock_factor, is_real=runtime.is_real, result=runtime.health
    )
    scheduler = Scheduler(health=health, clock_factor=context.clock_factor, faults=faults)
    TaskRecords(context=context, runtime=runtime, complete=complete).install()
    scheduler.install()
    refusals.install()
    emulator.add_action("DescribeTaskSets", task_sets.describe)
    RunTask().install()
    cloudformation.install()
    Ticker(context, scheduler.tick, name="ecs-scheduler", seconds=TICK_SECONDS)
