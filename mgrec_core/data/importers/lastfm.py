"""Last.fm as published at HetRec 2011: play counts, artists, tags, friends and a knowledge graph."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from mgrec_core.data.cleaning import Duplicates, judge, trimmed
from mgrec_core.data.importers.base import Import, Importer, find
from mgrec_core.data.importers.tables import (
    complete_items,
    complete_users,
    load_events,
    load_items,
    load_kg,
    load_social,
    load_tags,
)
from mgrec_core.data.rules import REJECTED, Rule
from mgrec_core.data.staged import Staged

DAT = (".dat",)
FOUNDED = "2002-01-01"  # of Last.fm: the set has tags dated 1956, 1957 and 1979


RULES = (
    Rule("missing_tag", REJECTED, "there is no tag"),
    Rule(
        "unknown_tag",
        REJECTED,
        "the tag's number is not in the list of tags",
        because="there is no word to keep",
    ),
    Rule(
        "duplicate_word", REJECTED, "the tag's number was read before; the alphabetically first word is kept"
    ),
)


class LastFmImporter(Importer):
    """Reads the folder hetrec2011-lastfm-2k; its files are tab-separated and never quoted."""

    name: ClassVar[str] = "lastfm"
    looks_for: ClassVar[str] = "user_artists.dat and artists.dat"
    order: ClassVar[int] = 3

    def recognises(self, source: Path) -> bool:
        """Return whether the folder has play counts."""
        return find(source, "user_artists", *DAT) is not None

    def fill(self, run: Import) -> None:
        """Fill items, events, social, tags and kg."""
        plays, artists = run.need("user_artists", *DAT), run.need("artists", *DAT)
        tags, tagged = run.find("tags", *DAT), run.find("user_taggedartists", *DAT)
        friends, kg = run.find("user_friends", *DAT), run.find("kg_triples", ".tsv", ".tsv.gz")
        if tagged:
            tags = run.need("tags", *DAT)
        run.files = 2 + sum(path is not None for path in (tagged and tags, tagged, friends, kg))
        staged = self._stage(run, artists)
        columns = {"item_id": staged.need("id"), "title": staged.need("name")}
        run.ignore_columns(staged, "id", "name")
        load_items(run, staged, columns, {})
        staged = self._stage(run, plays)
        names = {"user_id": "userID", "item_id": "artistID", "weight": "weight"}
        load_events(
            run, staged, {k: staged.need(v) for k, v in names.items()}, event="listen", required="weight"
        )
        if friends:
            staged = self._stage(run, friends)
            load_social(run, staged, {"user_id": staged.need("userID"), "friend_id": staged.need("friendID")})
        complete_users(run)
        complete_items(run)
        if tagged and tags:
            self._tags(run, tags, tagged)
        if kg:
            staged = self._stage(run, kg)
            names = {"head_id": "artistID", "relation": "relation", "tail_label": "entity"}
            triple = {k: staged.need(v) for k, v in names.items()}
            load_kg(run, staged, {**triple, "tail_item": staged.find("entity_artistID")}, items_only=True)

    def _stage(self, run: Import, path: Path) -> Staged:
        return run.stage(path, delimiter="\t", quoted=False)

    def _tags(self, run: Import, tags: Path, tagged: Path) -> None:
        """Give each assignment the words of its tag and one date made of day, month and year."""
        staged = self._stage(run, tags)
        cells = run.cells()
        cells.text("number", staged.need("tagID"))
        cells.text("word", staged.need("tagValue"), free=True)
        cells.check("missing_tag", "number IS NULL OR word IS NULL")
        words = judge(run.connection, staged, cells, Duplicates("duplicate_word", ["number"], order=["word"]))
        run.record(staged, words, "tag words")
        given = self._stage(run, tagged)
        day, month, year = (trimmed(given.need(name)) for name in ("day", "month", "year"))
        joined = f"{given.table}_words"
        run.connection.execute(
            f"CREATE TEMP TABLE {joined} AS SELECT g.*, word, number IS NOT NULL AS known,"
            f" {year} || '-' || lpad({month}, 2, '0') || '-' || lpad({day}, 2, '0') AS day"
            f" FROM {given.table} g LEFT JOIN"
            # The file of words may have columns of the same numbers: none but these two may be seen.
            f" (SELECT number, word FROM {words.table} WHERE _rejected IS NULL) w"
            f" ON number = {trimmed(given.need('tagID'))}"
        )
        run.drop(staged, words)
        columns = {"user_id": given.need("userID"), "item_id": given.need("artistID")}
        load_tags(
            run,
            replace(given, table=joined),
            {**columns, "tag": "word", "timestamp": "day"},
            checks={"unknown_tag": "NOT known"},
            earliest=FOUNDED,
        )
        run.drop(given)


IMPORTER = LastFmImporter()
