"""Whether the number of tasks can follow the load."""

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.doctor.finding import Evidence, Notes, Remediation
from ops.service.autoscaling import read_scaling
from ops.service.deployments import running_deployments


def note_scaling(notes: Notes, aws: Aws, settings: Settings, desired: int) -> None:
    """Look at what scales the service, where something does.

    Args:
        notes: where it is noted.
        desired: tasks that shall run now.
    """
    scaling = read_scaling(aws, settings)
    if scaling is None:
        return
    env = settings.environment
    if scaling.held and not running_deployments(aws.codedeploy, settings.names):
        notes.add(
            "scaling-held",
            "Scaling is held although no release runs: nobody watched a release to its end.",
            evidence=(Evidence("scalable target", f"suspended, with {desired} task(s)"),),
            remediations=(Remediation("let the tasks scale again", f"hannibal release --env {env} --wait"),),
        )
    if scaling.failure:
        notes.add(
            "scaling-failed",
            "Application Auto Scaling could not change the number of tasks.",
            evidence=(Evidence("scaling activity", scaling.failure),),
            remediations=(Remediation("see whether tasks start", f"hannibal doctor ecs --env {env}"),),
        )
    if desired >= scaling.most:
        notes.add(
            "scaling-at-most",
            f"As many tasks run as may ({scaling.most}): more load makes them slower.",
            level="notice",
            evidence=(Evidence("service", f"desired count {desired}"),),
            remediations=(
                Remediation(f"raise service.autoscaling.most in config/{env}.yaml, and deploy it"),
                Remediation("see what it costs", f"hannibal cost --env {env}"),
            ),
        )
    if not scaling.held:
        notes.healthy(f"the number of tasks follows the load, from {scaling.least} to {scaling.most}")
