"""What a person may say about the meaning of values: ratings, kinds of events, times, ids, columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from mgrec_core.foundation.errors import InputError
from pages.ui.importing import presets

if TYPE_CHECKING:
    from mgrec_core.data.options import ImportOptions

_FOUND = "as found"
_REPEATS = {"last": "the last", "first": "the first", "mean": "the mean of what they say"}


def said() -> dict[str, Any]:
    """Return what was said in :func:`show`, as :meth:`ImportOptions.of` takes it.

    Raises
    ------
    InputError
        A line that should give a kind or a column something does not.
    """
    get = st.session_state.get
    missing = str(get("import_no_rating") or "").strip()
    return {
        "ratings": {
            "liked": str(get("import_liked") or "").strip() or None,
            "disliked": str(get("import_disliked") or "").strip() or None,
            "missing": None if not missing else [] if missing == "none" else missing.split(","),
            "repeats": get("import_repeats"),
        },
        "strengths": _lines("import_strengths", "How much kinds of events say"),
        "time_form": str(get("import_time_form") or "").strip() or None,
        "join_ids": get("import_join_ids") or [],
        "roles": _lines("import_roles", "What columns are"),
    }


def words(options: ImportOptions) -> list[str]:
    """Return these choices as words of the command line; none for the defaults."""
    ratings = options.ratings
    found = [f"--strength={kind}={number:g}" for kind, number in options.strengths.items()]
    found += [f"--liked={ratings.liked:g}"] if ratings.liked is not None else []
    found += [f"--disliked={ratings.disliked:g}"] if ratings.disliked is not None else []
    if ratings.missing is not None:
        found.append(f"--no-rating={','.join(f'{value:g}' for value in ratings.missing) or 'none'}")
    found += [f"--repeats={ratings.repeats}"] if ratings.repeats else []
    found += [f"--time-form={options.time_form}"] if options.time_form else []
    found += [f"--join-ids={','.join(options.join_ids)}"] if options.join_ids else []
    return found + [f"--role={name}={role}" for name, role in options.roles.items()]


def show(outdated: Callable[[], None]) -> None:
    """Draw the choices, folded away; empty ones are found in the data and told by the preview."""
    from mgrec_core.data.questions import DIFFER_BY

    with st.expander(
        "What values mean",
        presets.opens("import_meaning"),
        key="import_meaning",
        icon=":material/balance:",
        on_change="rerun",
    ):
        st.caption(
            "Left empty, each is found in the data; the preview and the receipt say how it was read. "
            "A dislike counts against what it speaks of."
        )
        left, middle, right = st.columns(3)
        left.text_input("Liked from a rating of", key="import_liked", placeholder=_FOUND, on_change=outdated)
        middle.text_input(
            "Disliked up to a rating of", key="import_disliked", placeholder=_FOUND, on_change=outdated
        )
        right.text_input(
            "Ratings that mean “no rating”",
            key="import_no_rating",
            placeholder=_FOUND,
            on_change=outdated,
            help="Numbers with commas between them, such as -1,99; “none” where every value is a rating.",
        )
        left.selectbox(
            "Of several opinions on an item counts",
            list(_REPEATS),
            format_func=_REPEATS.__getitem__,
            key="import_repeats",
            index=None,
            placeholder="the last",
            on_change=outdated,
            help="Ratings, likes and dislikes are opinions. Each says something from −1 to 1, whatever its "
            "own scale; that is what is averaged, and opinions of one moment always are.",
        )
        middle.text_input(
            "Form of times",
            key="import_time_form",
            placeholder=_FOUND,
            on_change=outdated,
            help="Such as %d/%m/%Y, or days, seconds, milliseconds; needed where two forms fit every row.",
        )
        right.multiselect(
            "Ids of events and catalogue differ by",
            list(DIFFER_BY),
            format_func=DIFFER_BY.__getitem__,
            key="import_join_ids",
            placeholder="nothing",
            on_change=outdated,
        )
        left, right = st.columns(2)
        left.text_area(
            "How much kinds of events say, −1 to 1",
            key="import_strengths",
            placeholder="thumbs_down = -1\nsave = 0.6",
            on_change=outdated,
            height=100,
        )
        right.text_area(
            "What columns are",
            key="import_roles",
            placeholder="ean = id\nseason = attribute",
            on_change=outdated,
            height=100,
            help="attribute, list, number, text, date, url, image, id or ignore.",
        )


def _lines(key: str, field: str) -> Mapping[str, str]:
    """Read lines of ``name = value``."""
    found = {}
    for line in str(st.session_state.get(key) or "").splitlines():
        if not line.strip():
            continue
        name, sign, value = line.rpartition("=")
        if not (sign and name.strip() and value.strip()):
            raise InputError(f"{field}: “{line.strip()[:60]}” says nothing; write name = value")
        found[name.strip()] = value.strip()
    return found
