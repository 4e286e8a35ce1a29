"""The versions of PostgreSQL that RDS offers, and their end dates (RDS for PostgreSQL, release notes and calendar).

As of November 2026. The fault `version_withdrawn` removes a version, as RDS does with a minor version about a year
after its release: new instances are refused, and a snapshot of it is upgraded at its restore.
"""

from typing import Any, Final

from embedded_aws.core.faults import Faults
from embedded_aws.core.patching import Original, Response
from embedded_aws.database import emulator
from embedded_aws.database.emulator import Request, flag, invalid_combination, parameter
from embedded_aws.database.refusals import order

_ENGINE: Final = "postgres"
# By major version: the first and the last offered minor version, and the end of standard support.
_MAJORS: Final = {
    14: (18, 24, "2027-02-28"),
    15: (13, 19, "2028-02-29"),
    16: (9, 15, "2029-02-28"),
    17: (5, 11, "2030-02-28"),
    18: (1, 5, "2031-02-28"),
}
_SUPPORT: Final = "open-source-rds-standard-support"


class Versions:
    """The currently offered versions."""

    def __init__(self, faults: Faults) -> None:
        self._faults = faults

    def install(self) -> None:
        """Change and add the operations about versions."""
        emulator.change_action("DescribeDBEngineVersions", self._describe)
        emulator.actions["DescribeDBMajorEngineVersions"] = self._describe_majors

    def offered(self) -> tuple[str, ...]:
        """All versions for new instances, in ascending order."""
        known = (f"{major}.{minor}" for major, (first, last, _) in _MAJORS.items() for minor in range(first, last + 1))
        return tuple(one for one in known if not self._faults.find("version_withdrawn", one))

    def check(self, text: str) -> None:
        """Refuse a version that new instances cannot have; empty and a major version alone mean RDS's default."""
        if text:
            self.of_new_instance(text)

    def of_new_instance(self, text: str) -> str:
        """The version that RDS makes; the newest one here where a request has none or a major version alone."""
        made = [one for one in self.offered() if text in ("", one, one.partition(".")[0])]
        if not made:
            raise invalid_combination(f"Cannot find {f'version {text}' if text else 'a version'} for postgres")
        return made[-1]

    def restored(self, version: str) -> str:
        """The version of an instance that is restored from a snapshot of this version."""
        if version in self.offered():
            return version
        major = version.partition(".")[0]
        newer = (one for one in self.offered() if one.partition(".")[0] == major and order(one) > order(version))
        return next(newer, version)

    def _describe(self, original: Original, request: Request) -> Response:
        if parameter(request, "Engine") != _ENGINE:
            return original(request)
        wanted, family = (parameter(request, name) for name in ("EngineVersion", "DBParameterGroupFamily"))
        known = [one for one in self.offered() if wanted in ("", one, one.partition(".")[0])]
        known = [one for one in known if family in ("", f"{_ENGINE}{one.partition('.')[0]}")]
        if flag(request, "DefaultOnly"):
            known = known[-1:]
        return emulator.answer("DescribeDBEngineVersions", {"DBEngineVersions": [self._fields(one) for one in known]})

    def _fields(self, version: str) -> dict[str, Any]:
        major = version.partition(".")[0]
        targets = [
            {
                "Engine": _ENGINE,
                "EngineVersion": one,
                "AutoUpgrade": False,
                "IsMajorVersionUpgrade": one.partition(".")[0] != major,
            }
            for one in self.offered()
            if order(one) > order(version)
        ]
        return {
            "Engine": _ENGINE,
            "MajorEngineVersion": major,
            "EngineVersion": version,
            "DBParameterGroupFamily": f"{_ENGINE}{major}",
            "DBEngineDescription": "PostgreSQL",
            "DBEngineVersionDescription": f"PostgreSQL {version}-R1",
            "Status": "available",
            "ValidUpgradeTarget": targets,
        }

    def _describe_majors(self, request: Request) -> Response:
        requested = parameter(request, "MajorEngineVersion")
        majors = [
            {
                "Engine": _ENGINE,
                "MajorEngineVersion": str(major),
                "SupportedEngineLifecycles": [
                    {
                        "LifecycleSupportName": _SUPPORT,
                        "LifecycleSupportStartDate": "2020-01-01T00:00:00Z",
                        "LifecycleSupportEndDate": f"{end}T23:59:59.999Z",
                    }
                ],
            }
            for major, (_, _, end) in _MAJORS.items()
            if requested in ("", str(major)) and parameter(request, "Engine") in ("", _ENGINE)
        ]
        return emulator.answer("DescribeDBMajorEngineVersions", {"DBMajorEngineVersions": majors})
