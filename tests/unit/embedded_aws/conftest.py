"""Prevents the emulator, which tests import without a server, from writing into the folder for temporary files.

One of its services writes a key into ``STATE_DIR`` at import.
"""

import os
import tempfile

_FOLDER = tempfile.TemporaryDirectory(prefix="hannibal-tests-")
os.environ["STATE_DIR"] = _FOLDER.name
