"""The Athena table over CloudTrail's files and the view that people query, as plain data.

The table follows AWS's own definition ("Create the table for CloudTrail logs in Athena using partition
projection" in the Athena guide), with a partition key for the region as well, because a multi-region trail
writes one folder per region. The view gives the columns types, so that times can be compared.

``AuditStack`` writes both into the Glue catalogue. This module knows neither CDK nor boto3, so that the same
view can be used on local files too.
"""

import base64
import json
import re
from dataclasses import dataclass
from typing import Final

from installation.aws_facts.regions import ALL_REGIONS


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a Glue table."""

    name: str  # lower case, as Glue and Athena store it; queries may write it in any case
    hive_type: str  # its type as Glue writes it, such as ``struct<arn:string>``

    @property
    def presto_type(self) -> str:
        """The same type as Athena's engine writes it, such as ``row(arn varchar)``."""
        text = self.hive_type
        for hive, presto in (("struct<", "row("), ("array<", "array("), ("map<", "map("), (">", ")")):
            text = text.replace(hive, presto)
        text = re.sub(r"(\w+):", r'"\1" ', text)
        text = re.sub(r"\bstring\b", "varchar", text)
        return re.sub(r"\btimestamp\b", "timestamp(3)", text)


def _strings(names: str) -> tuple[Column, ...]:
    return tuple(Column(name=name, hive_type="string") for name in names.split())


_USER_IDENTITY: Final = Column(
    name="useridentity",
    hive_type=(
        "struct<type:string,principalid:string,arn:string,accountid:string,invokedby:string,accesskeyid:string,"
        "username:string,sessioncontext:struct<attributes:struct<mfaauthenticated:string,creationdate:string>,"
        "sessionissuer:struct<type:string,principalid:string,arn:string,accountid:string,username:string>,"
        "ec2roledelivery:string,webidfederationdata:struct<federatedprovider:string,attributes:map<string,string>>>>"
    ),
)
_RESOURCES: Final = Column(name="resources", hive_type="array<struct<arn:string,accountid:string,type:string>>")
_TLS_DETAILS: Final = Column(
    name="tlsdetails", hive_type="struct<tlsversion:string,ciphersuite:string,clientprovidedhostheader:string>"
)

# requestparameters, responseelements and additionaleventdata have a different shape for every event, so they stay
# JSON text: read them by json_extract_scalar.
TABLE_COLUMNS: Final = (
    *_strings("eventversion"),
    _USER_IDENTITY,
    *_strings("eventtime eventsource eventname awsregion sourceipaddress useragent errorcode errormessage"),
    *_strings("requestparameters responseelements additionaleventdata requestid eventid readonly"),
    _RESOURCES,
    *_strings("eventtype apiversion managementevent recipientaccountid serviceeventdetails sharedeventid"),
    *_strings("vpcendpointid eventcategory sessioncredentialfromconsole"),
    _TLS_DETAILS,
)
# Athena compares them as text: region = 'us-east-1', day >= '2026/11/01'.
PARTITION_KEYS: Final = _strings("region day")

INPUT_FORMAT: Final = "com.amazon.emr.cloudtrail.CloudTrailInputFormat"
OUTPUT_FORMAT: Final = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
SERDE: Final = "org.apache.hive.hcatalog.data.JsonSerDe"
TABLE_TYPE: Final = "EXTERNAL_TABLE"


def table_location(*, bucket: str, account: str) -> str:
    """The folder that holds one folder per region, as an ``s3://`` address with a slash at its end."""
    return f"s3://{bucket}/AWSLogs/{account}/CloudTrail/"


def table_parameters(*, location: str, retention_days: int) -> dict[str, str]:
    """Glue table parameters: partitions are computed from the query, so no crawler adds them day by day.

    ``location`` holds one folder per region and ends with a slash. The bucket keeps files for ``retention_days``;
    queries never look for older ones.
    """
    return {
        "EXTERNAL": "TRUE",
        "classification": "cloudtrail",
        "projection.enabled": "true",
        "projection.region.type": "enum",
        # A multi-region trail also records an attacker in a region that the account must opt into, and a folder that
        # does not exist costs nothing.
        "projection.region.values": ",".join(ALL_REGIONS),
        "projection.day.type": "date",
        "projection.day.format": "yyyy/MM/dd",
        "projection.day.range": f"NOW-{retention_days}DAYS,NOW",
        "projection.day.interval": "1",
        "projection.day.interval.unit": "DAYS",
        "storage.location.template": location + "${region}/${day}",
    }


VIEW_TYPE: Final = "VIRTUAL_VIEW"
VIEW_PARAMETERS: Final = {"presto_view": "true", "comment": "Presto View"}
VIEW_EXPANDED_TEXT: Final = "/* Presto View */"

# Athena refuses a view that has a time with a zone ("Unsupported Hive type"); CloudTrail's times are UTC,
# and so is Athena's session, so nothing is lost by the cast.
_VIEW_TYPES: Final = {
    "eventtime": ("timestamp", "CAST(from_iso8601_timestamp(eventtime) AS timestamp)"),
    "readonly": ("boolean", "readonly = 'true'"),
    "managementevent": ("boolean", "managementevent = 'true'"),
}
VIEW_COLUMNS: Final = tuple(
    Column(name=column.name, hive_type=_VIEW_TYPES.get(column.name, (column.hive_type, ""))[0])
    for column in (*TABLE_COLUMNS, *PARTITION_KEYS)
)


def view_sql(*, table: str) -> str:
    """The view's query in Athena's SQL, over a table of the same database.

    The partition keys are columns of the view, and a filter on them reaches the table: it reads those days only.
    """
    columns = ",\n  ".join(
        f"{_VIEW_TYPES[column.name][1]} AS {column.name}" if column.name in _VIEW_TYPES else column.name
        for column in VIEW_COLUMNS
    )
    return f"SELECT\n  {columns}\nFROM {table}"


def view_text(*, database: str, table: str) -> str:
    """``ViewOriginalText`` of an Athena view in Glue: its query and columns as encoded JSON.

    Athena reads a view only from there, so a view can be a Glue table with this text.
    """
    definition = {
        "originalSql": view_sql(table=table),
        "catalog": "awsdatacatalog",
        "schema": database,
        "columns": [{"name": column.name, "type": column.presto_type} for column in VIEW_COLUMNS],
    }
    encoded = base64.b64encode(json.dumps(definition).encode()).decode()
    return f"/* Presto View: {encoded} */"
