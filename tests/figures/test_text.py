"""What a catalogue says reaches a figure as text."""

from __future__ import annotations

import html
import re

from hypothesis import given
from hypothesis import strategies as st

from mgrec_core.figures.text import clean, escape, hover, label, shorten, signed


@given(st.text())
def test_escaped_text_has_nothing_that_plotly_reads_and_decodes_to_itself(text: str) -> None:
    escaped = escape(text)
    assert not re.search(r"[<>$%{}\n\r]", escaped)
    assert re.fullmatch(r"(?:[^&]|&(?:amp|lt|gt|#36|#37|#123|#125);)*", escaped)
    assert html.unescape(escaped) == clean(text)


@given(st.text(), st.integers(1, 80))
def test_shortened_text_fits_and_is_a_beginning(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= max(limit, 2)
    beginning, _, end = short.rpartition("…") if "…" in short else (short, "", "")
    assert clean(text).startswith(beginning) and clean(text).endswith(end)


def test_what_tells_titles_apart_is_kept() -> None:
    assert shorten("The Secret Life of Walter Mitty (2013)", 24) == "The Secret Life… (2013)"
    assert shorten("A (remark that is as long as all the rest)", 20) == "A (remark that is a…"


def test_controls_and_overrides_are_dropped_but_joiners_stay() -> None:
    assert clean("a\u202eb\u2066c\x00d\ue000") == "abcd"
    assert clean("👩\u200d🔬") == "👩\u200d🔬"
    assert clean(None) == clean(float("nan")) == ""
    assert clean("\n a \t b\u2028c ") == "a b c"


def test_a_cut_does_not_leave_half_a_character() -> None:
    assert shorten("ab" + "e\u0301" * 9, 5) == "ab" + "e\u0301" + "…"


def test_labels_are_isolated_so_that_rank_and_rtl_title_keep_their_places() -> None:
    assert label("שלום") == "\u2068שלום\u2069"
    assert label("") == ""


def test_hover_wraps_long_titles() -> None:
    lines = hover("word " * 60).split("<br>")
    assert len(lines) > 3 and all(len(line) <= 62 for line in lines)


def test_signed_has_a_true_minus_and_no_negative_zero() -> None:
    assert [signed(v, 2) for v in (1, -1, 0, -0.001)] == ["+1.00", "−1.00", "0.00", "0.00"]
