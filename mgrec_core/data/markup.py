"""Texts without HTML: entities decoded, tags dropped, in SQL."""

from __future__ import annotations

import html

import duckdb

_TAGS = (
    "a|abbr|address|article|aside|b|big|blockquote|body|br|button|center|cite|code|col|dd|del|div|dl|dt|em|figure"
    "|figcaption|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|label|li|link|main|mark|meta"
    "|nav|ol|p|pre|q|s|script|section|small|span|strike|strong|style|sub|sup|svg|table|tbody|td|tfoot|th|thead|tr"
    "|tt|u|ul|video"
)
_INLINE = "a|abbr|b|big|cite|code|del|em|font|i|ins|mark|q|s|small|span|strike|strong|sub|sup|tt|u"
_TAG = rf"(?i)<!--.*?-->|</?(?:{_TAGS})(?:\s[^<>]*)?/?>"
_ENTITY = r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_CONTENT = r"(?i)<(?:script|style|img|iframe|svg|video|input)\b"
_HIDDEN = r"(?is)<(?:script|style)(?:\s[^<>]*)?>.*?</(?:script|style)\s*>"


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def has_markup(column: str) -> str:
    """Return SQL that is true where a text has HTML in it; ``a < b`` and ``AT&T`` are none."""
    return (
        f"((contains({column}, '&') AND regexp_matches({column}, {_text(_ENTITY)}))"
        f" OR (contains({column}, '<') AND regexp_matches({column}, {_text(_TAG)})))"
    )


def without_markup(connection: duckdb.DuckDBPyConnection, table: str, column: str, text: str) -> str | None:
    """Return SQL for ``text`` without markup; None where its column has none.

    NULL where nothing is left, but a script or a picture alone stays as it is written: to show it (escaped,
    as all texts are) is better than no title.

    Elements that are words apart, such as paragraphs, leave a space; what scripts and styles hold is no
    text. Only distinct entities are looked up in Python.
    """
    some = connection.execute(f"SELECT 1 FROM {table} WHERE {has_markup(column)} LIMIT 1").fetchall()
    if not some:
        return None
    named = connection.execute(
        f"SELECT DISTINCT unnest(regexp_extract_all({column}, '&[A-Za-z][A-Za-z0-9]{{1,31}};')) AS entity"
        f" FROM {table} WHERE contains({column}, '&') ORDER BY entity"
    ).fetchall()
    plain = _numbered(_numbered(text, 16), 10)
    # What is decoded last cannot become the beginning of another entity.
    for (entity,) in sorted(named, key=lambda row: row[0] in ("&amp;", "&AMP;")):
        if (decoded := html.unescape(entity)) != entity:
            plain = f"replace({plain}, {_text(entity)}, {_text(decoded)})"
    for pattern, instead in (
        (_HIDDEN, " "),
        (rf"(?i)</?(?:{_INLINE})(?:\s[^<>]*)?/?>", ""),
        (_TAG, " "),
        (r"[\s\x{A0}]+", " "),
    ):
        plain = f"regexp_replace({plain}, {_text(pattern)}, {_text(instead)}, 'g')"
    bare = f"CASE WHEN regexp_matches({text}, {_text(_CONTENT)}) THEN {text} END"
    return f"CASE WHEN {has_markup(text)} THEN coalesce(nullif(trim({plain}), ''), {bare}) ELSE {text} END"


def _numbered(text: str, base: int) -> str:
    """SQL for a text with its entities of one base, such as ``&#039;``, decoded."""
    start, digits, sign = ("&#", "[0-9]{1,7}", "") if base == 10 else ("&#x", "[0-9a-fA-F]{1,6}", "0x")
    text = f"regexp_replace({text}, '&#X', '&#x', 'g')" if base == 16 else text
    number = f"try_cast({_text(sign)} || split_part(part, ';', 1) AS INTEGER)"
    # Surrogates are no characters, and beyond U+10FFFF there are none.
    valid = f"({number} BETWEEN 1 AND 55295 OR {number} BETWEEN 57344 AND 1114111)"
    decoded = f"chr({number}) || substr(part, position(';' IN part) + 1)"
    return (
        f"CASE WHEN contains({text}, '{start}') THEN array_to_string(list_transform(string_split({text},"
        f" '{start}'), lambda part, place: CASE WHEN place = 1 THEN part"
        f" WHEN regexp_matches(part, '^{digits};') AND {valid} THEN {decoded}"
        f" ELSE '{start}' || part END), '') ELSE {text} END"
    )
