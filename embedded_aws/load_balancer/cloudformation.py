"""Load balancing resources in CloudFormation: weights, and the refusals of the API."""

from embedded_aws.cloudformation.emulator import listener_actions
from embedded_aws.cloudformation.registry import before_create, before_delete, before_update
from embedded_aws.core.patching import Function
from embedded_aws.load_balancer import emulator, refusals
from embedded_aws.load_balancer.describing import set_groups
from embedded_aws.load_balancer.metrics import group_name

_TYPES = "AWS::ElasticLoadBalancingV2::"


def install() -> None:
    """Change the emulator's handlers."""
    listener_actions.wrap(_listener_actions)
    # ``TargetGroupFullName`` begins with ``targetgroup/``, as CloudWatch's dimension does (template reference).
    emulator.target_group_full_name.wrap(lambda _original, arn: group_name(arn))
    before_create(f"{_TYPES}Listener", refusals.check_listener)
    before_update(
        f"{_TYPES}Listener", lambda arn, properties: refusals.check_listener(properties, current_listener=arn)
    )
    before_create(f"{_TYPES}ListenerRule", refusals.check_rule)
    before_update(f"{_TYPES}ListenerRule", lambda arn, properties: refusals.check_rule(properties, current_rule=arn))
    before_delete(f"{_TYPES}TargetGroup", refusals.check_group_is_unused)
    before_delete(f"{_TYPES}LoadBalancer", refusals.check_is_unprotected)


def _listener_actions(
    original: Function, props: emulator.Record, lb_arn: str, prop: str = "DefaultActions"
) -> list[emulator.Record]:
    """Keep all target groups and weights; the emulator keeps only the first group."""
    actions: list[emulator.Record] = original(props, lb_arn, prop)
    declared = [action for action in props.get(prop) or [] if isinstance(action, dict)]
    for action, declaration in zip(actions, declared, strict=True):
        if (declaration.get("ForwardConfig") or {}).get("TargetGroups"):
            stickiness = declaration["ForwardConfig"].get("TargetGroupStickinessConfig")
            set_groups(action, emulator.forwarded_groups(declaration), stickiness)
    return actions
