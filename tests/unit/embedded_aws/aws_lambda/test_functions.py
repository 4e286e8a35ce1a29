"""The variables of a function."""

from pathlib import Path

from embedded_aws.aws_lambda.functions import function_environment


def test_function_gets_its_own_variables_and_none_of_the_server() -> None:
    server = {"PATH": "/bin", "AUTH": "false", "STATE_DIR": "/state", "AWS_REGION": "ap-northeast-1"}
    given = {**server, "AUTH": "own", "STAGE": "dev", "AWS_LAMBDA_FUNCTION_NAME": "probe"}
    config = {"FunctionName": "probe", "Handler": "index.handler", "Runtime": "python3.12"}

    variables = function_environment(given, server=server, config=config, runtime_folder=Path("/runtime"))

    assert variables["AUTH"] == "own", "a variable of the function may have the name of one of the server's"
    assert variables["STAGE"] == "dev"
    assert "STATE_DIR" not in variables
    assert variables["PATH"] == "/bin"
    assert variables["PYTHONPATH"] == "/runtime"
    assert variables["_HANDLER"] == "index.handler"
    assert variables["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.12"
