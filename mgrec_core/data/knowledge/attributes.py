"""Triples from attribute values, years and series of titles.

Three rules, each written into the column ``source`` of the triples it makes:

``attribute``
    (item, ``has_<attribute>``, value) for attributes that are categories: values that items share.
``decade``
    (item, ``from_decade``, "1990s") from an attribute that holds years, else from a year in
    brackets at the end of the title.
``franchise``
    (item, ``part_of_franchise``, series), see :mod:`mgrec_core.data.knowledge.franchises`.

An entity with one item carries no knowledge, nor does one that every item has: both are dropped.
"""

from __future__ import annotations

import duckdb

from mgrec_core.data.knowledge.found import keep
from mgrec_core.data.knowledge.franchises import find_franchises

#: Values longer than this are prose.
LONGEST_VALUE = 80
#: Share of an attribute's items that must have a value in common with another item; below it the
#: attribute is a name or a text, and equal values are chance.
LEAST_SHARED = 0.2

_VALUES = f"""
CREATE OR REPLACE TEMP TABLE derived_values AS
SELECT DISTINCT
    item_id, attribute, trim(value) AS label, lower(nfc_normalize(trim(value))) AS key,
    trim(regexp_replace(lower(attribute), '[^\\pL\\pN]+', '_', 'g'), '_') AS name,
    role IN ('number', 'date') AS measured,
    try_cast(regexp_extract(value, '^\\s*((?:1[5-9]|20)\\d\\d)(?:\\D|$)', 1) AS INTEGER) AS year
FROM item_attributes JOIN columns ON owner = 'item' AND columns.name = attribute
-- A date says the decade; it is no category.
WHERE role IN ('attribute', 'list', 'number', 'date') AND trim(value) <> ''
AND length(value) <= {LONGEST_VALUE};

-- What kind each attribute is.
CREATE OR REPLACE TEMP TABLE derived_kinds AS
SELECT
    attribute,
    regexp_matches(lower(attribute), 'year|releas|publi|premier') AND count(year) >= 0.9 * count(*) AS years,
    bool_or(measured) AS quantity
FROM derived_values GROUP BY attribute;
"""

_TRIPLES = f"""
CREATE OR REPLACE TEMP TABLE derived_triples AS
WITH shared AS (
    SELECT *, count(DISTINCT item_id) OVER (PARTITION BY attribute, key) > 1 AS is_shared
    FROM derived_values JOIN derived_kinds USING (attribute) WHERE NOT years AND NOT quantity
), categories AS (
    SELECT attribute FROM shared GROUP BY attribute
    HAVING count(DISTINCT item_id) FILTER (is_shared) >= {LEAST_SHARED} * count(DISTINCT item_id)
), spellings AS (
    -- "comedy" and "Comedy" are one entity, named as most items name it.
    SELECT name, key, arg_max(label, (n, label)) AS label
    FROM (SELECT name, key, label, count(*) AS n FROM shared GROUP BY ALL) GROUP BY name, key
), years AS (
    SELECT i.item_id, coalesce(
        min(v.year), try_cast(regexp_extract(any_value(i.title), '\\((\\d{{4}})\\)\\s*$', 1) AS INTEGER)
    ) // 10 * 10 AS decade
    FROM items i LEFT JOIN (
        SELECT item_id, year FROM derived_values JOIN derived_kinds USING (attribute) WHERE years
    ) v USING (item_id)
    GROUP BY i.item_id
)
SELECT DISTINCT
    item_id, 'has_' || name AS relation, name || ':' || key AS entity, spellings.label,
    'attribute' AS rule, 1.0 AS confidence
FROM shared JOIN categories USING (attribute) JOIN spellings USING (name, key) WHERE name <> ''
UNION ALL
SELECT item_id, 'from_decade', printf('decade:%ds', decade), printf('%ds', decade), 'decade', 1.0
FROM years WHERE decade IS NOT NULL
UNION ALL
SELECT item_id, 'part_of_franchise', 'franchise:' || key, label, 'franchise', 1.0 FROM derived_franchises;
"""

_INSERT = """
INSERT INTO {target}
SELECT item_id, relation, entity, label, rule, confidence FROM (
    SELECT *, count(DISTINCT item_id) OVER (PARTITION BY relation, entity) AS n FROM derived_triples
) WHERE n > 1 AND n < (SELECT count(*) FROM items)
ORDER BY item_id, relation, entity
"""


def derive(connection: duckdb.DuckDBPyConnection, target: str) -> None:
    """Add the triples of ``items`` and ``item_attributes`` to a table like ``kg``.

    The same tables give the same rows in the same order.
    """
    titles = connection.execute(
        "SELECT item_id, title FROM items WHERE title IS NOT NULL ORDER BY item_id"
    ).fetchall()
    text = dict.fromkeys(("item_id", "key", "label"), "VARCHAR")
    try:
        keep(connection, "derived_franchises", find_franchises(titles), **text)
        connection.execute(_VALUES)
        connection.execute(_TRIPLES)
        connection.execute(_INSERT.format(target=target))
    finally:
        for table in ("derived_franchises", "derived_values", "derived_kinds", "derived_triples"):
            connection.execute(f"DROP TABLE IF EXISTS {table}")
