"""Pseudonyms by value: wherever a user's id stands, whatever the column, it is replaced.

Which values name a user is decided by what the id is like:

* *telling* ids are unlikely to stand anywhere by chance: of at least five characters, or of at least
  three with both a letter and a digit; whole numbers only from six digits on, and only where no item or
  advertisement has the same one. They are replaced in every text: where it equals the id, and where it
  contains the id as a whole token, bounded by characters that are neither letters nor digits, or by an end;
* *short* ids (``bob``, ``x1``) are replaced where they are the whole text, unless an item or an
  advertisement is called the same;
* all others, such as the number 7, mean many things. They are replaced where a column says that it holds a
  user (``user_id``, ``friend_id``), and where they are the whole value of an attribute or the end of a
  graph relation whose name does (``friend``, ``referred_by``, ``customer id``; :func:`names_people`).

Ids are compared letter for letter; the longest one at a place is taken.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from mgrec_core.workspace.key import WorkspaceKey

if TYPE_CHECKING:
    import duckdb

    from mgrec_core.workspace.folder import Workspace

T = TypeVar("T")
PEOPLE = ("user_id", "friend_id")
"""Columns that hold the ids of users by meaning."""

_OURS = frozenset({"kind", "target", "fusion", "base", "severity", "unit", "remedy"})
"""Fields of results that hold words of this program and nothing of the data."""
_TOKEN = re.compile(r"[^\W_]+")
_SAYS_PEOPLE = re.compile(
    r"(user|friend|follow|member|customer|buyer|reviewer|person|people|account|refer(r(er|al|ed))?"
    r"|invit(er|ed|ee)|uid)(s|er|ers|ing|ed|by|id|ids|name)*",
    re.IGNORECASE,
)


def names_people(name: str) -> bool:
    """Whether an attribute or a relation says that its values are users.

    Examples
    --------
    >>> [names_people(name) for name in ("referred_by", "bestFriend", "user", "genre", "useful")]
    [True, True, True, False, False]
    """
    words = _TOKEN.findall(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))
    return any(_SAYS_PEOPLE.fullmatch(word) for word in words)


class Pseudonyms:
    """The users of a workspace, and what stands for them in what leaves it.

    Parameters
    ----------
    people
        Ids of all users.
    things
        Ids of items and advertisements.
    key
        Makes the pseudonyms.
    """

    def __init__(self, people: Iterable[str], things: Iterable[str], key: WorkspaceKey) -> None:
        self._key = key
        self._names: dict[str, str] = {}
        taken = set(things)
        self._people = set(people)
        self._whole: set[str] = set()
        starts: dict[str, list[tuple[str, int]]] = {}
        signs: list[str] = []
        for one in self._people:
            if _telling(one) and not (one.isdecimal() and one in taken):
                self._whole.add(one)
                if (first := _TOKEN.search(one)) is not None:
                    starts.setdefault(first.group(), []).append((one, first.start()))
                else:
                    signs.append(one)
            elif one and not one.isdecimal() and one not in taken:
                self._whole.add(one)
        for found in starts.values():
            found.sort(key=lambda pair: -len(pair[0]))
        self._starts = starts
        self._signs = signs

    @classmethod
    def of(cls, workspace: Workspace) -> Pseudonyms:
        """Those of a workspace's data."""
        with workspace.reading() as connection:
            return cls.read(connection, WorkspaceKey(workspace.path))

    @classmethod
    def read(
        cls, connection: duckdb.DuckDBPyConnection, key: WorkspaceKey, schema: str = "main"
    ) -> Pseudonyms:
        """Those of the views that a connection sees."""
        there = {str(row[0]) for row in connection.execute("SELECT view_name FROM duckdb_views()").fetchall()}

        def ids(column: str, *views: str) -> list[str]:
            sql = " UNION ".join(f"SELECT {column} FROM {schema}.{v}" for v in views if v in there)
            return [str(row[0]) for row in connection.execute(sql).fetchall() if row[0]] if sql else []

        people = ids(
            "user_id", "v_users", "v_social", "v_ad_events", "v_tags", "v_feedback", "v_user_attributes"
        )
        return cls(people, [*ids("item_id", "v_items"), *ids("ad_id", "v_ads")], key)

    @property
    def people(self) -> set[str]:
        """Ids of all users."""
        return self._people

    @property
    def tokens(self) -> list[str]:
        """First tokens of the ids that are looked for inside of texts."""
        return list(self._starts)

    @property
    def whole(self) -> set[str]:
        """Ids that are replaced where they are the whole text."""
        return self._whole

    @property
    def signs(self) -> list[str]:
        """Telling ids without a letter or a digit: they are looked for everywhere."""
        return self._signs

    def pseudonym(self, identifier: str) -> str:
        """As :meth:`WorkspaceKey.pseudonym`."""
        if identifier not in self._names:
            self._names[identifier] = self._key.pseudonym(identifier)
        return self._names[identifier]

    def pseudonyms(self, identifiers: Iterable[str]) -> list[str]:
        """:meth:`pseudonym` of each."""
        return [self.pseudonym(identifier) for identifier in identifiers]

    def text(self, value: str, *, of_people: bool = False) -> str:
        """A text with pseudonyms for the ids in it.

        Parameters
        ----------
        of_people
            Its column says that it names users, so that any id is replaced that is the whole text.
        """
        if value in self._whole or (of_people and value in self._people):
            return self.pseudonym(value)
        return self._inside(value)

    def hide(self, value: T, name: str = "", about: str = "") -> T:
        """A document, a result object or a part of one with pseudonyms for the ids in its texts.

        Parameters
        ----------
        name
            What its owner calls it, such as ``item_id``.
        about
            Name of the attribute or the relation that it is a value of.
        """
        if name in _OURS:
            return value
        found: T = self._hidden(value, name, about)
        return found

    def _hidden(self, value: Any, name: str, about: str) -> Any:
        hidden = value
        if isinstance(value, str):
            hidden = self.text(value, of_people=name in PEOPLE or names_people(about))
        elif isinstance(value, Mapping):
            said = str(value.get("attribute") or value.get("relation") or "")
            named = name == "attributes"  # what its keys are called comes from the data
            hidden = {
                self.text(key) if named else key: self.hide(one, str(key), str(key) if named else said)
                for key, one in value.items()
            }
        elif isinstance(value, (list, tuple)):
            hidden = type(value)(self.hide(one, name, about) for one in value)
        elif hasattr(value, "select_dtypes"):  # a data frame
            texts = value.select_dtypes(["object", "string"]).columns
            hidden = value.assign(**{one: [self.hide(cell, one) for cell in value[one]] for one in texts})
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            fields = [field.name for field in dataclasses.fields(value) if field.init]
            hidden = dataclasses.replace(
                value, **{one: self.hide(getattr(value, one), one) for one in fields}
            )
        elif hasattr(value, "model_copy"):
            fields = list(type(value).model_fields)
            hidden = value.model_copy(update={one: self.hide(getattr(value, one), one) for one in fields})
        return hidden

    def _inside(self, value: str) -> str:
        parts: list[str] = []
        done = 0
        for token in _TOKEN.finditer(value):
            if token.start() < done:
                continue
            for one, offset in self._starts.get(token.group(), ()):
                start = token.start() - offset
                end = start + len(one)
                if start >= done and value.startswith(one, start) and _ends(value, one, end):
                    parts += [value[done:start], self.pseudonym(one)]
                    done = end
                    break
        found = "".join([*parts, value[done:]]) if parts else value
        for one in self._signs:
            found = found.replace(one, self.pseudonym(one))
        return found


def _telling(one: str) -> bool:
    if one.isdecimal():
        return len(one) >= 6
    mixed = any(c.isalpha() for c in one) and any(c.isdecimal() for c in one)
    return len(one) >= 5 or (len(one) >= 3 and mixed)


def _ends(value: str, one: str, end: int) -> bool:
    """Whether an id that ends here is not cut out of a longer word."""
    return end >= len(value) or not (one[-1].isalnum() and value[end].isalnum())
