"""Every way out of the sandbox that we know of is refused in one sentence, and nothing changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from mgrec_core.foundation.errors import InputError
from mgrec_core.service.query.sandbox import connect, views
from mgrec_core.service.query.statement import check
from mgrec_core.workspace.folder import Workspace

#: ``ESCAPE`` stands for a folder of the test.
REFUSED = [
    # files
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM read_csv_auto('/etc/passwd')",
    "SELECT * FROM read_text('/etc/passwd')",
    "SELECT * FROM read_blob('/etc/passwd')",
    "SELECT * FROM read_json('/etc/passwd')",
    "SELECT * FROM read_parquet('x.parquet')",
    "SELECT * FROM parquet_scan('x.parquet')",
    "SELECT * FROM parquet_metadata('x.parquet')",
    "SELECT * FROM read_duckdb('mgrec.duckdb')",
    "SELECT * FROM glob('/*')",
    "SELECT * FROM sniff_csv('/etc/passwd')",
    "FROM '/etc/passwd'",
    "SELECT * FROM 'file.csv'",
    'SELECT * FROM "file.parquet"',
    "SELECT (SELECT content FROM read_text('/etc/passwd'))",
    "SELECT 1 WHERE EXISTS (FROM read_text('/etc/passwd'))",
    "SELECT * FROM v_users, LATERAL (SELECT * FROM read_text(user_id))",
    "SELECT 1 UNION ALL (SELECT content FROM read_text('/etc/passwd'))",
    "WITH a AS (FROM read_csv('/etc/passwd')) FROM a",
    "WITH a AS (FROM 'x.csv') FROM a",
    'WITH "x.csv" AS (FROM "x.csv") FROM "x.csv"',
    "SELECT * FROM 'https://example.org/x.csv'",
    "SELECT * FROM read_csv('s3://bucket/x')",
    # base tables, other databases and what the catalogue says
    "SELECT * FROM events",
    "SELECT * FROM meta",
    "SELECT * FROM data.main.events",
    "SELECT * FROM data.v_events",
    "SELECT * FROM main.v_events",
    "SELECT * FROM mgrec.events",
    "WITH events AS (SELECT * FROM events) SELECT * FROM events",
    "WITH duckdb_settings AS (FROM duckdb_settings) FROM duckdb_settings",
    "WITH duckdb_settings AS (SELECT 1) FROM duckdb_settings",
    "WITH Events AS (FROM EVENTS) FROM events",
    "WITH a AS (FROM events), events AS (SELECT 1) FROM a",
    "WITH RECURSIVE events AS (FROM events UNION ALL SELECT * FROM events) FROM events",
    "SELECT (WITH events AS (SELECT 1 AS x) SELECT x FROM events), (SELECT count(*) FROM events)",
    "FROM (WITH events AS (SELECT 1) FROM events) a, events",
    "WITH items AS (WITH events AS (SELECT 1) FROM events) FROM events",
    "SELECT 1 UNION (WITH meta AS (SELECT 1) FROM meta) UNION SELECT * FROM meta",
    "WITH data AS (SELECT 1) FROM data.main.events",
    'WITH "a b" AS (SELECT 1) FROM "a b"',
    "SELECT * FROM information_schema.tables",
    "SELECT * FROM sqlite_master",
    "SELECT * FROM duckdb_tables",
    "SELECT * FROM pg_catalog.pg_class",
    "SELECT * FROM duckdb_secrets()",
    "SELECT * FROM duckdb_settings()",
    "SELECT * FROM duckdb_databases()",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM pragma_table_info('v_users')",
    "SELECT * FROM pragma_storage_info('events')",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "DESCRIBE v_events",
    "SUMMARIZE v_events",
    "SELECT * FROM (SHOW DATABASES)",
    # SQL inside SQL
    "SELECT * FROM query('SELECT 1')",
    "SELECT * FROM query_table('events')",
    "SELECT * FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))",
    "SELECT json_serialize_sql('SELECT 1')",
    "EXECUTE x",
    "PREPARE x AS SELECT 1",
    "DEALLOCATE x",
    # the machine, the session, the environment
    "SELECT getenv('HOME')",
    "SELECT current_setting('temp_directory')",
    "SELECT getvariable('x')",
    "SELECT current_user",
    "SELECT current_database()",
    "SELECT current_query()",
    "SELECT version()",
    "SELECT nextval('s')",
    "SELECT sleep_ms(1)",
    "SELECT pg_sleep(1)",
    "SELECT write_log('x')",
    "SELECT main.getenv('HOME')",
    "SELECT system.main.current_setting('temp_directory')",
    # other statements
    "ATTACH 'ESCAPE/x.duckdb' AS x",
    "DETACH data",
    "USE data",
    "COPY (SELECT 1) TO 'ESCAPE/escape.csv'",
    "COPY v_users FROM '/etc/passwd'",
    "COPY FROM DATABASE data TO memory",
    "EXPORT DATABASE 'ESCAPE/escape'",
    "IMPORT DATABASE 'ESCAPE/escape'",
    "INSTALL httpfs",
    "FORCE INSTALL httpfs FROM 'http://example.org'",
    "LOAD httpfs",
    "UPDATE EXTENSIONS",
    "SET enable_external_access=true",
    "SET lock_configuration=false",
    "SET VARIABLE x = 1",
    "RESET memory_limit",
    "PRAGMA database_list",
    "PRAGMA enable_profiling",
    "CREATE SECRET s (TYPE s3, KEY_ID 'a', SECRET 'b')",
    "CREATE TABLE t (x INT)",
    "CREATE TEMP TABLE t AS SELECT 1",
    "CREATE VIEW v_x AS SELECT 1",
    "CREATE MACRO f(x) AS x",
    "CREATE OR REPLACE FUNCTION v_users() AS TABLE SELECT 1",
    "INSERT INTO v_users VALUES ('x')",
    "UPDATE data.main.events SET weight = 0",
    "DELETE FROM data.main.events",
    "DROP VIEW v_users",
    "TRUNCATE data.main.events",
    "ALTER TABLE data.main.events ADD COLUMN x INT",
    "WITH a AS (DELETE FROM data.main.events RETURNING *) SELECT * FROM a",
    "WITH a AS (INSERT INTO data.main.users VALUES ('x') RETURNING *) SELECT * FROM a",
    "CALL pragma_version()",
    "CHECKPOINT",
    "FORCE CHECKPOINT",
    "VACUUM",
    "ANALYZE",
    "BEGIN",
    "COMMIT",
    "EXPLAIN ANALYZE SELECT 1",
    "COMMENT ON TABLE data.main.events IS 'x'",
    # the same from within: subqueries, lambdas, methods, windows, limits, look-alikes
    "FROM v_users, (FROM 'file.csv')",
    "SELECT * FROM v_users WHERE user_id IN (FROM read_text('/etc/passwd'))",
    "SELECT * FROM v_users TABLESAMPLE reservoir(10 ROWS), LATERAL glob('*')",
    "FROM query_table(['v_users', 'events'])",
    "TABLE events",
    "SELECT 'HOME'.getenv()",
    "SELECT GETENV/**/('HOME')",
    "SELECT \uff47etenv('HOME')",
    "SELECT list_transform(['HOME'], lambda x: getenv(x))",
    "SELECT apply(['/etc/passwd'], x -> read_text(x))",
    "SELECT 1 ORDER BY (SELECT getenv('HOME'))",
    "SELECT 1 LIMIT getvariable('x')",
    "SELECT sum(1) OVER (PARTITION BY getenv('HOME')) FROM v_users",
    "SELECT * REPLACE (getenv('HOME') AS n_items) FROM v_users",
    "MERGE INTO v_users USING v_users ON true WHEN MATCHED THEN DELETE",
    "SELECT 1 INTO OUTFILE 'x'",
    "SELECT * FROM sqlite_scan('a', 'b')",
    "SELECT * FROM postgres_scan('a', 'b', 'c')",
    "SELECT * FROM pandas_scan(1)",
    "SELECT * FROM read_ndjson('x.json')",
    "SELECT * FROM enable_logging()",
    "CALL enable_logging('QueryLog')",
    "SELECT * FROM which_secret('x', 's3')",
    "SELECT * FROM people",
    "SELECT 1;\u00a0DROP VIEW v_users",
    # several statements, and none
    "SELECT 1; SELECT 2",
    "SELECT 1; DROP VIEW v_users",
    "SELECT 1 /* ; */; ATTACH 'x'",
    "SELECT 1 -- ok\n; SET threads=1",
    "",
    "   ;;  ",
    "-- nothing",
    "/* nothing */",
    "SELECT 1\0; SELECT 2",
    "SELECT 'x" + "x" * 10_001 + "'",
    "SELEC 1",
    "SELECT * FROM v_users WHERE",
    "SELECT 'never ends",
    "SELECT " + "(" * 4_000 + "1" + ")" * 4_000,
]


@pytest.fixture(scope="module")
def sandbox(built_world: Workspace) -> Iterator[duckdb.DuckDBPyConnection]:
    connection = connect(built_world, "256MB")
    yield connection
    connection.close()


@pytest.mark.parametrize("sql", REFUSED, ids=lambda sql: sql[:50])
def test_it_is_refused_in_one_sentence(sandbox: duckdb.DuckDBPyConnection, sql: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as raised:
        check(sandbox, sql.replace("ESCAPE", str(tmp_path)), frozenset(views(sandbox)))
    said = str(raised.value)
    assert said and "\n" not in said.splitlines()[0] and len(said) < 500


ESCAPES = [
    "SELECT * FROM read_text('/etc/passwd')",
    "FROM '/etc/passwd'",
    "COPY (SELECT 1) TO 'ESCAPE/escape.csv'",
    "ATTACH 'ESCAPE/escape.duckdb' AS x",
    "INSTALL httpfs",
    "SET enable_external_access=true",
    "SET memory_limit='99GB'",
    "DELETE FROM data.main.events",
    "CREATE TABLE data.main.t (x INT)",
]


@pytest.mark.parametrize("sql", ESCAPES)
def test_duckdb_refuses_it_too_where_the_check_is_left_out(
    sandbox: duckdb.DuckDBPyConnection, sql: str, tmp_path: Path
) -> None:
    with pytest.raises(duckdb.Error):
        sandbox.execute(sql.replace("ESCAPE", str(tmp_path))).fetchall()
    assert not any(tmp_path.iterdir())


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT user_id, count(*) AS n FROM v_events GROUP BY ALL ORDER BY n DESC LIMIT 3;",
        "FROM v_users",
        "VALUES (1), (2)",
        "WITH a AS (FROM v_tags), b AS (FROM a) SELECT * FROM b -- done",
        "WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM r WHERE x < 5) SELECT sum(x) FROM r",
        "SELECT *, rank() OVER (ORDER BY amount) FROM v_events QUALIFY ntile(2) OVER () = 1",
        "SELECT list_transform([1], lambda x: x + 1), {'a': 1}.a, unnest([1, 2]), now() > DATE '2020-1-1'",
        "SELECT date_trunc('month', timestamp) AS month, median(amount) FROM v_events GROUP BY 1",
        "SELECT a.value, u.n_items FROM v_users u JOIN v_user_attributes a USING (user_id)",
        "SELECT CASE WHEN title LIKE '%tea%' THEN 'tea' ELSE lower(title) END FROM v_items",
        "SELECT * FROM range(3) r(x), generate_series(1, 2)",
        "PIVOT v_events ON event IN ('click', 'purchase') USING count(*) GROUP BY user_id",
        "WITH items AS (FROM v_items WHERE n_users > 1), users AS (FROM v_users) "
        "SELECT count(*) FROM items, users, (WITH tags AS (FROM items) FROM tags)",
        "WITH v_users AS (SELECT user_id FROM v_users) SELECT * FROM v_users",
        "WITH RECURSIVE events AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM events WHERE x < 3) FROM events",
        "WITH events AS MATERIALIZED (FROM v_events) FROM events UNION ALL FROM events",
        "FROM v_events PIVOT (count(*) FOR event IN ('click', 'purchase') GROUP BY user_id)",
        "WITH p AS (PIVOT v_events ON event IN ('click') USING sum(amount) GROUP BY item_id) FROM p",
        "UNPIVOT (SELECT user_id, n_items, n_events FROM v_users) ON n_items, n_events INTO NAME x VALUE n",
        "SELECT DISTINCT ON (user_id) user_id, item_id FROM v_events ORDER BY user_id, timestamp",
        "SELECT COLUMNS('n_.*'), * EXCLUDE (user_id) FROM v_users USING SAMPLE 3 ROWS",
        "SELECT [x * 2 FOR x IN [1, 2] IF x > 1], TRY(1 / 0), 'a' IS DISTINCT FROM 'b', current_timestamp",
        "SELECT * FROM v_users u ASOF JOIN v_pairs p ON u.user_id = p.user_id AND u.last_time >= p.last_time",
        "SELECT user_id, grouping(user_id), count(*) FROM v_events GROUP BY ROLLUP (user_id, item_id)",
        "SELECT count(*) FILTER (rating IS NULL), regexp_extract('a1', '\\d'), 'a' || 'b' FROM v_events",
    ],
)
def test_what_analysts_ask_is_not_refused(sandbox: duckdb.DuckDBPyConnection, sql: str) -> None:
    check(sandbox, sql, frozenset(views(sandbox)))
    sandbox.execute(sql).fetchall()


@pytest.mark.parametrize(
    "sql",
    [
        "PIVOT v_events ON event USING count(*)",
        "from (pivot v_events on event using count(*))",
        "WITH p AS (PIVOT v_events ON event USING count(*)) FROM p",
    ],
)
def test_a_pivot_without_its_values_is_told_what_it_lacks(
    sandbox: duckdb.DuckDBPyConnection, sql: str
) -> None:
    with pytest.raises(InputError, match="PIVOT needs its values here"):
        check(sandbox, sql, frozenset(views(sandbox)))


@pytest.mark.parametrize("table", ["events", "items", "users", "meta"])
def test_a_bare_name_reaches_no_table_of_the_workspace(
    sandbox: duckdb.DuckDBPyConnection, table: str
) -> None:
    """What a common table expression is called is free because of this."""
    with pytest.raises(duckdb.CatalogException):
        sandbox.execute(f"SELECT * FROM {table}")


def test_the_views_that_it_reads_are_told(sandbox: duckdb.DuckDBPyConnection) -> None:
    sql = "WITH users AS (FROM V_Users), v_tags AS (SELECT 1) FROM users, v_tags, (FROM v_items)"
    assert check(sandbox, sql, frozenset(views(sandbox))) == {"v_users", "v_items"}


def test_an_error_says_where_it_is(sandbox: duckdb.DuckDBPyConnection) -> None:
    for sql, place in (
        ("SELECT 'é',\n  getenv('HOME')", "(line 2, column 3)"),
        ("SELECT *\nFROM v_users, events", "(line 2, column 15)"),
        ("SELECT 'é' FRM v_users", "(line 1, column 16)"),
    ):
        with pytest.raises(InputError) as raised:
            check(sandbox, sql, frozenset(views(sandbox)))
        assert str(raised.value).endswith(place)
