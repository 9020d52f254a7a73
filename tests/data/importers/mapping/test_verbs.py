"""Each verb of a mapping on a small file."""

from __future__ import annotations

from datetime import datetime

import pytest

from mgrec_core.data.importers.mapping import parse
from mgrec_core.foundation.errors import InputError

PAIR = "columns: {user_id: u, item_id: i}"


def entry(verb: str, columns: str = PAIR, file: str = "a.csv", table: str = "interactions") -> str:
    return f"tables:\n- table: {table}\n  file: {file}\n  {columns}\n  {verb}\n"


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        ("{column: s, equals: PAID}", ["1"]),
        ("{column: s, not: refunded}", ["1", "3", "4"]),
        ("{column: s, in: [paid, refunded]}", ["1", "2"]),
        ("{column: s, not_in: [paid, refunded]}", ["3", "4"]),
        ("{column: n, above: 2}", ["3", "4"]),
        ("{column: n, at_least: 2, below: 10}", ["2", "3"]),
        ("{column: n, at_most: '2'}", ["1", "2"]),
        ("{column: s, contains: fund}", ["2"]),
        ("{column: s, present: false}", ["4"]),
        ("{column: t, at_least: 2024-01-03}", ["3", "4"]),
        ("{column: b, equals: true}", ["2"]),
    ],
)
def test_where(run, condition: str, kept: list[str]) -> None:
    rows = "1,x,paid,1,2024-01-01,no\n2,x,Refunded ,2,2024-01-02,True\n"
    rows += "3,x,open,3,2024-01-03,no\n4,x,,10,2024-01-04,no\n"
    found = run({"a.csv": "u,i,s,n,t,b\n" + rows, "mapping.yaml": entry(f"where: {condition}")})
    assert found.rows("SELECT user_id FROM events ORDER BY ALL") == [(one,) for one in kept]
    (told,) = [one for one in found.report.reasons if one.action == "left out"]
    assert told.count == 4 - len(kept)


@pytest.mark.parametrize(
    ("verb", "sentence"),
    [
        ("where: [{column: s}]", "say what must hold of 's'"),
        ("where: [{column: s, above: big}]", "'big' is neither a number nor"),
        ("where: 's = 1'", "where"),
        ("where: [{column: s, sql: '1=1'}]", "sql"),
        ("explode: {column: x, separator: ''}", "separator"),
        ("dialect: {delimiter: \"\\n\"}", "a line end separates rows"),
        ("dialect: {encoding: nonsense}", "'nonsense' is no encoding"),
        ("dialect: {encoding: rot13}", "'rot13' is no encoding"),
        ("dialect: {thousands: '.'}", "thousands and decimal are the same sign"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused(verb: str, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        parse(entry(verb))


def test_sql_in_a_mapping_is_text(run) -> None:
    verb = "where: [{column: \"s'); DROP TABLE events; --\", equals: \"x' OR '1'='1\"}]"
    with pytest.raises(InputError, match="has no column"):
        run({"a.csv": "u,i,s\n1,x,y\n", "mapping.yaml": entry(verb)})
    verb = "where: [{column: s, equals: \"x' OR '1'='1\"}]"
    with pytest.raises(InputError, match="no rows"):
        run({"a.csv": "u,i,s\n1,x,y\n", "mapping.yaml": entry(verb)}, name="other")


def test_join_of_orders_and_lines(run) -> None:
    found = run({
        "lines.csv": "order,sku\n1,a\n1,b\n2,a\n9,a\n",
        "orders.csv": "id,who,when,state\n1,ann,2024-01-01,paid\n2,bob,2024-01-02,cancelled\n",
        "mapping.yaml": entry(
            "join: [{file: orders.csv, keys: {order: id}}]\n"
            "  where: [{column: orders.state, not_in: [cancelled]}]",
            "columns: {user_id: orders.who, item_id: sku, timestamp: orders.when, session_id: order}",
            "lines.csv",
        ),
    })  # fmt: skip
    assert found.rows("SELECT user_id, item_id, timestamp, session_id FROM events") == [
        ("ann", "a", datetime(2024, 1, 1), "1"),
        ("ann", "b", datetime(2024, 1, 1), "1"),
    ]
    told = {one.action: one for one in found.report.reasons if one.rule == "mapping"}
    assert told["join"].count == 1
    assert "no partner in orders.csv (75% of 4 rows have one; 9 is not there)" in told["join"].explanation
    assert not [one for one in found.report.reasons if one.rule == "ignored_file"]


def test_keys_of_a_join_that_do_not_meet_are_told_in_both_forms(run) -> None:
    found = run({
        "lines.csv": "order,who,sku\n0001,ann,a\n0002,bob,b\n,cem,c\n",
        "orders.csv": "id,when\n1,2024-01-01\n2,2024-01-02\n",
        "mapping.yaml": entry(
            "join: [{file: orders.csv, keys: {order: id}}]",
            "columns: {user_id: who, item_id: sku, timestamp: orders.when}",
            "lines.csv",
        ),
    })  # fmt: skip
    (told,) = [one.explanation for one in found.report.reasons if one.action == "join"]
    assert "(0% of 3 rows have one; 0001 here, 1 there)" in told


def test_explode_of_json_python_and_separated_lists(run) -> None:
    mapping = entry(
        "explode: products", "columns: {user_id: who, item_id: products.sku, weight: products.n}", "a.jsonl"
    )
    lines = (
        '{"who": "ann", "products": [{"sku": "a", "n": 2}, {"sku": "b|c"}]}\n{"who": "bob", "products": []}\n'
    )
    found = run({"a.jsonl": lines, "mapping.yaml": mapping})
    assert found.rows("SELECT user_id, item_id, weight FROM events ORDER BY item_id") == [
        ("ann", "a", 2.0),
        ("ann", "b|c", None),
    ]
    cell = "\"[{'sku': 'a', 'n': None}, {'sku': \"\"it's\"\", 'n': 3}]\""
    found = run(
        {"a.csv": f"who,products\nann,{cell}\n", "mapping.yaml": mapping.replace("jsonl", "csv")}, name="p"
    )
    assert found.rows("SELECT item_id, weight FROM events ORDER BY item_id") == [("a", None), ("it's", 3.0)]
    mapping = entry('explode: {column: i, separator: " "}')
    found = run({"a.csv": "u,i\nann,a b  c\n", "mapping.yaml": mapping}, name="s")
    assert found.rows("SELECT item_id FROM events ORDER BY ALL") == [("a",), ("b",), ("c",)]


def test_unpivot_with_values_that_mean_none(run) -> None:
    verb = 'missing: {"joke_*": [99]}\n  unpivot: {columns: "joke_*", name: i, value: r, without: joke_}'
    mapping = entry(verb, "columns: {user_id: u, item_id: i, rating: r}")
    found = run({"a.csv": "u,n,joke_1,joke_2\n7,1,-4.5,99\n8,2,99.00,0\n", "mapping.yaml": mapping})
    assert found.rows("SELECT user_id, item_id, rating FROM events ORDER BY ALL") == [
        ("7", "1", -4.5),
        ("8", "2", 0.0),
    ]


def test_a_word_for_nothing_is_no_event_and_no_first_of_several(run) -> None:
    verb = 'unpivot: {columns: "joke_*", name: i, value: r}'
    mapping = entry(verb, "columns: {user_id: u, item_id: i, rating: r}")
    found = run({"a.csv": "u,joke_1,joke_2,joke_3\n7,NA, null ,1\n8,\\N,2,NaN\n", "mapping.yaml": mapping})
    assert found.rows("SELECT user_id, item_id, rating FROM events ORDER BY ALL") == [
        ("7", "joke_3", 1.0),
        ("8", "joke_2", 2.0),
    ]
    mapping = entry("coalesce: {who: [mail, phone]}", "columns: {user_id: who, item_id: i}")
    lines = "i,mail,phone\na,NULL,p\nb,m,nan\nc,#N/A,NA\n"
    found = run({"a.csv": lines, "mapping.yaml": mapping}, name="c")
    assert found.rows("SELECT user_id, item_id FROM events ORDER BY ALL") == [("m", "b"), ("p", "a")]
    assert found.report.files[0].rejected == 1


def test_pivot(run) -> None:
    mapping = entry("where: []").replace("  where: []\n", "") + entry(
        "pivot: {rows: [i], name: p, value: v}", "columns: {item_id: i, title: title}", "p.csv", "items"
    ).removeprefix("tables:\n")
    rows = "i,p,v\nx,title,Tea\nx,colour,red\nx,colour,blue\ny,title,Cup\n"
    found = run({"a.csv": "u,i\n1,x\n", "p.csv": rows, "mapping.yaml": mapping})
    assert found.rows("SELECT item_id, title FROM items ORDER BY ALL") == [("x", "Tea"), ("y", "Cup")]
    assert found.rows("SELECT item_id, attribute, value FROM item_attributes ORDER BY ALL") == [
        ("x", "colour", "blue"),
        ("x", "colour", "red"),
    ]


def test_coalesce_split_values_and_carry(run) -> None:
    verbs = (
        "carry: {column: i, name: day}\n  coalesce: {who: [mail, phone]}\n"
        "  split: [{column: i, by: '-', into: [brand, model]}]\n"
        '  values: {liked: {"true": recommend, "false": not_recommend}}'
    )
    columns = "columns: {user_id: who, item_id: model, event: liked, session_id: brand, timestamp: day}"
    lines = "i,mail,phone,liked\n2024-01-01:,,,\nx-1-2,m,,True\n2024-01-02:,,,\ny-3,,p,no\n"
    found = run({"a.csv": lines, "mapping.yaml": entry(verbs, columns)})
    assert found.rows("SELECT user_id, item_id, event, session_id, timestamp FROM events") == [
        ("m", "1-2", "recommend", "x", datetime(2024, 1, 1)),
        ("p", "3", "no", "y", datetime(2024, 1, 2)),
    ]


@pytest.mark.parametrize(
    ("cell", "separator"),
    [
        ('"Crime, Horror"', ", "),
        ('"[{\'id\': 2, \'name\': \'Crime\'}, {\'id\': 5, \'name\': \'Horror\'}]"', "json"),
        ('"[\'Crime\', \'Horror\']"', "json"),
        ('"[""Crime"", ""Horror""]"', "json"),
        ('"{Crime,""Horror""}"', "braces"),
        ("Crime;Horror", ";"),
        ("Crime|Horror", "|"),
    ],
)  # fmt: skip
def test_separator_of_one_column(run, cell: str, separator: str) -> None:
    mapping = entry("constants: {}") + entry(
        f"separator: {{genre: '{separator}'}}", "columns: {item_id: i, title: t}", "b.csv", "items"
    ).removeprefix("tables:\n")
    found = run({"a.csv": "u,i\n1,x\n", "b.csv": f"i,t,genre\nx,X,{cell}\n", "mapping.yaml": mapping})
    assert found.rows("SELECT value FROM item_attributes ORDER BY ALL") == [("Crime",), ("Horror",)]


def test_a_mapping_with_verbs_survives_its_yaml_file() -> None:
    verbs = (
        "dialect: {delimiter: tab, header: false}\n  missing: [99]\n  explode: products\n"
        "  join: {file: b.csv, keys: {c1: id}}\n  where: [{column: c2, in: [1, true], not: 3}]\n"
        "  separator: {x: json}"
    )
    mapping = parse(entry(verbs))
    assert parse(mapping.to_yaml()) == mapping
    assert type(mapping).model_validate(mapping.model_dump(mode="json")) == mapping
    assert mapping.tables[0].where[0].in_ == ("1", "true")
