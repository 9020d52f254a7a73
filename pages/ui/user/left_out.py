"""What of a user's history is not to count: in the address, so that a link shows the same list."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from urllib.parse import quote, unquote

from pages.ui.address.view import View
from pages.ui.session import state

KEY = "without"


def of(view: View, known: Collection[str]) -> list[str]:
    """Ids of the history's items that do not count, in order; those of another user are nobody's."""
    user, _, items = view.own.get(KEY, "").partition(":")
    if unquote(user) != view.user:
        return []
    return sorted({unquote(one) for one in items.split(",")} & set(known))


def put(user: str, items: Iterable[str]) -> None:
    """Leave these out from now on, or nothing."""
    ids = ",".join(quote(one, safe="") for one in sorted(set(items)))
    state.editing().own[KEY] = f"{quote(user, safe='')}:{ids}" if ids else ""
