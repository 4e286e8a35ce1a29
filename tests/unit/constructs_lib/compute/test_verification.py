"""The function that looks at a release before its users do, as the templates place it."""

from installation.names import VERIFICATION_LOG_OUTPUT, VERIFICATION_OUTPUT
from tests.support.compute_stack import ComputeTemplates, Resource, dev, secured

FUNCTION = "AWS::Lambda::Function"


def test_it_asks_the_test_listener_as_settings_say() -> None:
    variables = dev().properties(FUNCTION)["Environment"]["Variables"]
    balancer, _ = dev().one("AWS::ElasticLoadBalancingV2::LoadBalancer")
    assert variables["LOAD_BALANCER"] == {"Fn::GetAtt": [balancer, "LoadBalancerFullName"]}
    assert variables["HOST"] == {"Fn::GetAtt": [balancer, "DNSName"]}
    assert {name: variables[name] for name in ("PATH_ASKED", "PORT", "SECONDS", "STATUS", "TLS")} == {
        "PATH_ASKED": "/health",
        "PORT": "9000",
        "SECONDS": "2",
        "STATUS": "200",
        "TLS": "false",
    }


def test_with_a_certificate_it_checks_the_domains_name() -> None:
    variables = secured().properties(FUNCTION)["Environment"]["Variables"]
    assert (variables["TLS"], variables["HOST"]) == ("true", "hannibal.example.com")


def test_it_stands_outside_the_vpc_from_where_it_reaches_code_deploy() -> None:
    assert "VpcConfig" not in dev().properties(FUNCTION)


def test_the_function_may_find_the_load_balancer_ask_and_answer() -> None:
    found = _statements()
    assert found["FindLoadBalancer"]["Action"] == "ec2:DescribeNetworkInterfaces"
    assert found["Ask"]["Action"] == "lambda:InvokeFunction"
    assert "*" not in str(found["Ask"]["Resource"])
    assert found["Answer"]["Action"] == "codedeploy:PutLifecycleEventHookExecutionStatus"
    group = f"deploymentgroup:{dev().names.codedeploy_application}/{dev().names.codedeploy_group}"
    assert found["Answer"]["Resource"]["Fn::Join"][1][-1].endswith(group)


def _statements() -> dict[str, Resource]:
    role = next(key for key in dev().of_type("AWS::IAM::Role") if key.startswith("Verification"))
    (policy,) = dev().of_type("AWS::IAM::Role")[role]["Properties"]["Policies"]
    return {statement["Sid"]: statement for statement in policy["PolicyDocument"]["Statement"] if "Sid" in statement}


def test_code_deploy_may_call_it_and_no_other() -> None:
    function, _ = dev().one(FUNCTION)
    (verify,) = (s for s in dev().policy(dev().names.codedeploy_role) if s["Sid"] == "Verify")
    assert verify["Resource"] == {"Fn::GetAtt": [function, "Arn"]}


def test_its_name_is_printed_for_releases_and_its_log_group_for_people() -> None:
    function, resource = dev().one(FUNCTION)
    outputs = dev().json["Outputs"]
    assert outputs[VERIFICATION_OUTPUT]["Value"] == {"Ref": function}
    assert outputs[VERIFICATION_LOG_OUTPUT]["Value"] == resource["Properties"]["LoggingConfig"]["LogGroup"]


def test_without_a_path_there_is_no_verification() -> None:
    without = ComputeTemplates("dev", release={"verify_path": None})
    assert not without.of_type(FUNCTION)
    assert not {VERIFICATION_OUTPUT, VERIFICATION_LOG_OUTPUT} & set(without.json["Outputs"])
    assert "Verify" not in {statement["Sid"] for statement in without.policy(without.names.codedeploy_role)}
