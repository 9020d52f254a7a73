"""MIND, Microsoft's news set: ``news.tsv`` and ``behaviors.tsv``, tab-separated, without header lines.

Of an impression, each clicked article is an event ``click`` in the session of that impression, and
each article shown is feedback, ``click`` or ``impression``. The history of a user is what they
clicked before the data begin: an undated ``click`` for each of its articles, once. Impressions that do
not say what was clicked (those of the test set) are left out, their histories are kept.

An article's title and abstract are its text, category and subcategory its attributes, and the
entities found in them its knowledge graph: (article, mentions, entity), as sure as the set says
(the surest of several finds; 1 where it says nothing).
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from mgrec_core.data.cleaning import Duplicates, Judged, judge, trimmed
from mgrec_core.data.importers.base import Import, Importer
from mgrec_core.data.importers.tables import complete_items, complete_users, load_items
from mgrec_core.data.rules import REPAIRED, Rule
from mgrec_core.data.staged import Staged

NEWS = (
    "news_id",
    "category",
    "subcategory",
    "title",
    "abstract",
    "url",
    "title_entities",
    "abstract_entities",
)
BEHAVIORS = ("impression_id", "user_id", "time", "history", "impressions")
_ENTITIES = '[{"Label":"VARCHAR","WikidataId":"VARCHAR","Confidence":"VARCHAR"}]'
_CLICKED = r"^\S+-[01](\s+\S+-[01])*$"


RULES = (
    Rule("broken_entities", REPAIRED, "the entities are no JSON list; the item is kept without them"),
    Rule(
        "unlabelled_impression",
        REPAIRED,
        "the impression does not say what was clicked; its history is kept, what was shown is not",
        because="nothing says what was clicked",
    ),
)


class MindImporter(Importer):
    """Reads news and what readers were shown and clicked."""

    name: ClassVar[str] = "mind"
    looks_for: ClassVar[str] = "news.tsv and behaviors.tsv"
    order: ClassVar[int] = 6

    def recognises(self, source: Path) -> bool:
        """Return whether the folder has news and behaviours."""
        return (source / "news.tsv").is_file() and (source / "behaviors.tsv").is_file()

    def fill(self, run: Import) -> None:
        """Fill items, kg, events and feedback."""
        news, behaviors = run.need("news", ".tsv"), run.need("behaviors", ".tsv")
        run.files = 2
        run.ignore_files((".vec", ".tsv"), {news.name, behaviors.name}, "the file is not read")
        _news(run, run.stage(news, delimiter="\t", quoted=False, names=NEWS))
        _behaviors(run, run.stage(behaviors, delimiter="\t", quoted=False, names=BEHAVIORS))


IMPORTER = MindImporter()


def _news(run: Import, staged: Staged) -> None:
    column = {name: staged.need(name) for name in NEWS}
    run.ignore_columns(staged, *(name for name in NEWS if name != "url"))
    lists = {
        entities: f"json_transform(try_cast({entities} AS JSON), '{_ENTITIES}')"
        for entities in (column["title_entities"], column["abstract_entities"])
    }
    found = " UNION ALL ".join(
        f"SELECT {trimmed(column['news_id'])} AS head, unnest({read}) AS entity FROM {staged.table}"
        for read in lists.values()
    )
    sure = "try_cast({0} AS DOUBLE) > 0 AND try_cast({0} AS DOUBLE) <= 1"
    run.connection.execute(
        "CREATE TEMP TABLE entities AS SELECT head,"
        " coalesce(nullif(entity.WikidataId, ''), entity.Label) AS tail,"
        " coalesce(nullif(entity.Label, ''), entity.WikidataId) AS label,"
        f" CASE WHEN {sure.format('entity.Confidence')} THEN CAST(entity.Confidence AS DOUBLE) END AS sure"
        f" FROM ({found})"
        " WHERE coalesce(nullif(entity.WikidataId, ''), entity.Label) IS NOT NULL"
    )
    broken = " OR ".join(
        f"{trimmed(entities)} IS NOT NULL AND"
        f" coalesce(json_type(try_cast({entities} AS JSON)), '') NOT IN ('ARRAY', 'NULL')"
        for entities in lists
    )
    unsure = f"one.Confidence IS NOT NULL AND NOT coalesce({sure.format('one.Confidence')}, false)"
    outside = " OR ".join(
        f"coalesce(len(list_filter({read}, lambda one: {unsure})) > 0, false)" for read in lists.values()
    )
    load_items(
        run,
        staged,
        {"item_id": column["news_id"], "title": column["title"], "description": column["abstract"]},
        {name: column[name] for name in ("category", "subcategory")},
        checks={"broken_entities": broken, "confidence_out_of_range": outside},
    )
    run.connection.execute(
        "INSERT INTO kg SELECT head, 'mentions', 'entity:' || tail, min(label), 'given',"
        " coalesce(max(sure), 1) FROM entities"
        " SEMI JOIN items ON item_id = head WHERE tail <> '' GROUP BY head, tail ORDER BY head, tail"
    )
    run.connection.execute("DROP TABLE entities")


def _behaviors(run: Import, staged: Staged) -> None:
    column = {name: staged.need(name) for name in BEHAVIORS}
    form = "'%m/%d/%Y %I:%M:%S %p'"
    parsed = f"CAST(try_strptime({trimmed(column['time'])}, {form}) AS VARCHAR)"
    staged = run.derive(staged, {"x_time": f"coalesce({parsed}, {column['time']})"})
    cells = run.cells()
    cells.text("user_id", column["user_id"], required=True)
    cells.text("session_id", column["impression_id"])
    cells.text("history", column["history"])
    cells.text("shown", column["impressions"])
    cells.check("missing_item_id", "history IS NULL AND shown IS NULL")
    cells.time("timestamp", "x_time")
    cells.add("told", f"coalesce(regexp_matches(shown, '{_CLICKED}'), false)", 1)
    cells.check("unlabelled_impression", "shown IS NOT NULL AND NOT told")
    again = Duplicates("duplicate_event", list(staged.columns.values()))
    judged = judge(run.connection, staged, cells, again)
    _fill(run, judged)
    run.record(staged, judged, "events")
    run.drop(staged, judged)
    run.connection.execute("DROP TABLE shown")


def _fill(run: Import, judged: Judged) -> None:
    # The history comes again with every impression, undated: the workspace may have it already.
    undated = "SELECT user_id, item_id FROM earlier.events WHERE timestamp IS NULL"
    held = f" WHERE (user_id, item_id) NOT IN ({undated})" if run.adds else ""
    run.connection.execute(
        "CREATE TEMP TABLE shown AS SELECT user_id, timestamp, session_id, left(piece, -2) AS item_id,"
        " right(piece, 1) = '1' AS clicked FROM (SELECT user_id, timestamp, session_id,"
        rf" unnest(string_split_regex(shown, '\s+')) AS piece FROM {judged.table}"
        " WHERE _rejected IS NULL AND told)"
    )
    run.connection.execute(
        "INSERT INTO events"
        " SELECT row_number() OVER () - 1, user_id, item_id, 'click', NULL, NULL, timestamp, session_id"
        " FROM (SELECT * FROM (SELECT user_id, item_id, timestamp, session_id FROM shown WHERE clicked"
        " UNION ALL SELECT DISTINCT user_id, item_id, CAST(NULL AS TIMESTAMP), CAST(NULL AS VARCHAR) FROM"
        rf" (SELECT user_id, unnest(string_split_regex(history, '\s+')) AS item_id FROM {judged.table}"
        f" WHERE _rejected IS NULL AND history IS NOT NULL){held})"
        " ORDER BY timestamp NULLS LAST, user_id, item_id, session_id NULLS LAST)"
    )
    run.connection.execute(
        f"INSERT INTO users SELECT DISTINCT user_id FROM {judged.table} WHERE _rejected IS NULL ORDER BY 1"
    )
    complete_users(run)
    complete_items(run)
    run.connection.execute(
        "INSERT INTO items SELECT DISTINCT item_id, NULL, NULL FROM shown"
        " WHERE item_id NOT IN (SELECT item_id FROM items) ORDER BY 1"
    )
    run.connection.execute(
        "INSERT INTO feedback SELECT user_id, item_id, CASE WHEN clicked THEN 'click' ELSE 'impression' END"
        " AS kind, timestamp FROM shown ORDER BY user_id, item_id, kind, timestamp NULLS LAST"
    )
