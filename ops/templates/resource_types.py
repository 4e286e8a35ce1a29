"""The types that belong to CodeDeploy while a month runs (law 4), and what scales them."""

from typing import Final

SERVICE: Final = "AWS::ECS::Service"
TASK_DEFINITION: Final = "AWS::ECS::TaskDefinition"
TARGET_GROUP: Final = "AWS::ElasticLoadBalancingV2::TargetGroup"
LISTENER: Final = "AWS::ElasticLoadBalancingV2::Listener"
RULE: Final = "AWS::ElasticLoadBalancingV2::ListenerRule"
LOAD_BALANCER: Final = "AWS::ElasticLoadBalancingV2::LoadBalancer"
SCALABLE_TARGET: Final = "AWS::ApplicationAutoScaling::ScalableTarget"
LISTENERS: Final = frozenset({LISTENER, RULE})
# Created once per month; deploying stacks does not change them.
FROZEN: Final = frozenset({SERVICE, TARGET_GROUP, *LISTENERS})
