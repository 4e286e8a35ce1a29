"""Services' refusals beyond their models, by operation and by resource type; each rule is in its service's package."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from embedded_aws import ecr, sns
from embedded_aws.aws_lambda.refusals import check_function, check_new_function
from embedded_aws.cloudtrail.trails import check_trail
from embedded_aws.cloudwatch import refusals as cloudwatch
from embedded_aws.cloudwatch.log_events import check_order
from embedded_aws.ec2 import network_refusals
from embedded_aws.ec2.network_refusals import check_vpc
from embedded_aws.eventbridge import check_rule
from embedded_aws.iam import refusals as iam
from embedded_aws.load_balancer import refusals as load_balancer
from embedded_aws.requests.record_sets import check_record
from embedded_aws.s3.lifecycle_refusals import check_lifecycle
from embedded_aws.s3.refusals import check_bucket_policy
from embedded_aws.scheduler import check_schedule
from embedded_aws.secretsmanager import versions as secretsmanager
from embedded_aws.ssm import check_parameter

Rule = Callable[[dict[str, Any]], None]

# By the emulator's name of the service.
OF_OPERATIONS: Final[Mapping[tuple[str, str], Rule]] = {
    **{("iam", operation): rule for operation, rule in iam.RULES.items()},
    ("cloudtrail", "CreateTrail"): check_trail,
    ("cloudtrail", "UpdateTrail"): check_trail,
    ("ec2", "AttachInternetGateway"): network_refusals.check_attachment,
    ("ec2", "CreateNatGateway"): network_refusals.check_nat_gateway,
    ("ec2", "CreateRoute"): network_refusals.check_route,
    ("ec2", "CreateSubnet"): network_refusals.check_subnet,
    ("ec2", "CreateVpc"): check_vpc,
    ("ec2", "CreateVpcEndpoint"): network_refusals.check_endpoint,
    ("ecr", "PutLifecyclePolicy"): ecr.check_priorities,
    ("ecr", "SetRepositoryPolicy"): ecr.check_repository_policy,
    ("elasticloadbalancing", "CreateListener"): load_balancer.check_listener,
    ("elasticloadbalancing", "CreateLoadBalancer"): load_balancer.check_load_balancer,
    ("elasticloadbalancing", "CreateRule"): load_balancer.check_rule,
    ("elasticloadbalancing", "ModifyLoadBalancerAttributes"): load_balancer.check_new_attributes,
    ("elasticloadbalancing", "ModifyTargetGroupAttributes"): load_balancer.check_new_group_attributes,
    ("elasticloadbalancing", "CreateTargetGroup"): load_balancer.check_target_group,
    ("elasticloadbalancing", "DeleteTargetGroup"): (
        lambda request: load_balancer.check_group_is_unused(request.get("TargetGroupArn", ""))
    ),
    ("elasticloadbalancing", "ModifyListener"): load_balancer.check_changed_listener,
    ("elasticloadbalancing", "SetRulePriorities"): load_balancer.check_priorities,
    ("events", "PutRule"): check_rule,
    ("lambda", "CreateFunction"): check_new_function,
    ("lambda", "UpdateFunctionConfiguration"): check_function,
    ("logs", "PutLogEvents"): check_order,
    ("monitoring", "GetMetricData"): cloudwatch.check_queries,
    ("monitoring", "GetMetricStatistics"): cloudwatch.check_statistics,
    ("monitoring", "PutMetricData"): cloudwatch.check_data,
    ("monitoring", "SetAlarmState"): cloudwatch.check_state,
    ("scheduler", "CreateSchedule"): check_schedule,
    ("scheduler", "UpdateSchedule"): check_schedule,
    ("secretsmanager", "CreateSecret"): secretsmanager.check_new,
    ("sns", "Subscribe"): sns.check_subscription,
    ("ssm", "PutParameter"): check_parameter,
}
OF_TYPES: Final[Mapping[str, Rule]] = {
    "AWS::CloudTrail::Trail": check_trail,
    "AWS::EC2::VPC": check_vpc,
    "AWS::ECR::Repository": ecr.check_repository,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": load_balancer.check_load_balancer,
    "AWS::ElasticLoadBalancingV2::TargetGroup": load_balancer.check_target_group,
    "AWS::Events::Rule": check_rule,
    "AWS::IAM::ManagedPolicy": iam.check_policy,
    "AWS::IAM::Policy": iam.check_inline_policy,
    "AWS::IAM::Role": iam.check_role,
    "AWS::Lambda::Function": check_function,
    "AWS::Route53::RecordSet": check_record,
    "AWS::S3::Bucket": check_lifecycle,
    "AWS::S3::BucketPolicy": check_bucket_policy,
    "AWS::Scheduler::Schedule": check_schedule,
    "AWS::SNS::Subscription": sns.check_subscription,
    "AWS::SNS::TopicPolicy": sns.check_topic_policy,
    "AWS::SSM::Parameter": check_parameter,
}
