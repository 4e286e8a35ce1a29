"""Whether the number of tasks can follow the load."""

from ops.doctor.examiner import Examiner
from ops.doctor.finding import Evidence
from ops.service.autoscaling import read_scaling
from ops.service.deployments import running_deployments


def note_scaling(examiner: Examiner, desired: int) -> None:
    """Look at what scales the service, where something does.

    Args:
        desired: tasks that shall run now.
    """
    scaling = read_scaling(examiner.aws)
    if scaling is None:
        return
    if scaling.held and not running_deployments(examiner.aws):
        examiner.found("scaling-held", Evidence("scalable target", f"suspended, with {desired} task(s)"))
    if scaling.failure:
        examiner.found("scaling-failed", Evidence("scaling activity", scaling.failure))
    if desired >= scaling.most:
        examiner.found("scaling-at-most", Evidence("service", f"desired count {desired}"), most=scaling.most)
    if not scaling.held:
        examiner.healthy(f"the number of tasks follows the load, from {scaling.least} to {scaling.most}")
