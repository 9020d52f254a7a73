"""The models there are: what each is worth, switching to one, going back, removing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.engine.model_choice import (
    PARTS,
    ModelChoice,
    choices,
    former,
    in_words,
    label,
    models_frame,
)
from mgrec_core.export.cells import safe_csv
from mgrec_core.model.config import Config
from mgrec_core.operations import own_models
from mgrec_core.workspace.manifest import Manifest
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.model import rooms, smaller
from pages.ui.session import allowed, building
from pages.ui.widgets import exports, headings, problems
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


def show(view: View, engine: Engine) -> None:
    """Draw the table of models and what can be done with one."""
    with problems.told():
        found = choices(engine.workspace)
        headings.section(
            "Models of this workspace",
            "nDCG@10 of behaviour alone, and of the fused lists, on users' held-out items that the model "
            "never saw: before → after, the difference, and the interval that holds it with 95 %.",
        )
        _table(found)
        if not any(one.record for one in found):
            st.info(
                "No model has been made in this workspace yet: those above are installed with mgrec. Teach "
                "one what the texts and the people here say.",
                icon=":material/info:",
            )
            st.button(
                "Teach a model", key="model_to_teach", icon=":material/model_training:",
                on_click=rooms.go, args=("teach",),
            )  # fmt: skip
        exports.download(
            "Models as CSV",
            lambda: safe_csv(models_frame(found)),
            f"{exports.file_stem(f'models-{view.workspace}')}.csv",
            key="models_csv",
            ids=False,
        )
        _switch(view, engine, found)
        smaller.show(view, engine)
        _back(view, engine)


def _table(found: list[ModelChoice]) -> None:
    parts = ("warm", "cold", "fused")
    heads = "".join(f"<th>{text.html(PARTS[part].capitalize())}</th>" for part in parts)
    rows = "".join(
        f"<tr><td>{'<b>● yes</b>' if one.in_use else ''}</td><td>{text.html(one.name)}</td>"
        f"<td>{text.html(one.how)}</td><td>{_lines(one.made[:16].split('T'))}</td>"
        + "".join(f"<td>{_measured(one, part)}</td>" for part in parts)
        + "</tr>"
        for one in found
    )
    st.html(
        '<div class="mg-scroll"><table class="mg-table"><thead><tr><th>In use</th><th>Model</th>'
        f"<th>How it was made</th><th>Made (UTC)</th>{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _measured(one: ModelChoice, part: str) -> str:
    said = in_words(one.figures.get(part))
    return _lines(said.replace(" [", "|[").replace(", ", "|", 1).split("|"))


def _lines(lines: list[str]) -> str:
    """Lines that are not broken within."""
    return "<br>".join(f'<span style="white-space:nowrap">{text.html(words)}</span>' for words in lines)


def _switch(view: View, engine: Engine, found: list[ModelChoice]) -> None:
    headings.section(
        "Switch or remove",
        "A switch builds in the background; vectors that a model has made before are not made again.",
    )
    names = [one.name for one in found]
    asked = view.own.get("one", "")
    if asked and asked not in names:
        problems.say(
            f"There is no model “{text.shorten(asked, 60)}” here; another one is shown.", tone="info"
        )
        asked = ""
    others = [name for one, name in zip(found, names, strict=True) if not one.in_use]
    value = asked or (others or names)[0]
    controlled(
        st.selectbox, "Model", names, key="model_one", value=value, format_func=label,
        on_change=rooms.take, args=("one", "model_one"),
    )  # fmt: skip
    one = found[names.index(value)]
    with st.container(horizontal=True, vertical_alignment="center"):
        switch = st.button(
            "In use" if one.in_use else "Switch to it", key="model_switch", type="primary",
            icon=":material/swap_horiz:", **allowed.control("build", disabled=one.in_use),
        )  # fmt: skip
        if one.record is not None:
            _remove(view, engine, one)
    if one.record is not None and one.record.facts.get("reason"):
        st.caption(text.md(one.record.facts["reason"]))
    if switch:
        config = Config.of_build(engine.manifest.config)
        if problems.attempt(building.start, view, one.name, config):
            st.rerun()
        problems.show()


def _remove(view: View, engine: Engine, one: ModelChoice) -> None:
    with st.popover(
        "Remove …", icon=":material/delete:", key="model_remove",
        **allowed.control(
            "delete", disabled=one.in_use,
            help="Switch to another model first: this one is in use." if one.in_use else None,
        ),
    ):  # fmt: skip
        st.write(f"Remove **{text.md(label(one.name))}** with all that was made with it?")
        st.caption("It cannot be brought back: the training would have to run again.")
        sent = st.button(
            "Remove it for good", key="model_remove_now", icon=":material/delete_forever:",
            **allowed.control("delete", disabled=one.in_use),
        )  # fmt: skip
    if sent and problems.attempt(_removed, view, engine, one.name):
        view.own["one"] = ""
        st.rerun()
    problems.show()


def _removed(view: View, engine: Engine, name: str) -> None:
    allowed.require("delete", view.workspace, detail=f"model {name}")
    own_models.remove(engine.workspace, name)


def _back(view: View, engine: Engine) -> None:
    before = former(engine.workspace)
    if before is None:
        return
    headings.section("Go back", "The build before the one in use is kept; going back to it takes seconds.")
    st.caption(text.md(_said(before, engine.manifest)))
    if st.button(
        "Back to the build before", key="model_back", icon=":material/undo:", **allowed.control("build")
    ):
        if problems.attempt(building.start, view, before.model_asked, Config.of_build(before.config)):
            st.rerun()
        problems.show()


def _said(before: Manifest, now: Manifest) -> str:
    words = [f"Model: {before.model}"]
    one, other = (Config.of_build(m.config) for m in (before, now))
    if one.language.template != other.language.template:
        words.append(f"texts made of {one.language.template}")
    changed = [
        name
        for name, section in before.config.items()
        if name != "language" and now.config.get(name) != section
    ]
    if changed:
        words.append(f"other options of {', '.join(changed)}")
    if before.data_fingerprint != now.data_fingerprint:
        words.append("the data have changed since, so it is built anew")
    return "; ".join(words)
