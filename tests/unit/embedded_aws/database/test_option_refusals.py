"""What RDS refuses about the options of an instance."""

import pytest

from embedded_aws.core.refusal import Refusal
from embedded_aws.database import option_refusals

GOOD = {
    "CACertificateIdentifier": "rds-ca-rsa2048-g1",
    "EnableCloudwatchLogsExports.member.1": "postgresql",
    "EnablePerformanceInsights": "true",
    "MonitoringInterval": "60",
    "MonitoringRoleArn": "arn:aws:iam::111122223333:role/monitoring",
    "PerformanceInsightsRetentionPeriod": "7",
    "Port": "5432",
    "PreferredBackupWindow": "18:00-18:30",
    "PreferredMaintenanceWindow": "sun:19:00-Sun:19:30",
    "StorageType": "gp3",
}


def test_good_options_pass() -> None:
    option_refusals.options(GOOD)
    option_refusals.options({})
    option_refusals.options(GOOD | {"MonitoringRoleArn": ""}, record=GOOD)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"VpcSecurityGroupIds.member.1": "sg-missing"}, "InvalidParameterValue"),
        ({"PreferredBackupWindow": "25:00-26:00"}, "InvalidParameterValue"),
        ({"PreferredMaintenanceWindow": "day:00:00-day:01:00"}, "InvalidParameterValue"),
        ({"StorageType": "ssd"}, "InvalidParameterValue"),
        ({"NetworkType": "IPV5"}, "InvalidParameterValue"),
        ({"Port": "80"}, "InvalidParameterValue"),
        ({"MonitoringInterval": "7"}, "InvalidParameterValue"),
        ({"MonitoringRoleArn": ""}, "InvalidParameterCombination"),
        ({"PerformanceInsightsRetentionPeriod": "8"}, "InvalidParameterValue"),
        ({"EnableCloudwatchLogsExports.member.1": "audit"}, "InvalidParameterCombination"),
        ({"CACertificateIdentifier": "rds-ca-2019"}, "CertificateNotFound"),
    ],
)
def test_invalid_options_are_refused(changed: dict[str, str], code: str) -> None:
    with pytest.raises(Refusal) as refused:
        option_refusals.options(GOOD | changed)

    assert refused.value.code == code
