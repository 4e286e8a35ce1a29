"""ComputeStack as a whole: what it prints, and that nothing of it outlives the month."""

import json

from installation.names import COMPUTE_STACK
from tests.support.compute_stack import Variant, dev, every_variant

PRINTED = {
    "LoadBalancerAddress",
    "LoadBalancerArn",
    "OriginHeaderSecret",
    "ProductionListenerArn",
    "TestListenerArn",
    "BlueTargetGroupArn",
    "GreenTargetGroupArn",
    "ClusterName",
    "ServiceName",
    "TaskFamily",
    "ServiceLogGroup",
    "CodeDeployApplication",
    "CodeDeployGroup",
    "DashboardUrl",
    "VerificationFunction",
    "VerificationLogGroup",
}


@every_variant
def test_what_commands_need_is_printed(variant: Variant) -> None:
    outputs = variant().json["Outputs"]
    assert set(outputs) == PRINTED
    assert all(output["Description"] for output in outputs.values())


def test_printed_names_are_those_of_the_resources() -> None:
    outputs, names = dev().json["Outputs"], dev().names
    assert outputs["ClusterName"]["Value"] == dev().properties("AWS::ECS::Cluster")["ClusterName"]
    assert outputs["ServiceName"]["Value"] == dev().properties("AWS::ECS::Service")["ServiceName"]
    assert outputs["ServiceLogGroup"]["Value"] == names.service_log_group
    region = dev().settings.region
    assert outputs["DashboardUrl"]["Value"] == (
        f"https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#dashboards/dashboard/{names.dashboard}"
    )


@every_variant
def test_no_persistent_stack_knows_of_it(variant: Variant) -> None:
    assert COMPUTE_STACK not in json.dumps(variant().persistent)


@every_variant
def test_nothing_of_it_is_retained(variant: Variant) -> None:
    for logical_id, resource in variant().json["Resources"].items():
        assert resource.get("DeletionPolicy", "Delete") == "Delete", logical_id


@every_variant
def test_its_only_code_looks(variant: Variant) -> None:
    """At a release, and where the settings say so at what users see."""
    names, check = variant().names, variant().settings.synthetic_check
    functions = {it["Properties"]["FunctionName"] for it in variant().of_type("AWS::Lambda::Function").values()}
    assert functions == {names.verification_function, *([names.synthetic_check] if check else [])}
