"""Runs the command so that SIGKILL ends it after a given change: ``python -m … CHANGES -- bootstrap OPTIONS``.

A change is an answered call of AWS whose name does not indicate reading.
"""

import itertools
import os
import signal
import sys
from typing import Any

from botocore.client import BaseClient

from ops.__main__ import main as command
from tests.support.given_configuration import use_given_configuration

READING = ("Describe", "Get", "List", "Head")


def main() -> None:
    use_given_configuration()
    last = int(sys.argv[1])
    numbers = itertools.count(1)
    client: Any = BaseClient
    call = client._make_api_call

    def counted(self: Any, operation: str, arguments: Any) -> Any:
        answer = call(self, operation, arguments)
        if not operation.startswith(READING) and next(numbers) == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer

    client._make_api_call = counted
    sys.argv = ["hannibal", *sys.argv[3:]]
    command()


if __name__ == "__main__":
    main()
