"""What counts as a hit among the held-out pairs: every one, what was liked, or a least rating.

A list is not rewarded for what its user turned out to dislike, unless one asks for it (``any``).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd

from mgrec_core.foundation.errors import InputError

LIKED = "liked"
ANY = "any"


@dataclass(frozen=True)
class Relevance:
    """A rule that says which held-out pairs are hits.

    Attributes
    ----------
    name
        ``any``, ``liked`` or ``rating>=X``.
    least
        X, the least rating; ``None`` for the other two.
    """

    name: str = LIKED
    least: float | None = None

    @classmethod
    def parse(cls, text: str) -> Relevance:
        """Read ``any``, ``liked`` or ``rating>=X``.

        Raises
        ------
        InputError
            It is none of these.

        Examples
        --------
        >>> Relevance.parse("rating >= 4")
        Relevance(name='rating>=4', least=4.0)
        """
        plain = re.sub(r"\s+", "", text.lower())
        if plain in (ANY, LIKED):
            return cls(plain)
        match = re.fullmatch(r"rating>=(-?\d+(?:\.\d+)?)", plain)
        if match is None or not math.isfinite(float(match[1])):
            raise InputError(
                f"--relevant is '{text[:40]}'; choose any, liked or a least rating such as rating>=4"
            )
        return cls(f"rating>={float(match[1]):g}", float(match[1]))

    def rule(self, connection: duckdb.DuckDBPyConnection) -> str:
        """Say in words what counts as a hit in these data."""
        if self.name == ANY:
            return "every held-out item"
        if self.least is not None:
            return f"held-out items rated {self.least:g} or more"
        marks = connection.execute("SELECT liked FROM rating_scale WHERE highest > lowest").fetchone()
        rated = f" (rated {marks[0]:g} or more, where rated)" if marks else ""
        return f"held-out items that the user liked{rated}"

    def hits(self, connection: duckdb.DuckDBPyConnection, test: pd.DataFrame) -> pd.DataFrame:
        """Return the held-out pairs that are hits.

        Parameters
        ----------
        connection
            A database that holds the pairs, as the whole data do.
        test
            Columns user_id, item_id.

        Raises
        ------
        InputError
            None of them is one.
        """
        connection.register("held_out_pairs", test[["user_id", "item_id"]].astype("string"))
        condition = {ANY: "true", LIKED: "liked"}.get(self.name, f"coalesce(rating >= {self.least!r}, false)")
        try:
            found = connection.execute(
                "SELECT user_id, item_id FROM v_history SEMI JOIN held_out_pairs USING (user_id, item_id)"
                f" WHERE {condition} ORDER BY ALL"
            ).df()
        finally:
            connection.unregister("held_out_pairs")
        if found.empty:
            raise InputError(
                f"none of the {len(test):,} held-out pairs counts as a hit ({self.name}): choose another rule"
                " with --relevant, or hold out more"
            )
        return found

    def describe(self, connection: duckdb.DuckDBPyConnection, hits: pd.DataFrame) -> dict[str, Any]:
        """Describe the rule and what it leaves, for documents."""
        return {
            "name": self.name,
            "rule": self.rule(connection),
            "n_pairs": len(hits),
            "n_users": int(hits["user_id"].nunique()),
        }
