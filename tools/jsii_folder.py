"""Keeps what jsii unpacks in this environment: ``python -m tools.jsii_folder``.

jsii unpacks the CDK below ``~/.cache``, and refuses that folder where the user's own group may write to it, which
Debian's umask allows. A folder that is named it takes as it is (its ``createPrivateDirectory``). This one is as safe
as the programs beside it.
"""

import sysconfig
from pathlib import Path
from typing import Final

_FILE: Final = "jsii_folder.pth"
# Python runs it at each start, also for an application of another commit and for tests. jsii changes what it unpacked
# at each use: another user than this environment's owner keeps jsii's own folder.
_LINE: Final = (
    "import os, sys; "
    "os.stat(sys.prefix).st_uid == os.geteuid() and os.access(sys.prefix, os.W_OK) and "
    "os.environ.setdefault('JSII_RUNTIME_PACKAGE_CACHE_ROOT', os.path.join(sys.prefix, 'var', 'jsii'))\n"
)


def main() -> None:
    """Have each Python of this environment's owner name the folder, unless the shell names one."""
    Path(sysconfig.get_path("purelib"), _FILE).write_text(_LINE, encoding="utf-8")


if __name__ == "__main__":
    main()
