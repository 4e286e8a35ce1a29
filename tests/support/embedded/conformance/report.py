"""Prints differences between recorded answers and botocore's models: ``python -m … FOLDER`` reads all files in it."""

import sys
from collections import Counter
from pathlib import Path

from tests.support.embedded.conformance.answers import Difference, differences
from tests.support.embedded.conformance.operations import read
from tests.support.embedded.conformance.watching import explained


def main() -> None:
    found: Counter[Difference] = Counter()
    answers = 0
    for folder in sys.argv[1:]:
        for file in Path(folder).rglob("answers.jsonl"):
            for line in file.read_text(encoding="utf-8").splitlines():
                answers += 1
                found.update(differences(read(line)))
    for difference, times in sorted(found.items()):
        known = any(one.explains(difference) for one in explained())
        print(f"{times:5} {'explained' if known else 'UNKNOWN  '} {difference}")
    print(f"{answers} answers, {len(found)} differences")


if __name__ == "__main__":
    main()
