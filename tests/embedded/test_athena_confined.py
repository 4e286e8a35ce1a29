"""A query of Athena reads its tables and no file of this machine, writes none, and loads nothing from elsewhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.embedded.audit_database import Athena
from tests.support.embedded.server import EmbeddedAws

pytestmark = pytest.mark.embedded
SECRET = "a-secret-of-this-machine"


@pytest.fixture(scope="module")
def secret(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("home") / "secret.csv"
    file.write_text(f"word\n{SECRET}\n")
    return file


@pytest.fixture(scope="module")
def athena(embedded_aws: EmbeddedAws) -> Iterator[Athena]:
    session = embedded_aws.session()
    s3 = session.client("s3")
    for bucket in ("confined-data", "confined-others", "confined-results"):
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})
    s3.put_object(Bucket="confined-data", Key="words/file.csv", Body=b"one\ntwo\n")
    s3.put_object(Bucket="confined-others", Key="file.csv", Body=f"{SECRET}\n".encode())
    glue = session.client("glue")
    glue.create_database(DatabaseInput={"Name": "confined"})
    storage = {
        "Columns": [{"Name": "word", "Type": "string"}],
        "Location": "s3://confined-data/words/",
        "InputFormat": "org.apache.hadoop.mapred.TextInputFormat",
        "OutputFormat": "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        "SerdeInfo": {"SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde"},
    }
    glue.create_table(DatabaseName="confined", TableInput={"Name": "words", "StorageDescriptor": storage})  # type: ignore[typeddict-item]
    client = Athena(session)
    client.client.create_work_group(
        Name="confined", Configuration={"ResultConfiguration": {"OutputLocation": "s3://confined-results/"}}
    )
    yield client
    client.client.delete_work_group(WorkGroup="confined", RecursiveDeleteOption=True)


def outcome(athena: Athena, sql: str) -> tuple[str, str]:
    """How a query ended, and all that it told."""
    execution = athena.execute(sql, workgroup="confined", database="confined")
    query = execution["QueryExecutionId"]
    state = execution["Status"]["State"]
    told = str(execution["Status"].get("StateChangeReason", ""))
    if state == "SUCCEEDED":
        told += str(athena.client.get_query_results(QueryExecutionId=query)["ResultSet"])
    return state, told


def test_tables_are_read(athena: Athena) -> None:
    state, told = outcome(athena, "SELECT word FROM words ORDER BY word")

    assert (state, "one" in told, "two" in told) == ("SUCCEEDED", True, True)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('{file}')",
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM read_blob('{file}')",
        "SELECT * FROM '{file}'",
        'SELECT * FROM "{file}"',
        "SELECT * FROM glob('{folder}/*')",
        "SELECT word, (SELECT content FROM read_text('{file}')) FROM words",
        "SELECT word FROM words WHERE word < (SELECT content FROM read_text('{file}'))",
        "SELECT word FROM words WHERE EXISTS (SELECT 1 FROM read_text('{file}') WHERE content LIKE 'word%')",
        "WITH a AS (SELECT * FROM read_csv('{file}')) SELECT * FROM a",
        "SELECT * FROM words UNION ALL SELECT word FROM read_csv('{file}')",
        "SELECT * FROM read_text('s3://confined-others/file.csv')",
        "SELECT * FROM read_csv('s3://confined-others/*.csv')",
        "SET enable_external_access = true; SELECT * FROM read_text('{file}')",
        "SET allowed_directories = ['/']; SELECT * FROM read_text('{file}')",
        "RESET lock_configuration; SELECT * FROM read_text('{file}')",
        "ATTACH '{folder}/other.db' AS other",
        "COPY (SELECT 1) TO '{folder}/written.csv'",
        "COPY words TO '{folder}/written.csv'",
        "CREATE TABLE t AS SELECT * FROM read_csv('{file}')",
        "EXPORT DATABASE '{folder}/exported'",
        "INSTALL httpfs",
        "LOAD '{folder}/extension.duckdb_extension'",
        "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')",
    ],
)
def test_files_of_this_machine_are_neither_read_nor_written(athena: Athena, secret: Path, sql: str) -> None:
    before = sorted(secret.parent.iterdir())

    state, told = outcome(athena, sql.format(file=secret, folder=secret.parent))

    assert SECRET not in told
    assert state == "FAILED"
    assert sorted(secret.parent.iterdir()) == before
