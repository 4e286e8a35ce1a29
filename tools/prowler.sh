#!/usr/bin/env bash
# Looks at the running system with prowler: `tools/prowler.sh [FOLDER]`, after `make up` or with AWS_ENDPOINT_URL set.
# It is not among the locked tools, because it brings 150 packages and a botocore of its own. It ends with 1 where prowler
# could not read an answer; its findings are weighed in docs/security-findings.md.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
readonly version=5.46.0 folder=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/hannibal-prowler}
readonly services=(athena awslambda cloudformation cloudfront cloudtrail cloudwatch ec2 ecr ecs elbv2 eventbridge glue iam rds s3
  secretsmanager sns ssm vpc)

if [[ ! -x $folder/venv/bin/prowler ]]; then
  echo "installing prowler $version into $folder" >&2
  python3 -m venv "$folder/venv"
  "$folder/venv/bin/pip" install --quiet --disable-pip-version-check "prowler==$version"
fi
[[ -n ${AWS_ENDPOINT_URL:-} ]] || eval "$(.venv/bin/hannibal local env)"

rm -rf "$folder/output" "$folder/prowler.log"
# 3: it has findings.
"$folder/venv/bin/prowler" aws --region "${AWS_REGION:-ap-northeast-1}" --services "${services[@]}" --no-banner \
  --log-level ERROR --log-file "$folder/prowler.log" --output-formats csv --output-directory "$folder/output" || [[ $? == 3 ]]

echo "findings by check:"
"$folder/venv/bin/python" - "$folder/output" <<'PYTHON'
import collections, csv, pathlib, sys

failed = collections.Counter()
for file in pathlib.Path(sys.argv[1]).glob("*.csv"):
    for row in csv.DictReader(file.open(encoding="utf-8"), delimiter=";"):
        failed[row["CHECK_ID"]] += row["STATUS"] == "FAIL"
for check, number in sorted(failed.items()):
    if number:
        print(f"  {number:3} {check}")
PYTHON
echo "what it could not read:"
# An operation that is not emulated is answered with an error, which is no answer that cannot be read.
! grep -E "(Parse|Key|Attribute|Type|Index|Validation|Value)Error" "$folder/prowler.log"
