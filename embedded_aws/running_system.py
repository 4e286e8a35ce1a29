"""Installs what runs, releases and monitors the system: load balancers, containers, CodeDeploy, mail and budgets."""

from pydantic import ValidationError

from embedded_aws import (
    application_autoscaling,
    budgets,
    cloudfront,
    codedeploy,
    ecs,
    fis,
    load_balancer,
    scheduler,
    sns,
)
from embedded_aws.cloudformation import durations
from embedded_aws.cloudwatch import injected_metrics
from embedded_aws.core.background import BackgroundLoop
from embedded_aws.core.context import JsonValue, ServerContext
from embedded_aws.core.control import Control
from embedded_aws.core.faults import Fault, Faults
from embedded_aws.ecs import task_sets
from embedded_aws.ecs.network import TaskNetwork


def install(context: ServerContext) -> None:
    """Change the emulator so that a deployed service answers requests on this machine."""
    loop, control, faults, network = BackgroundLoop(), Control(), context.faults, TaskNetwork()
    context.on_start(loop.start)
    context.on_stop(loop.stop)
    # Before health checks begin: they would still check the targets from before the restart.
    context.on_start(lambda: task_sets.forget_lost_tasks(context))
    context.persist("hannibal_faults", faults.as_json, faults.restore)
    control.install()
    control.add("faults", lambda method, body: _answer_faults(faults, method, body))
    board = load_balancer.install(context, loop=loop, control=control, resolve=network.resolve)
    cloudfront.install(context, loop=loop, control=control)
    ecs.install(context, loop=loop, network=network, board=board, control=control)
    codedeploy.install(context)
    application_autoscaling.install(context)
    injected_metrics.install(context, control)
    sns.install(control)
    budgets.install(control)
    scheduler.install(control)
    fis.install(context)
    durations.install(context, control)
    control.add("clock", lambda _method, _body: (200, {"factor": context.clock_factor}))


def _answer_faults(faults: Faults, method: str, body: bytes) -> tuple[int, JsonValue]:
    if method == "DELETE" and not body:
        faults.clear()
    elif method != "GET":
        try:
            fault = Fault.model_validate_json(body)
        except ValidationError as error:
            return 400, {"message": str(error)}
        if method == "DELETE":
            faults.end(fault)
        elif not fis.run_one_time_fault(fault):
            faults.inject(fault)
    return 200, faults.as_json()
