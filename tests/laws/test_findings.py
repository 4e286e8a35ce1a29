"""Every scanner rule that is skipped has its reason where a reviewer looks for it."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RULE = re.compile(r"\bCKV2?_AWS_\d+\b")


def test_every_skipped_rule_is_explained_and_nothing_else() -> None:
    configuration = (ROOT / ".checkov.yaml").read_text(encoding="utf-8").splitlines()
    page = (ROOT / "docs/security-findings.md").read_text(encoding="utf-8").splitlines()
    skipped = [
        rule for line in configuration if line.startswith("  - ") for rule in RULE.findall(line.partition("#")[0])
    ]
    explained = [rule for line in page if line.startswith("| CKV") for rule in RULE.findall(line.split("|")[1])]
    assert skipped
    assert sorted(explained) == sorted(skipped)
