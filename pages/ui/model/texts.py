"""What the texts look like to the model: the template, tokens, unknown ones, what is cut, texts alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.data.item_texts import item_texts
from mgrec_core.figures.model import text_lengths
from mgrec_core.language import Reading
from mgrec_core.language.model_files import find_model
from mgrec_core.language.pieces import Piece, Seen, cut_up, see
from mgrec_core.language.template import PARTS, TEMPLATE
from mgrec_core.model.config import Config
from mgrec_core.workspace.folder import Workspace
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import links
from pages.ui.model import rooms
from pages.ui.session import allowed, building, state
from pages.ui.widgets import charts, headings, problems
from pages.ui.widgets.controlled import controlled

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_SHOWN = 6
_TOKENS = 160
"""Tokens of a text that are drawn; the line below says how many there are."""
_GROUPS = 20
_CSS = """<style>
.mg-tokens {margin: .1rem 0 .7rem; line-height: 2.05; overflow-wrap: anywhere}
.mg-tokens span {display: inline-block; max-width: 100%; line-height: 1.45; padding: 0 .18rem;
  margin-left: .22rem; border-radius: 3px;
  border: 1px solid rgba(128,140,155,.45)}
.mg-tokens span.on {margin-left: 0; border-left-style: dotted}
.mg-tokens span.unknown {border: 2px solid currentColor; font-weight: 650;
  background: light-dark(#FBE3C8, #5A3A12)}
.mg-tokens span.unread {text-decoration: line-through; border-style: dashed; opacity: .68}
</style>"""


def show(view: View, engine: Engine) -> None:
    """Draw what the model in use makes of the texts, or would make of them with another template."""
    config = Config.of_build(engine.manifest.config)
    _totals(engine)
    with problems.told():
        template = _template(view, engine, config)
        _looked_at(view, engine, config, template)


def _totals(engine: Engine) -> None:
    manifest = engine.manifest
    headings.section(
        "Texts as the model reads them",
        f"Model of the build in use: {manifest.model}. {manifest.model_reason}",
    )
    if not manifest.texts:
        return
    reading = Reading.from_dict(manifest.texts)
    headings.kpis(
        [
            (f"{reading.distinct_texts:,}", "different texts"),
            (f"{100 * reading.unknown_tokens:.1f} %", "of their tokens unknown"),
            (f"{100 * reading.alike:.1f} %", "look like another text"),
            (f"{reading.truncated:,}", f"longer than {reading.limit:,} tokens"),
        ]
    )
    written = ", ".join(f"{100 * share:.3g} % {name}" for name, share in list(reading.scripts.items())[:5])
    if written:
        st.caption(text.md(f"Letters: {written}"))
    if reading.problem:
        sentence = f"{reading.problem[:1].upper()}{reading.problem[1:]}."
        st.warning(text.md(sentence), icon=":material/warning:")
        st.button(
            "Choose another model", key="model_other", icon=":material/swap_horiz:",
            on_click=rooms.go, args=("models",),
        )  # fmt: skip
    else:
        st.caption("The model reads these texts well: few unknown words, few texts alike, few that are cut.")


def _template(view: View, engine: Engine, config: Config) -> str:
    """Ask for the template and offer to build with it; return the one to show."""
    current = config.language.template
    headings.section(
        "What a text is made of",
        "Names of fields in braces; what an item lacks is left out with what separates it.",
    )
    asked = controlled(
        st.text_input, "Template of texts", key="model_template", max_chars=500,
        value=view.own.get("template") or current, on_change=_take_template, args=(current,),
        help="Press Enter to see below what the model would read. Nothing changes before you build.",
    )  # fmt: skip
    fields = [*PARTS, *_attributes(str(engine.workspace.path), engine.manifest.data_fingerprint)]
    named = ", ".join(f"<code>{{{text.html(text.shorten(name, 40))}}}</code>" for name in fields[:30])
    st.html(f'<p class="mg-sub">Fields: {named}</p>')
    template = str(asked or current)
    if template != current:
        item_texts_of(engine, template)  # a template that cannot be read is no build
        with st.container(horizontal=True, vertical_alignment="center"):
            build = st.button(
                "Build with this template", key="model_build_template", type="primary",
                icon=":material/build:", **allowed.control("build"),
            )  # fmt: skip
            st.button(
                "Back to the template in use", key="model_drop_template", icon=":material/undo:",
                on_click=_drop_template,
            )  # fmt: skip
        st.caption(
            "This is a preview: the build in use keeps its own texts until the new build is complete. "
            "Changed texts are encoded anew."
        )
        if build:
            language = config.language.model_copy(update={"template": template})
            changed = config.model_copy(update={"language": language})
            if problems.attempt(building.start, view, engine.manifest.model_asked, changed):
                st.rerun()
            problems.show()
    elif current != TEMPLATE:
        st.caption(text.md(f"The usual template is {TEMPLATE}"))
    return template


def _take_template(current: str) -> None:
    asked = st.session_state["model_template"].strip()
    state.editing().own["template"] = "" if asked == current else asked


def _drop_template() -> None:
    state.editing().own["template"] = ""


def _looked_at(view: View, engine: Engine, config: Config, template: str) -> None:
    found = item_texts_of(engine, template)
    if not any(found.values()):
        st.info(
            "No item has a text, so the language model has nothing to read. Import titles, descriptions or "
            "attributes to change that.",
            icon=":material/info:",
        )
        links.show("importing" if allowed.may("page importing") else "overview")
        return
    seen = seen_of(engine, template)
    if seen is None:
        st.info(
            "A server, or a library of its own, reads the texts for this model: its tokens are not "
            "known here.",
            icon=":material/info:",
        )
        for words in [one for one in found.values() if one][:_SHOWN]:
            st.html(f'<p class="mg-text">{text.html(text.shorten(words, 600))}</p>')
        return
    charts.draw(text_lengths(seen.tokens, seen.limit, dark=state.is_dark()), key="model_lengths")
    _tokens(view, engine, config, seen, found)
    _alike(seen)


def _tokens(view: View, engine: Engine, config: Config, seen: Seen, found: dict[str, str | None]) -> None:
    headings.section(
        "Some texts, cut into tokens",
        "First those with the most unknown or unread tokens. A dotted edge: the token goes on from the one"
        f" before. {100 * seen.unknown_share:.2g} % of {sum(seen.tokens):,} tokens are unknown.",
    )
    st.html(
        f'{_CSS}<p class="mg-tokens">Known <span>token</span> · unknown '
        '<span class="unknown">token ?</span> · not read any more <span class="unread">token</span></p>'
    )
    chosen = list(dict.fromkeys([*filter(None, [found.get(view.item)]), *seen.telling(_SHOWN)]))
    model = engine.workspace.model_at(engine.manifest.model_source)
    for words, pieces in zip(chosen, cut_up(chosen, seen.limit, model, config.language.prompt), strict=True):
        st.html(_drawn(words, pieces))


def _drawn(words: str, pieces: list[Piece]) -> str:
    unknown = sum(piece.fate == "unknown" for piece in pieces)
    unread = sum(piece.fate == "not read" for piece in pieces)
    cut = next((n for n, piece in enumerate(pieces) if piece.fate == "not read"), len(pieces))
    start = max(0, cut - _TOKENS + 40) if cut < len(pieces) and cut > _TOKENS else 0
    shown = pieces[start : start + _TOKENS]
    said = f"{text.count(len(pieces), 'token')}, {unknown:,} unknown, {unread:,} not read"
    if len(shown) < len(pieces):
        begins = text.html(text.shorten(words, 60))
        said = f"“{begins}”: {said}; {start + 1:,} to {start + len(shown):,} are shown"
    body = "".join(map(_token, shown))
    return f'<p class="mg-sub">{said}</p><p class="mg-tokens">{body}</p>'


def _token(piece: Piece) -> str:
    kind = {"unknown": "unknown", "not read": "unread"}.get(piece.fate, "")
    said = f' title="{piece.fate}"' if kind else ""
    mark = " ?" if kind == "unknown" and piece.letters != "?" else ""
    return (
        f'<span class="{kind}{" on" if piece.goes_on else ""}"{said}>{text.html(piece.letters)}{mark}</span>'
    )


def _alike(seen: Seen) -> None:
    if not seen.alike:
        st.caption("No two different texts look the same to the model.")
        return
    several = sum(map(len, seen.alike))
    with st.expander(
        f"{several:,} texts look like another to the model, in {text.count(len(seen.alike), 'group')}",
        icon=":material/content_copy:",
    ):
        rows = "".join(
            f"<tr><td>{len(group):,}</td><td>"
            + "<br>".join(text.html(text.shorten(words, 160)) for words in group[:4])
            + ("<br>…" if len(group) > 4 else "")
            + "</td></tr>"
            for group in seen.alike[:_GROUPS]
        )
        st.html(
            '<table class="mg-table"><thead><tr><th>texts</th><th>to the model they are one</th></tr></thead>'
            f"<tbody>{rows}</tbody></table>"
        )
        if len(seen.alike) > _GROUPS:
            st.caption(f"The {_GROUPS} largest groups are shown.")


def item_texts_of(engine: Engine, template: str) -> dict[str, str | None]:
    """Return the text of each item under a template, those that most people chose first."""
    return _texts(str(engine.workspace.path), engine.manifest.data_fingerprint, template, engine)


@st.cache_data(max_entries=4, show_spinner=False)
def _texts(path: str, data: str, template: str, _engine: Engine) -> dict[str, str | None]:
    with _engine.workspace.reading() as connection:
        found = item_texts(connection, template)
    frame = _engine.items_frame().sort_values(["n_users", "item_id"], ascending=[False, True])
    return {item: found[item] for item in frame["item_id"] if item in found}


@st.cache_data(max_entries=4, show_spinner=False)
def _attributes(path: str, data: str) -> list[str]:
    from mgrec_core.data.item_texts import attributes

    with Workspace(path).reading() as connection:
        return attributes(connection)


def seen_of(engine: Engine, template: str) -> Seen | None:
    """Return the texts under a template through the tokenizer of the model in use, looked at once."""
    language = Config.of_build(engine.manifest.config).language
    model = engine.workspace.model_at(engine.manifest.model_source)
    fingerprint = find_model(model, prompt=language.prompt, long_texts=language.long_texts).fingerprint
    return _seen(str(engine.workspace.path), engine.manifest.data_fingerprint, fingerprint, template, engine)


@st.cache_data(max_entries=4, show_spinner="Reading the texts as the model does …")
def _seen(path: str, data: str, fingerprint: str, template: str, _engine: Engine) -> Seen | None:
    language = Config.of_build(_engine.manifest.config).language
    texts = [words for words in item_texts_of(_engine, template).values() if words]
    model = _engine.workspace.model_at(_engine.manifest.model_source)
    return see(texts, model, language.prompt, language.long_texts)
