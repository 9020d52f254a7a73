"""MovieLens' own folder: ratings.csv, movies.csv, and optionally tags, links and a knowledge graph.

The older layouts are in :mod:`mgrec_core.data.importers.movielens_classic`.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from mgrec_core.data.importers.base import Import, Importer, find
from mgrec_core.data.importers.movielens_classic import FILES_100K, FILES_DAT, YEAR, fill_100k, fill_dat
from mgrec_core.data.importers.tables import (
    complete_items,
    complete_users,
    load_events,
    load_items,
    load_kg,
    load_tags,
)

CSV = (".csv", ".csv.gz")
TSV = (".tsv", ".tsv.gz")


class MovieLensImporter(Importer):
    """Reads a MovieLens download as GroupLens publishes it (ml-latest-small and its larger kin)."""

    name: ClassVar[str] = "movielens"
    looks_for: ClassVar[str] = "ratings.csv and movies.csv, u.data and u.item, or ratings.dat and movies.dat"
    order: ClassVar[int] = 2

    def recognises(self, source: Path) -> bool:
        """Return whether the folder has ratings and movies, in any of the layouts."""
        layouts = (FILES_100K, FILES_DAT)
        return _has_csv(source) or any(all((source / name).is_file() for name in one) for one in layouts)

    def fill(self, run: Import) -> None:
        """Fill items, users, events, tags and kg."""
        if not _has_csv(run.source):
            # A folder with one file of an old layout lacks the other of that layout.
            for files, fill in ((FILES_100K, fill_100k), (FILES_DAT, fill_dat)):
                if any((run.source / name).is_file() for name in files):
                    fill(run)
                    return
        ratings, movies = run.need("ratings", *CSV), run.need("movies", *CSV)
        tags, links, kg = run.find("tags", *CSV), run.find("links", *CSV), run.find("kg_triples", *TSV)
        run.files = 2 + (tags is not None) + (kg is not None)
        self._movies(run, movies)
        staged = run.stage(ratings, delimiter=",")
        names = {"user_id": "userId", "item_id": "movieId", "rating": "rating", "timestamp": "timestamp"}
        columns: dict[str, str | None] = {k: staged.need(v) for k, v in names.items()}
        load_events(run, staged, columns, event="rating", required="rating")
        complete_users(run)
        complete_items(run)
        if tags:
            staged = run.stage(tags, delimiter=",")
            names = {"user_id": "userId", "item_id": "movieId", "tag": "tag"}
            columns = {**{k: staged.need(v) for k, v in names.items()}, "timestamp": staged.find("timestamp")}
            load_tags(run, staged, columns)
        if links:
            explanation = "numbers of other film catalogues say nothing about interest; not read"
            run.receipt.ignore(links.name, "ignored_file", explanation)
        if kg:
            staged = run.stage(kg, delimiter="\t", quoted=False)
            names = {"head_id": "movieId", "relation": "relation", "tail_label": "entity"}
            columns = {**{k: staged.need(v) for k, v in names.items()}, "source": staged.find("source")}
            load_kg(run, staged, columns, items_only=True)

    def _movies(self, run: Import, path: Path) -> None:
        """Titles stay as given; the year at their end and the genres become attributes."""
        staged = run.stage(path, delimiter=",")
        title, genres = staged.need("title"), staged.need("genres")
        attributes = {
            "genre": f"nullif(trim({genres}), '(no genres listed)')",
            "year": f"nullif(regexp_extract({title}, '{YEAR}', 1), '')",
        }
        load_items(run, staged, {"item_id": staged.need("movieId"), "title": title}, attributes)


IMPORTER = MovieLensImporter()


def _has_csv(source: Path) -> bool:
    return find(source, "ratings", *CSV) is not None and find(source, "movies", *CSV) is not None
