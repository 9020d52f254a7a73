"""Presets by name: save what is in force, rename, delete, and bring back what was deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.engine.preset_files import read_presets
from mgrec_core.engine.presets import RESERVED
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.results import Preset, Weights
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.session import allowed, gone, state
from pages.ui.widgets import problems

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

BUILT_IN = ("default", "equal", "base only")


def manage(view: View, engine: Engine, weights: Weights) -> None:
    """Offer all that can be done with presets, behind one button."""
    with st.popover("Save as preset", icon=":material/save:", width="stretch"):
        with st.form("save_preset", border=False):
            chosen = st.text_input("Name of the preset", max_chars=40, placeholder="weekend campaign")
            if st.form_submit_button("Save", type="primary", **allowed.control("save presets")):
                with problems.told():
                    allowed.require("save presets", detail=chosen)
                    engine.save_preset(chosen.strip(), weights)
                    view.preset, view.weights, view.base, view.personal = chosen.strip(), {}, "", False
                    state.touch()
                    st.rerun()
        presets = engine.presets()
        mine = [n for n, p in presets.items() if n not in BUILT_IN and p.origin != "tuned"]
        if mine:
            st.divider()
            _others(engine, presets, mine)
        bring_back(engine, "presets_back")


def _others(engine: Engine, presets: dict[str, Preset], mine: list[str]) -> None:
    chosen = st.selectbox("Saved preset", mine, key="preset_of_mine", format_func=_short)
    st.text_input("New name", key="preset_new_name", max_chars=40, placeholder=_short(chosen))
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Rename",
            icon=":material/edit:",
            key="preset_rename",
            on_click=_rename,
            args=(engine, chosen),
            **allowed.control("save presets"),
        )
        st.button(
            "Delete",
            icon=":material/delete:",
            key="preset_delete",
            on_click=remove,
            args=(engine, presets[chosen]),
            **allowed.control("delete"),
        )


def bring_back(engine: Engine, key: str) -> None:
    """Offer the preset that was deleted last; ``key`` is the button's."""
    preset: Preset | None = gone.held("preset", st.session_state["view"])
    if preset is not None:
        st.button(
            f"Bring “{text.md(_short(preset.name))}” back",
            icon=":material/undo:",
            on_click=_restore,
            args=(engine, preset),
            key=key,
            **allowed.control("delete"),
        )


def remove(engine: Engine, preset: Preset) -> None:
    """Delete a preset (from a callback); what used it goes back to its default."""
    view: View = st.session_state["view"]
    if not problems.attempt(allowed.require, "delete", detail=f"preset {preset.name}"):
        return
    if problems.attempt(engine.delete_preset, preset.name):
        gone.keep("preset", view.workspace, preset)
        view.preset = "" if view.preset == preset.name else view.preset
        if view.reference == preset.name:
            view.reference, view.reference_weights, view.reference_base = "", {}, ""
        state.touch()


def _restore(engine: Engine, preset: Preset) -> None:
    if problems.attempt(
        allowed.require, "delete", detail=f"bring back preset {preset.name}"
    ) and problems.attempt(restore, engine, preset):
        gone.drop("preset")


def restore(engine: Engine, preset: Preset) -> None:
    """Bring a deleted preset back as it was.

    Raises
    ------
    InputError
        There is another of that name by now; both stay as they are.
    """
    if preset.name in engine.presets():
        raise InputError(f"there is another preset {preset.name!r} by now: rename or delete that first")
    save = engine.store_learned if preset.origin == "tuned" else engine.save_preset
    save(preset.name, preset.as_weights())


def rename(engine: Engine, old: str, new: str) -> str:
    """Give a saved preset another name and return that.

    Raises
    ------
    InputError
        The name is taken, empty, too long or a built-in preset's; the preset is as before.
    """
    new = " ".join(new.split())
    presets = engine.presets()
    if new != old and new in presets:
        raise InputError(f"there is a preset {new!r} already: choose another name")
    if new != old:
        engine.save_preset(new, presets[old].as_weights())
        engine.delete_preset(old)
    return new


def take_in(engine: Engine, file: bytes) -> list[str]:
    """Save the presets of a file and return their names; those that nobody may save under get another.

    Raises
    ------
    InputError
        It is no such file; nothing is saved then.
    """
    names = []
    for preset in read_presets(file, engine.present):
        name = f"{preset.name} (imported)" if preset.name in RESERVED else preset.name
        names.append(engine.save_preset(name, preset.as_weights()).name)
    return names


def _rename(engine: Engine, old: str) -> None:
    view: View = st.session_state["view"]
    new = " ".join(st.session_state["preset_new_name"].split())
    if problems.attempt(
        allowed.require, "save presets", detail=f"rename {old} to {new}"
    ) and problems.attempt(rename, engine, old, new):
        view.preset = new if view.preset == old else view.preset
        view.reference = new if view.reference == old else view.reference
        st.session_state["preset_new_name"] = ""
        state.touch()


def _short(name: str) -> str:
    return text.shorten(name, 30)
