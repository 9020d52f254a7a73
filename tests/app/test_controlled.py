"""Widgets that show the view: the browser is told the value as state and as default, everywhere."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

PAGES = Path(__file__).resolve().parents[2] / "pages"
WIDGETS = {
    "selectbox", "radio", "segmented_control", "pills", "feedback", "slider", "select_slider", "toggle",
    "checkbox", "number_input", "text_input", "text_area", "multiselect", "date_input",
}  # fmt: skip
OWN = {
    "import_without", "import_drop", "import_identifiers", "import_liked", "import_disliked",
    "import_no_rating", "import_repeats", "import_time_form", "import_join_ids", "import_strengths",
    "import_roles", "kg_found",
}  # fmt: skip
"""Keys of widgets with a callback whose value is the session's own and never set by a script."""


def direct(tree: ast.AST) -> list[ast.Call]:
    """Calls that draw a widget without ``controlled``."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in WIDGETS
        and ast.unparse(node.func.value) != "controls"
    ]


def given(call: ast.Call, name: str) -> str:
    return next((ast.unparse(k.value) for k in call.keywords if k.arg == name), "")


@pytest.mark.parametrize("path", sorted(PAGES.rglob("*.py")), ids=lambda p: str(p.relative_to(PAGES)))
def test_no_widget_shows_a_value_without_its_default(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called_back = {given(call, "key").strip("'") for call in direct(tree) if given(call, "on_change")}
    assert called_back <= OWN, "draw it with pages.ui.controlled"
    keys = {given(call, "key") for call in direct(tree)} - {""}
    assigned = {
        ast.unparse(target.slice)
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Subscript) and ast.unparse(target.value) == "st.session_state"
    }
    assert not keys & assigned - {"'preset_new_name'"}, "but to empty it: that is its default"


def _every_kind() -> None:
    from datetime import date

    import streamlit as st

    from pages.ui.widgets.controlled import controlled

    controlled(st.selectbox, "a", ["x", "y", "z"], key="a", value="z")
    controlled(st.radio, "b", ["x", "y"], key="b", value="y")
    controlled(st.segmented_control, "c", ["x", "y", "z"], key="c", value="y")
    controlled(st.pills, "d", ["x", "y", "z"], key="d", value="z")
    controlled(st.slider, "e", 0.0, 1.0, key="e", value=0.25, step=0.05)
    controlled(st.toggle, "f", key="f", value=True)
    controlled(st.number_input, "g", 0, 10, key="g", value=7)
    controlled(st.date_input, "h", key="h", value=date(2024, 2, 29))
    controlled(st.feedback, "thumbs", key="i", value=1)
    controlled(st.selectbox, "j", ["x", "y"], key="j", value=None)
    controlled(st.selectbox, "k", ["x", "y"], key="k", value="x")
    st.session_state["seen"] = {k: st.session_state[k] for k in "abcdefghijk"}


def test_the_value_is_state_and_default() -> None:
    at = AppTest.from_function(_every_kind).run()
    assert not at.exception
    seen = at.session_state["seen"]
    assert [seen[k] for k in "abcdefg"] == ["z", "y", "y", "z", 0.25, True, 7] and seen["j"] is None
    assert [box.proto.default for box in at.selectbox] == [2, 0, 0]
    assert not at.selectbox[1].proto.HasField("default") and at.selectbox[2].proto.HasField("default")
    assert at.radio[0].proto.default == 1
    assert [list(group.proto.default) for group in at.button_group] == [[1], [2]]
    assert at.get("feedback")[0].proto.default == 1
    assert list(at.slider[0].proto.default) == [0.25]
    assert at.toggle[0].proto.default is True
    assert at.number_input[0].proto.default == 7
    assert list(at.date_input[0].proto.default) == ["2024-02-29"]
