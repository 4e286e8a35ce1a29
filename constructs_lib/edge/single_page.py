"""The single-page fallback."""

from pathlib import Path

from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

CODE_FILE = Path(__file__).with_name("single_page.js")


class SinglePageFallback(cloudfront.Function):
    """Serves index.html for every path that names no file, before the cache is asked."""

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(
            scope,
            construct_id,
            comment="Pages of the application are drawn by index.html",
            code=cloudfront.FunctionCode.from_file(file_path=str(CODE_FILE)),
            runtime=cloudfront.FunctionRuntime.JS_2_0,
        )
