"""The used parts of the emulator's Athena and Glue, under plain names (see ``EmulatorFunction``)."""

from collections.abc import Awaitable
from typing import Any

from ministack.services import athena, glue

from embedded_aws.core.patching import EmulatorFunction, Response

duckdb_types: dict[str, str] = athena._DUCKDB_TYPE_MAP
executions = athena._executions
named_queries = athena._named_queries
tables = glue._tables
workgroups = athena._workgroups

copy_table_files = EmulatorFunction[list[str]](athena, "_materialize_table_files")
create_named_query = EmulatorFunction[Response](athena, "_create_named_query")
delete_named_query = EmulatorFunction[Response](athena, "_delete_named_query")
empty_relation = EmulatorFunction[str](athena, "_empty_relation")
execute_query = EmulatorFunction[Awaitable[None]](athena, "_execute_query")
get_query_results = EmulatorFunction[Response](athena, "_get_query_results")
json_response = EmulatorFunction[Response](athena, "json_response")
list_query_executions = EmulatorFunction[Response](athena, "_list_query_executions")
rewrite_data_paths = EmulatorFunction[Awaitable[Any]](athena, "_rewrite_data_paths")
run_query = EmulatorFunction[Awaitable[dict[str, Any]]](athena, "_run_duckdb")
save_query_results = EmulatorFunction[Awaitable[None]](athena, "_save_query_results")
start_query_execution = EmulatorFunction[Response](athena, "_start_query_execution")
table_relation = EmulatorFunction[str](athena, "_table_relation")
