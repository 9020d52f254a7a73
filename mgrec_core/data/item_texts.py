"""What the language model reads of an item: a template filled with its title, description and attributes.

The usual template is the view ``v_item_text``; others are filled here from the same parts. Both leave out
URLs, names of files, markup and ids, which say nothing of what an item is.
"""

from __future__ import annotations

import duckdb

from mgrec_core.foundation.errors import InputError
from mgrec_core.language.template import PARTS, TEMPLATE, Template


def item_texts(
    connection: duckdb.DuckDBPyConnection, template: str = TEMPLATE, item: str | None = None
) -> dict[str, str | None]:
    """Return the text of each item, by id; ``None`` where there are no words.

    Parameters
    ----------
    template
        Fields in braces: ``title``, ``description``, ``attributes`` (all of them, named), and the attributes
        by name.
    item
        Of this item alone.

    Raises
    ------
    InputError
        The template names a field that there is not.
    """
    one = "" if item is None else "WHERE item_id = ?"
    which = [] if item is None else [item]
    if template == TEMPLATE:
        return dict(connection.execute(f"SELECT item_id, text FROM v_item_text {one}", which).fetchall())
    parsed = Template.parse(template)
    asked = dict.fromkeys(name for _, name in parsed.pieces)
    named = [name for name in asked if name not in PARTS]
    known = attributes(connection)
    for name in named:
        if name not in known:
            raise InputError(
                f"the template of texts names {{{name}}}, which no item has: choose among"
                f" {', '.join(f'{{{field}}}' for field in (*PARTS, *known))}"
            )
    values: dict[str, dict[str, str]] = {}
    parts_of = f"SELECT item_id, {', '.join(PARTS)} FROM v_item_parts {one}"
    for found, *parts in connection.execute(parts_of, which).fetchall():
        values[found] = {name: part for name, part in zip(PARTS, parts, strict=True) if part}
    for name in named:
        words_of = f"SELECT item_id, words FROM (FROM v_item_words WHERE attribute = ?) {one}"
        for found, words in connection.execute(words_of, [name, *which]).fetchall():
            values[found][name] = words
    return {found: parsed.fill(parts) for found, parts in values.items()}


def attributes(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return the names of the attributes that a template can name.

    Raises
    ------
    InputError
        The workspace was imported before there were templates.
    """
    try:
        found = connection.execute(
            "SELECT DISTINCT attribute FROM v_item_words WHERE attribute IS NOT NULL ORDER BY attribute"
        ).fetchall()
    except duckdb.CatalogException:
        raise InputError("this workspace was imported before there were templates: import it again") from None
    return [name for (name,) in found]
