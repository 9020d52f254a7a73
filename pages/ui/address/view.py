"""What the analyst is looking at, as one record that fits into a link.

Streamlit can bind single widgets to the address, but drops wrong values silently and
would need one parameter a weight; a link here says in one short parameter what differs
from the preset, and a wrong value gets a sentence.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import date

OF = ("users", "items", "both")
LAB_TABS = ("Everybody", "Sweep", "Trade-offs", "Segments", "Sources", "Presets", "Experiments")
METRICS = ("cosine", "euclidean")
NEIGHBOURS, MIN_DIST = (2, 100), (0.0, 0.95)
"""The least and the most that a link and the map's sliders take."""
ITEM_TABS = ("Neighbours", "Audience", "Knowledge graph", "Cold or warm")
VERSUS = ("users", "presets")
CLUSTERS = ("kmeans", "density")
K_CHOICES = (5, 10, 20, 50, 100)

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass
class View:
    """One state of the pages; every field has the default that a bare address means.

    Attributes
    ----------
    preset, base
        Empty: the workspace's active preset, and that preset's base.
    weights
        λ that differ from the preset's, in [0, 1].
    alpha
        α set apart from λ, in [0, 1]; ``None``: α follows λ.
    personal
        Start from what the user's own feedback has taught, not from the preset's λ.
    k
        Length of the ranked list, 1 to 1000.
    entity
        The node of the knowledge graph that is looked at.
    of, space, colour, neighbours, min_dist, metric, seed
        The map: what its points are, on which vectors, its colours and UMAP's parameters.
    clusters, centres, smallest
        The map's clusters: how they are found, how many (k-means), of how many points at least
        (density; 0: chosen by the size of the map).
    find, cohort
        The point that the map flies to, ``users:ID`` or ``items:ID``, and the saved cohort it shows.
    split, test_ratio, lab
        The Fusion lab: what is held out, and the open tab.
    reference
        The preset that differences are taken against; empty: in the lab the default one, for one
        user's list the preset it starts from; :data:`LAST`: the weights before the last change.
    picked
        Keys of the map's points that were drawn around: the session's own, in no link.
    sql
        What stands in the SQL box; a link never runs it.
    other
        The person or advertisement that is explained.
    people, people_base, ads, ads_base
        λ of parts of people's and of advertisements' scores that differ from the defaults, in [0, 1],
        and the part that is the base where it is another.
    on
        The day on which the advertisements are to run, ISO 8601; empty: any.
    section
        Which part of the data quality page is open.
    hide
        Leave out of the ranked list what the user disliked or dismissed.
    look, near, groups
        The Item page: the open tab, the granularity whose neighbours (on the Compare page: interests) are
        shown, and the segment that the audience is divided by.
    versus, second, left, right
        The Compare page: two users or two presets, the second user, and the presets' names (empty: the
        weights in force).
    reference_weights, reference_base
        λ that differ from the reference preset's, and its base where it is another.
    form
        The ranked list as bars, as a table, or beside the reference's list.
    own
        Texts under keys that a page declares for its own address.
    """

    workspace: str = ""
    user: str = ""
    item: str = ""
    preset: str = ""
    base: str = ""
    weights: dict[str, float] = field(default_factory=dict)
    fusion: str = "score"
    alpha: dict[str, float] | None = None
    k: int = 10
    personal: bool = False
    of: str = "users"
    space: str = "fused"
    colour: str = ""
    neighbours: int = 15
    min_dist: float = 0.1
    metric: str = "cosine"
    seed: int = 0
    clusters: str = "kmeans"
    centres: int = 8
    smallest: int = 0
    find: str = ""
    cohort: str = ""
    picked: tuple[str, ...] = ()
    split: str = "last"
    test_ratio: float = 0.2
    reference: str = ""
    lab: str = "Everybody"
    sql: str = ""
    other: str = ""
    people: dict[str, float] = field(default_factory=dict)
    people_base: str = ""
    ads: dict[str, float] = field(default_factory=dict)
    ads_base: str = ""
    on: str = ""
    section: str = "findings"
    entity: str = ""
    hide: bool = False
    look: str = "Neighbours"
    near: str = ""
    groups: str = "activity"
    versus: str = "users"
    second: str = ""
    left: str = ""
    right: str = ""
    reference_weights: dict[str, float] = field(default_factory=dict)
    reference_base: str = ""
    form: str = "bars"
    own: dict[str, str] = field(default_factory=dict)


DEFAULT = View()
LAST = "~last"
FORMS = ("bars", "table", "ab")
SQL_LIMIT = 2_000
"""Characters of a query that an address keeps; a longer one stays in the session."""


def granularities() -> tuple[str, ...]:
    """Return the names of all granularities, present or not.

    Imported when first asked for: what draws and computes takes a second to import, and the
    first page of a new server needs none of it.
    """
    from mgrec_core.model.granularities import names

    return names()


def fusions() -> tuple[str, ...]:
    """Return the fusion modes, imported when first asked for."""
    from mgrec_core.model.fusion.weights import FUSION_MODES

    return FUSION_MODES


def splits() -> tuple[str, ...]:
    """Return the kinds of splits, imported when first asked for.

    ``last-n`` holds out a number of items, not a share: here that is its default, one item a user.
    """
    from mgrec_core.evaluation.splits import SPLITS

    return SPLITS


def sections() -> tuple[str, ...]:
    """Return the parts of the data quality page: the findings, then the sections of its document."""
    from mgrec_core.quality import SECTIONS

    return ("findings", *SECTIONS)


def is_name(name: str) -> bool:
    """Tell whether this can be the name of a workspace: no path, no surprises.

    Examples
    --------
    >>> is_name("movielens"), is_name("../etc"), is_name("")
    (True, False, False)
    """
    return _NAME.fullmatch(name) is not None


def format_weights(weights: Mapping[str, float]) -> str:
    """Return weights as they stand in an address.

    Examples
    --------
    >>> format_weights({"recent": 0.3, "social": 0.0})
    'recent~0.3_social~0'
    """
    return "_".join(f"{name}~{value:.4g}" for name, value in weights.items())


def parts() -> tuple[str, ...]:
    """Return the names of all parts of people's and advertisements' scores, granularities among them."""
    from mgrec_core.figures.palette import PARTS

    return (*PARTS, *granularities())


def parse_parts(text: str) -> dict[str, float]:
    """Return the weights of parts of an address; :class:`ValueError` as :func:`parse_weights`."""
    return parse_weights(text, parts(), "part")


def parse_weights(
    text: str, names: tuple[str, ...] | None = None, what: str = "granularity"
) -> dict[str, float]:
    """Return the weights of an address, of granularities or of other ``names``.

    Raises
    ------
    ValueError
        With one sentence, when a name is no granularity or a number is not in [0, 1].

    Examples
    --------
    >>> parse_weights("recent~0.3_social~0")
    {'recent': 0.3, 'social': 0.0}
    """
    weights: dict[str, float] = {}
    for part in filter(None, re.split(r"(?<=[0-9.])_(?=[A-Za-z])", text)):
        name, _, number = part.partition("~")
        if name not in (names or granularities()):
            raise ValueError(f"“{name}” is not a {what}")
        try:
            value = float(number)
        except ValueError:
            value = math.nan
        if not 0 <= value <= 1:
            raise ValueError(f"the weight of {name} is “{number}”, not a number from 0 to 1")
        weights[name] = value
    return weights


def to_query(view: View, keys: tuple[str, ...]) -> dict[str, str]:
    """Return the address parameters of a view: the given keys, without those at their default."""
    query: dict[str, str] = {}
    for key in keys:
        value, default = getattr(view, key, view.own.get(key, "")), getattr(DEFAULT, key, "")
        if value == default:
            continue
        query[key] = format_weights(value) if isinstance(value, dict) else _plain(value)
    return query


def from_query(query: Mapping[str, str], into: View, own: Collection[str] = ()) -> list[str]:
    """Read address parameters into a view; return one sentence a parameter that was wrong.

    Parameters that are not in the address get their default; unknown ones are ignored.

    Parameters
    ----------
    own
        Keys that pages have declared for themselves.
    """
    problems: list[str] = []
    of, picked = (into.workspace, into.of), into.picked
    for name in (f.name for f in fields(View)):
        default = getattr(DEFAULT, name)
        setattr(into, name, dict(default) if isinstance(default, dict) else default)
    for name in (f.name for f in fields(View) if f.name not in ("picked", "own")):
        with _told(name, problems):
            if name in query:
                setattr(into, name, _READERS.get(name, _text)(query[name]))
    for name in sorted(own):
        with _told(name, problems):
            if name in query:
                into.own[name] = _text(query[name])
    if of == (into.workspace, into.of) and not into.cohort:
        into.picked = picked  # going back to a map finds it as it was
    return problems


@contextmanager
def _told(name: str, problems: list[str]) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        problems.append(f"The link's “{name}” was ignored: {error}.")


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _text(text: str) -> str:
    if len(text) > 500:
        raise ValueError("it is longer than 500 characters")
    return text


def _workspace(text: str) -> str:
    if not is_name(text):
        raise ValueError("a workspace's name has letters, digits, dots, hyphens and underscores only")
    return text


def _sql(text: str) -> str:
    if len(text) > SQL_LIMIT or not all(c.isprintable() or c in "\n\t" for c in text):
        raise ValueError(f"a query in a link has at most {SQL_LIMIT:,} printable characters")
    return text


def _point(text: str) -> str:
    kind, _, identity = text.partition(":")
    if kind not in ("users", "items") or not identity or len(text) > 500:
        raise ValueError(f"“{text[:40]}” is not a point such as users:12 or items:12")
    return text


def _one_of(choices: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in choices:
            raise ValueError(f"“{text[:40]}” is not one of {', '.join(choices)}")
        return text

    return read


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\d{1,10}", text) or not low <= int(text) <= high:
            raise ValueError(f"“{text[:40]}” is not a whole number from {low} to {high}")
        return int(text)

    return read


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError(f"“{text[:40]}” is not a day such as 2025-02-01") from None


def _number(low: float, high: float) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not low <= value <= high:
            raise ValueError(f"“{text[:40]}” is not a number from {low:g} to {high:g}")
        return value

    return read


_READERS: dict[str, Callable[[str], object]] = {
    "workspace": _workspace,
    "weights": parse_weights,
    "alpha": parse_weights,
    "base": lambda text: _one_of(granularities())(text),
    "people": parse_parts,
    "ads": parse_parts,
    "people_base": lambda text: _one_of(parts())(text),
    "ads_base": lambda text: _one_of(parts())(text),
    "on": _day,
    "fusion": lambda text: _one_of(fusions())(text),
    "k": _whole(1, 1000),
    "personal": lambda text: bool(_whole(0, 1)(text)),
    "of": _one_of(OF),
    "space": lambda text: _one_of(("fused", *granularities()))(text),
    "neighbours": _whole(*NEIGHBOURS),
    "min_dist": _number(*MIN_DIST),
    "metric": _one_of(METRICS),
    "clusters": _one_of(CLUSTERS),
    "centres": _whole(2, 40),
    "smallest": _whole(0, 500),
    "find": _point,
    "sql": _sql,
    "section": lambda text: _one_of(sections())(text),
    "seed": _whole(0, 2**31 - 1),
    "split": lambda text: _one_of(splits())(text),
    "test_ratio": _number(0.05, 0.5),
    "lab": _one_of(LAB_TABS),
    "hide": lambda text: bool(_whole(0, 1)(text)),
    "look": _one_of(ITEM_TABS),
    "near": lambda text: _one_of(granularities())(text),
    "versus": _one_of(VERSUS),
    "reference_weights": parse_weights,
    "reference_base": lambda text: _one_of(granularities())(text),
    "form": _one_of(FORMS),
}
