"""Time of synthesizing the whole application, relative to an empty Python CDK application.

Both run in turn, so that a slower or faster machine affects both. The limit is on the ratio.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 9
LIMIT = 2.4  # the current ratio with a margin; decision record 12 explains where the time is spent
EMPTY_APP = """
import aws_cdk as cdk
app = cdk.App()
cdk.CfnWaitConditionHandle(cdk.Stack(app, "EmptyStack"), "Nothing")  # a template must hold one resource
app.synth()
"""


def synthesize(outdir: str, *options: str) -> float:
    """Seconds of one ``cdk synth`` as a whole process, with the settings of cdk.json."""
    command = [str(ROOT / "node_modules/.bin/cdk"), "synth", "--quiet", "--output", outdir, *options]
    start = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)  # noqa: S603 - our own tools
    return time.perf_counter() - start


def main() -> None:
    """Print both medians and their ratio; exit 1 if it is above the limit."""
    with tempfile.TemporaryDirectory() as folder:
        empty = Path(folder) / "empty.py"
        empty.write_text(EMPTY_APP)
        pairs = []
        for round_number in range(ROUNDS + 1):
            pair = (synthesize(f"{folder}/all"), synthesize(f"{folder}/empty", "--app", f"{sys.executable} {empty}"))
            if round_number:  # the first round warms the disk cache and compiles Python
                pairs.append(pair)
    whole, nothing = (statistics.median(times) for times in zip(*pairs, strict=True))
    ratio = statistics.median(a / b for a, b in pairs)
    sys.stdout.write(
        f"all stacks {whole:.2f} s, empty application {nothing:.2f} s, ratio {ratio:.2f} (limit {LIMIT})\n"
    )
    sys.exit(ratio > LIMIT)


if __name__ == "__main__":
    main()
