"""Whether the number of tasks can follow the load."""

from installation.settings import Settings
from ops.aws.clients import Aws
from ops.doctor.finding import Evidence, Notes
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
    if scaling.held and not running_deployments(aws.codedeploy, settings.names):
        notes.found("scaling-held", evidence=(Evidence("scalable target", f"suspended, with {desired} task(s)"),))
    if scaling.failure:
        notes.found("scaling-failed", evidence=(Evidence("scaling activity", scaling.failure),))
    if desired >= scaling.most:
        notes.found("scaling-at-most", evidence=(Evidence("service", f"desired count {desired}"),), most=scaling.most)
    if not scaling.held:
        notes.healthy(f"the number of tasks follows the load, from {scaling.least} to {scaling.most}")
