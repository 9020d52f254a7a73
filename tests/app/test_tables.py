"""Heads of tables."""

from __future__ import annotations

import streamlit as st

from pages.ui.widgets.tables import heads


def test_every_column_gets_a_head_and_what_is_set_stays() -> None:
    found = heads(
        ["user_id", "nDCG @10", "n", "λ", "λ then"],
        {
            "n": st.column_config.NumberColumn(format="%d"),
            "λ": "Weight",
            "λ then": "λ then",
            "nDCG @10": {"label": "nDCG"},
        },
    )
    assert {c: v["label"] for c, v in found.items()} == {
        "user_id": "User id", "nDCG @10": "nDCG", "n": "N", "λ": "Weight", "λ then": "λ then",
    }  # fmt: skip
    assert found["n"]["type_config"]["format"] == "%d"
