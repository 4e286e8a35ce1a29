"""What each role may do, by the tasks in ``tasks.yaml``, and the most that any role may, by ``boundaries.yaml``."""

from collections.abc import Mapping, Sequence
from typing import Final

from installation.permissions.domain_records import domain_ceiling, read_zone
from installation.permissions.statement_files import read_statements
from installation.permissions.statements import Arns, Statement, StatementsOf

_BOUNDARIES: Final = read_statements("boundaries.yaml")
TASKS: Final = read_statements("tasks.yaml")


def cicd_boundary(arns: Arns) -> Sequence[Statement]:
    """The boundary of people and workflows: the services of the stacks, no EC2 instance, and no change in IAM."""
    return (*_BOUNDARIES["people"](arns), *domain_ceiling(arns), *_BOUNDARIES["people_besides"](arns))


def ecs_boundary(arns: Arns) -> Sequence[Statement]:
    """The boundary of the roles that run the system: tasks, functions, CodeDeploy, delivery of logs."""
    return _BOUNDARIES["running"](arns)


def deploy_boundary(arns: Arns) -> Sequence[Statement]:
    """The boundary of the bootstrap's roles, also of CloudFormation's."""
    return (*_BOUNDARIES["deploying"](arns), *domain_ceiling(arns, proof=True), *_BOUNDARIES["deploying_besides"](arns))


def _tasks(names: str) -> tuple[StatementsOf, ...]:
    return tuple(TASKS[name] for name in names.split())


CICD_TASKS: Final = (
    *_tasks("deploy read_bootstrap_version read_state detect_drift read_safeguards"),
    read_zone,
    *_tasks("release run_tasks take_snapshots suspend_scaling push_image publish_frontend invalidate"),
    *_tasks("start_database prune_snapshots measure_leftovers read_service_log"),
)
# Not the lookup role of the bootstrap: it has ReadOnlyAccess, which reads every bucket. `cdk diff` works without it.
# And not the evidence and alarms of the account, which a pull request need not read.
PLAN_TASKS: Final = _tasks("read_state read_bootstrap_version")
DRIFT_TASKS: Final = (*PLAN_TASKS, *_tasks("detect_drift read_safeguards"))
DEVELOPER_TASKS: Final = _tasks(
    "read_state detect_drift read_safeguards release run_tasks take_snapshots suspend_scaling publish_frontend "
    "invalidate measure_leftovers read_logs open_shell open_database manage_secrets analyse_trail review_permissions "
    "diagnose read_dashboards send_test_alert pause restore_database run_exercises"
)
# Tasks that several roles have, by their managed policy: a role's inline policies have at most 10,240 characters
# together, and a managed policy 6,144 (IAM quotas).
SHARED_TASKS: Final[Mapping[str, Sequence[StatementsOf]]] = {
    "Looking": _tasks("read_state"),
    "Guarding": _tasks("detect_drift read_safeguards"),
    "Releasing": _tasks("release run_tasks take_snapshots suspend_scaling"),
    "Publishing": _tasks("publish_frontend invalidate"),
}
