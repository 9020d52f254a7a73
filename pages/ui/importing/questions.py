"""Doubtful readings as questions: sample rows as each answer reads them, one click, and the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from mgrec_core.foundation.errors import InputError
from pages.ui import text
from pages.ui.importing.chosen import Chosen

if TYPE_CHECKING:
    from mgrec_core.data.questions import Answer, Question


def show(chosen: Chosen) -> None:
    """Draw what is open, with a button for each answer, and what was answered, with the way back."""
    for number, (question, answer) in enumerate(chosen.answers.values()):
        _answered(chosen, question, answer, number)
    for number, question in enumerate(_open(chosen)):
        _ask(chosen, question, number)


def require_answers(chosen: Chosen) -> None:
    """Refuse to go on while a question is open that the import could not do without.

    Raises
    ------
    InputError
        When there is one.
    """
    for question in _open(chosen):
        if question.needed:
            raise InputError(f"Answer the question above first: {question.text}")


def _open(chosen: Chosen) -> list[Question]:
    """What the preview asks and nobody has answered; a doubt of several files is one question."""
    if chosen.preview is None:
        return []
    found: dict[tuple[object, ...], Question] = {}
    for question in chosen.preview.report.questions:
        if _key(question) not in chosen.answers:
            found.setdefault((question.about, question.answers), question)
    return list(found.values())


def _key(question: Question) -> str:
    return f"{question.about} {'|'.join(one.value for one in question.answers)}"


def _ask(chosen: Chosen, question: Question, number: int) -> None:
    with st.container(border=True, key=f"question_{number}"):
        st.html(f'<h3 class="mg-h3">{text.html(question.text)}</h3>')
        heads = "".join(f"<th>{text.html(head)}</th>" for head in question.heads)
        rows = "".join(
            f"<tr>{''.join(f'<td>{text.html(cell)}</td>' for cell in row)}</tr>" for row in question.rows
        )
        st.html(f'<table class="mg-table"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>')
        with st.container(horizontal=True, gap="small"):
            for place, answer in enumerate(question.answers):
                st.button(
                    text.md(answer.label),
                    key=f"answer_{number}_{place}",
                    on_click=_take,
                    args=(chosen, question, answer),
                )


def _answered(chosen: Chosen, question: Question, answer: Answer, number: int) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"answered_{number}"):
        st.success(f"{text.md(question.file)}: {text.md(_said(question, answer))}", icon=":material/check:")
        st.button(
            "Take back",
            key=f"take_back_{number}",
            icon=":material/undo:",
            on_click=_take_back,
            args=(chosen, question, answer),
        )


def _said(question: Question, answer: Answer) -> str:
    label = answer.label[:1].lower() + answer.label[1:]
    if question.about == "time_form":
        return f"in its dates {label} ({answer.value})" if answer.value else "all rows decide on its dates"
    if not answer.value:
        return "its ids are left as they are"
    return f"ids that differ only in form are the same: {label}"


def _take(chosen: Chosen, question: Question, answer: Answer) -> None:
    """Put an answer into the options of the import and look again."""
    if question.about == "time_form":  # one form for all files: another answer takes the place of this one
        for key in [key for key, (asked, _) in chosen.answers.items() if asked.about == "time_form"]:
            del chosen.answers[key]
    chosen.answers[_key(question)] = (question, answer)
    if answer.value and question.about == "time_form":
        st.session_state["import_time_form"] = answer.value
    elif answer.value:
        held = st.session_state.get("import_join_ids") or []
        st.session_state["import_join_ids"] = list(dict.fromkeys([*held, *answer.value.split(",")]))
    _again(chosen)


def _take_back(chosen: Chosen, question: Question, answer: Answer) -> None:
    """Undo :func:`_take`, unless the option was changed by hand since."""
    chosen.answers.pop(_key(question), None)
    if question.about == "time_form":
        if st.session_state.get("import_time_form") == answer.value:
            st.session_state["import_time_form"] = ""
    else:
        gone = answer.value.split(",")
        held = st.session_state.get("import_join_ids") or []
        st.session_state["import_join_ids"] = [name for name in held if name not in gone]
    _again(chosen)


def _again(chosen: Chosen) -> None:
    chosen.preview, chosen.due = None, True
