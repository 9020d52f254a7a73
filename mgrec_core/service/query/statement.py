"""What a statement may be: one SELECT over the views, with functions that compute and nothing else.

The text is parsed by DuckDB itself (``json_serialize_sql``) and its tree is compared with lists of
what is allowed, so that a new way to write something is refused until somebody allows it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import duckdb

from mgrec_core.foundation.errors import InputError

LONGEST = 10_000
"""Characters of a statement."""

_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})
# Volatile or about the machine, the session or the database instead of about the data.
_REFUSED = re.compile(
    r"pg_.*|current_(?!date$|time|localtime).*|json_(de)?serialize.*|(get|set|curr|next)va(l|riable)|setseed"
    r"|session_user|user|version|write_log|parse_duckdb_log_message|sleep_ms|stats|txid_current"
    r"|in_search_path|has_.*_privilege|format_pg_type|map_to_pg_oid|vector_type|getenv|error"
)
# What the parser makes of syntax: not in the list of functions.
_SYNTAX = frozenset({"unnest", "struct_extract_at", "row", "list_value", "grouping", "grouping_id", "try"})
_TABLE_KINDS = frozenset(
    {"BASE_TABLE", "SUBQUERY", "JOIN", "TABLE_FUNCTION", "EXPRESSION_LIST", "EMPTY", "EMPTY_FROM", "PIVOT"}
)
_QUERY_KINDS = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
# Words that DuckDB reads as functions where no column has the name.
_VALUES = re.compile(r"current_(user|role|catalog|schema|database)|session_user")
_OTHERS = re.compile(r"(duckdb|pg|pragma|sqlite)_.*")
_ONLY = "only one SELECT over the views can be asked here"
_PIVOT = re.compile(
    r"\s*\(*\s*(pivot|pivot_wider|with|from|select)\b.*\bpivot(_wider)?\b|\s*pivot", re.I | re.S
)


class Refused(InputError):
    """The statement may not run; :attr:`position` is the character where it goes wrong."""

    def __init__(self, sentence: str, sql: str = "", position: int | None = None) -> None:
        where = ""
        if position is not None and 0 <= position <= len(sql):
            before = sql[:position]
            line = before.count("\n") + 1
            where = f" (line {line}, column {position - (before.rfind(chr(10)) + 1) + 1})"
        super().__init__(f"{sentence}{where}")
        self.position = position


def check(connection: duckdb.DuckDBPyConnection, sql: str, views: frozenset[str]) -> frozenset[str]:
    """Refuse everything but one SELECT over some views.

    Returns
    -------
    frozenset
        The views that it reads.

    Raises
    ------
    Refused
        In one sentence, with line and column where they are known.
    """
    if not sql.strip().strip(";").strip():
        raise Refused("the query is empty: write a SELECT over one of the views")
    if len(sql) > LONGEST:
        raise Refused(f"the query has {len(sql):,} characters: at most {LONGEST:,} are read")
    if "\0" in sql:
        raise Refused("the query holds a zero byte: remove it", sql, sql.index("\0"))
    row = connection.execute("SELECT json_serialize_sql(?::VARCHAR)", [sql]).fetchone()
    document = json.loads(row[0]) if row else {}
    if document.get("error"):
        if document.get("error_type") == "parser":
            at = str(document.get("position"))
            raise Refused(
                str(document.get("error_message")),
                sql,
                characters(sql, int(at)) if at.isdigit() else None,
            )
        if _PIVOT.match(sql):  # DuckDB would run two statements: one to find the values, one to count
            raise Refused("PIVOT needs its values here: name them, PIVOT … ON column IN ('a', 'b') USING …")
        raise Refused(f"{_ONLY}: this is another kind of statement")
    statements = document.get("statements", [])
    if not statements:
        raise Refused("the query is empty: write a SELECT over one of the views")
    if len(statements) > 1:
        raise Refused(f"{_ONLY}, and these are {len(statements)} statements")
    tree = statements[0]
    taken = _taken(connection) - views
    known = {
        str(r[0]).lower()
        for r in connection.execute(
            """SELECT function_name FROM duckdb_functions()
               WHERE function_type IN ('scalar', 'aggregate', 'macro', 'window')"""
        ).fetchall()
    } | _SYNTAX
    used: set[str] = set()
    for node, scope in _scoped(tree):
        for name in _named(node):
            if not name.isidentifier():
                raise Refused(
                    f"the common table expression {name[:60]!r} is no plain word: give it another name"
                )
            # Should a name be in scope here and not for DuckDB, it must not mean a table there.
            if name.lower() in taken or _OTHERS.fullmatch(name.lower()):
                raise Refused(
                    f"the name {name[:60]!r} is DuckDB's own: give the common table expression another"
                )
        _check_node(node, sql, views, scope, known)
        if node.get("type") == "BASE_TABLE" and (name := str(node.get("table_name")).lower()) not in scope:
            used.add(name)
    return frozenset(used)


def _taken(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """Tables and views that a bare name may mean: all but those of the workspace, which need a dot."""
    rows = connection.execute(
        """SELECT table_name FROM duckdb_tables() WHERE database_name <> 'data'
           UNION SELECT view_name FROM duckdb_views() WHERE database_name <> 'data'"""
    ).fetchall()
    return {str(row[0]).lower() for row in rows}


def _check_node(
    node: dict[str, Any], sql: str, views: frozenset[str], scope: frozenset[str], known: set[str]
) -> None:
    kind, at = node.get("type"), _place(node, sql)
    if "cte_map" in node and kind not in _QUERY_KINDS:
        raise Refused(f"{_ONLY}: a part of this one writes")
    if kind == "COLUMN_REF":
        name = str((node.get("column_names") or [""])[-1]).lower()
        if _VALUES.fullmatch(name):
            raise Refused(f"{name} is not open here", sql, at)
    if "sample" in node and "alias" in node and "class" not in node and kind not in _TABLE_KINDS:
        raise Refused(f"{_ONLY}: SHOW, DESCRIBE and SUMMARIZE are not among them", sql, at)
    if kind == "BASE_TABLE":
        path = [str(part) for part in (node.get("qualified_name") or {}).get("path", [])]
        name = str(node.get("table_name"))
        plain = not node.get("schema_name") and not node.get("catalog_name") and len(path) <= 1
        if not plain or name.lower() not in views | scope:
            shown = ".".join(path) or name
            raise Refused(f"there is no view {shown[:60]!r} here: {', '.join(sorted(views))}", sql, at)
    elif kind == "TABLE_FUNCTION":
        function = node.get("function") or {}
        name = str(function.get("function_name", "")).lower()
        if name not in _TABLE_FUNCTIONS or function.get("schema") or function.get("catalog"):
            raise Refused(
                f"{name[:60]} cannot be read from here: only views, range, generate_series and unnest",
                sql,
                at,
            )
    elif "function_name" in node:
        name = str(node["function_name"]).lower()
        if name in _TABLE_FUNCTIONS and name not in known:
            return
        if name not in known or _REFUSED.fullmatch(name):
            raise Refused(
                f"the function {name[:60]} is not open here, or there is none of that name", sql, at
            )
        if node.get("schema") or node.get("catalog"):
            raise Refused(f"call {name[:60]} by its bare name", sql, at)


def _scoped(value: Any) -> Iterator[tuple[dict[str, Any], frozenset[str]]]:
    """Every object of the tree and the common table expressions that it sees.

    A stack instead of recursion, since statements nest deeply. A common table expression sees those
    before it and, where it is recursive, in its second part itself: so ``WITH a AS (FROM a)``
    asks for a table, whatever it calls its answer.
    """
    stack: list[tuple[Any, frozenset[str]]] = [(value, frozenset())]
    while stack:
        node, scope = stack.pop()
        if isinstance(node, list):
            stack.extend((one, scope) for one in node)
        if not isinstance(node, dict):
            continue
        for entry in _entries(node):
            stack.append((entry, scope))
            scope |= {str(entry.get("key")).lower()}
        yield node, scope
        own = scope | {str(node["cte_name"]).lower()} if isinstance(node.get("cte_name"), str) else scope
        for key, held in node.items():
            if key != "cte_map":
                stack.append((held, own if key in ("right", "child") else scope))


def _entries(node: dict[str, Any]) -> list[dict[str, Any]]:
    """The common table expressions that a query node declares, in their order."""
    held = node.get("cte_map")
    entries = held.get("map", []) if isinstance(held, dict) else []
    return [entry for entry in entries if isinstance(entry, dict)]


def _named(node: dict[str, Any]) -> list[str]:
    names = [str(entry.get("key")) for entry in _entries(node)]
    return names + ([str(node["cte_name"])] if isinstance(node.get("cte_name"), str) else [])


def _place(node: dict[str, Any], sql: str) -> int | None:
    at = node.get("query_location")
    return characters(sql, at) if isinstance(at, int) and at < 2**32 else None


def characters(sql: str, at: int) -> int:
    """The character at a place that the parser counts in bytes."""
    return len(sql.encode("utf-8", "surrogatepass")[:at].decode("utf-8", "ignore"))
