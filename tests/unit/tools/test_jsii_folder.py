"""The CDK starts for whoever's umask lets the own group write, as Debian's does."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.support.waiting import LIMIT_SECONDS

NAME = "JSII_RUNTIME_PACKAGE_CACHE_ROOT"


def python(code: str, **variables: str) -> str:
    environment = {name: value for name, value in os.environ.items() if name != NAME}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | variables,
        check=True,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
    )
    return done.stdout.strip()


def test_it_starts_where_the_own_group_may_write_to_the_users_cache(tmp_path: Path) -> None:
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache").chmod(0o775)
    assert python("import constructs; print(constructs.Node.PATH_SEP)", HOME=str(tmp_path)) == "/"


@pytest.mark.parametrize("another", ["os.geteuid = lambda: -1", "os.access = lambda *_: False"])
def test_who_cannot_write_there_keeps_jsiis_own_folder(another: str) -> None:
    """Such as a user whose administrator has set up: jsii changes what it unpacked at each use."""
    file = Path(sysconfig.get_path("purelib"), "jsii_folder.pth")
    line = f"exec(open({str(file)!r}).read())"
    code = f"import os; del os.environ['{NAME}']; {another}; {line}; print('{NAME}' in os.environ)"
    assert python(code) == "False"


def test_a_folder_that_the_shell_names_is_taken() -> None:
    assert python(f"import os; print(os.environ['{NAME}'])") == str(Path(sys.prefix, "var/jsii"))
    assert python(f"import os; print(os.environ['{NAME}'])", **{NAME: "/elsewhere"}) == "/elsewhere"
