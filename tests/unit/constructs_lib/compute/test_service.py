"""The service: created once a month, and nothing of it changes with a release."""

import json

from tests.support.compute_stack import ComputeTemplates, Resource, Variant, dev, every_variant, prod, secured

ROUTE = "AWS::EC2::Route"
SERVICE = "AWS::ECS::Service"
CLUSTER = "AWS::ECS::Cluster"


def test_with_public_addresses_nothing_bills_for_the_way_out() -> None:
    for kind in ("AWS::EC2::NatGateway", "AWS::EC2::EIP", ROUTE):
        assert not dev().of_type(kind)


def test_there_is_one_nat_gateway_in_a_public_subnet_with_an_address_of_its_own() -> None:
    gateway = prod().properties("AWS::EC2::NatGateway")
    address, _ = prod().one("AWS::EC2::EIP")
    assert gateway["AllocationId"] == {"Fn::GetAtt": [address, "AllocationId"]}
    assert "publicSubnet1" in json.dumps(gateway["SubnetId"])


def test_each_app_subnet_has_a_default_route_to_the_gateway() -> None:
    gateway, _ = prod().one("AWS::EC2::NatGateway")
    routes = [route["Properties"] for route in prod().of_type(ROUTE).values()]
    assert len(routes) == len(prod().settings.network.availability_zones)
    assert all(route["NatGatewayId"] == {"Fn::GetAtt": [gateway, "NatGatewayId"]} for route in routes)
    assert all(route["DestinationCidrBlock"] == "0.0.0.0/0" for route in routes)
    tables = {json.dumps(route["RouteTableId"]) for route in routes}
    assert len(tables) == len(routes)
    assert all("appSubnet" in table for table in tables)


def network_of(compute: ComputeTemplates) -> dict[str, object]:
    service = compute.properties("AWS::ECS::Service")
    return dict(service["NetworkConfiguration"]["AwsvpcConfiguration"])


def test_tasks_stand_in_public_subnets_only_where_they_have_public_addresses() -> None:
    public, private = network_of(dev()), network_of(prod())
    assert public["AssignPublicIp"] == "ENABLED"
    assert json.dumps(public["Subnets"]).count("publicSubnet") == 2
    assert private["AssignPublicIp"] == "DISABLED"
    assert json.dumps(private["Subnets"]).count("appSubnet") == 2


def test_the_service_waits_for_its_way_out() -> None:
    _, service = prod().one("AWS::ECS::Service")
    assert set(prod().of_type(ROUTE)) <= set(service["DependsOn"])


@every_variant
def test_codedeploy_controls_it_and_ecs_does_not(variant: Variant) -> None:
    service = variant().properties(SERVICE)
    assert service["DeploymentController"] == {"Type": "CODE_DEPLOY"}
    assert set(service["DeploymentConfiguration"]) == {"MinimumHealthyPercent", "MaximumPercent"}
    assert service["AvailabilityZoneRebalancing"] == "DISABLED"


@every_variant
def test_it_names_the_task_family_without_a_revision(variant: Variant) -> None:
    compute = variant()
    assert compute.properties(SERVICE)["TaskDefinition"] == compute.names.task_family


@every_variant
def test_nothing_of_it_follows_the_release(variant: Variant) -> None:
    compute = variant()
    frozen = [compute.of_type(kind) for kind in FROZEN]
    assert all(frozen)
    assert "resolve:ssm" not in json.dumps(frozen)
    task, _ = compute.one("AWS::ECS::TaskDefinition")
    assert f'"Ref": "{task}"' not in json.dumps([properties(found) for found in frozen])


FROZEN = (SERVICE, "AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::TargetGroup")


def properties(resources: dict[str, Resource]) -> list[Resource]:
    return [resource["Properties"] for resource in resources.values()]


@every_variant
def test_it_waits_for_listeners_permissions_and_capacity(variant: Variant) -> None:
    compute = variant()
    needed = {
        *compute.of_type("AWS::ElasticLoadBalancingV2::Listener"),
        *compute.of_type("AWS::ECS::ClusterCapacityProviderAssociations"),
        *compute.of_type("AWS::ECS::TaskDefinition"),
        *(key for key in compute.of_type("AWS::IAM::Policy") if key.startswith("Roles")),
    }
    assert needed <= set(compute.one(SERVICE)[1]["DependsOn"])


def test_requests_reach_the_container_through_blue() -> None:
    blue, _ = dev().one("AWS::ElasticLoadBalancingV2::TargetGroup", Name=dev().names.blue_target_group)
    assert dev().properties(SERVICE)["LoadBalancers"] == [
        {
            "ContainerName": dev().names.container,
            "ContainerPort": dev().settings.service.port,
            "TargetGroupArn": {"Ref": blue},
        }
    ]


def test_tasks_are_in_the_services_group_and_carry_its_tags() -> None:
    service = dev().properties(SERVICE)
    (group,) = service["NetworkConfiguration"]["AwsvpcConfiguration"]["SecurityGroups"]
    assert "SecurityGroupsService" in json.dumps(group)
    assert service["PropagateTags"] == "SERVICE"
    tags = {tag["Key"]: tag["Value"] for tag in service["Tags"]}
    assert {"Project": "nestjs-hannibal-3", "Environment": "dev", "Lifecycle": "ephemeral"}.items() <= tags.items()


def test_count_and_grace_follow_the_settings() -> None:
    assert dev().properties(SERVICE)["DesiredCount"] == 1
    assert prod().properties(SERVICE)["DesiredCount"] == 2
    assert prod().properties(SERVICE)["HealthCheckGracePeriodSeconds"] == prod().settings.service.start_grace_seconds


def test_service_and_releases_run_on_the_same_capacity() -> None:
    for compute, provider in ((dev(), "FARGATE"), (secured(), "FARGATE_SPOT")):
        wanted = [{"CapacityProvider": provider, "Weight": 1}]
        association = compute.properties("AWS::ECS::ClusterCapacityProviderAssociations")
        assert compute.properties(SERVICE)["CapacityProviderStrategy"] == wanted
        assert association["DefaultCapacityProviderStrategy"] == wanted


def test_shells_are_recorded_where_they_are_allowed() -> None:
    execute = dev().properties(CLUSTER)["Configuration"]["ExecuteCommandConfiguration"]
    assert execute["Logging"] == "OVERRIDE"
    assert execute["LogConfiguration"] == {"CloudWatchLogGroupName": dev().names.service_log_group}
    assert dev().properties(SERVICE)["EnableExecuteCommand"] is True
    assert "Configuration" not in prod().properties(CLUSTER)
    assert prod().properties(SERVICE)["EnableExecuteCommand"] is False


def test_container_insights_follow_the_settings() -> None:
    for compute, value in ((dev(), "disabled"), (prod(), "enhanced")):
        assert compute.properties(CLUSTER)["ClusterSettings"] == [{"Name": "containerInsights", "Value": value}]


def actions_and_resources(statements: list[Resource]) -> dict[str, str]:
    """Resource by action, as text."""
    found = {}
    for statement in statements:
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            found[action] = json.dumps(statement["Resource"])
    return found


def test_the_execution_role_starts_tasks_and_nothing_else() -> None:
    found = actions_and_resources(dev().policy(dev().names.execution_role))
    expected = {
        "ecr:GetAuthorizationToken": '"*"',
        "ecr:BatchCheckLayerAvailability": "Repository",
        "ecr:BatchGetImage": "Repository",
        "ecr:GetDownloadUrlForLayer": "Repository",
        "logs:CreateLogStream": "ServiceLogs",
        "logs:PutLogEvents": "ServiceLogs",
        "secretsmanager:GetSecretValue": "ConnectionUrl",
        "ssm:GetParameters": ":parameter/hannibal/frontend/url",
    }
    assert set(found) == set(expected)
    assert all(expected[action] in resource for action, resource in found.items())


def test_the_api_may_do_nothing_in_aws_but_carry_a_shell() -> None:
    assert prod().policy(prod().names.task_role) == []
    found = actions_and_resources(dev().policy(dev().names.task_role))
    assert {action.split(":")[0] for action in found} == {"ssmmessages", "logs"}
    assert dev().names.service_log_group in found["logs:PutLogEvents"]


@every_variant
def test_every_role_is_bounded(variant: Variant) -> None:
    compute = variant()
    roles = properties(compute.of_type("AWS::IAM::Role"))
    # Task, execution, CodeDeploy and the function that verifies a release; the synthetic check where it is on.
    assert len(roles) == 4 + (compute.settings.synthetic_check is not None)
    assert all(f":policy/{compute.names.ecs_boundary}" in json.dumps(role["PermissionsBoundary"]) for role in roles)
