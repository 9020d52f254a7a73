"""Teaching a model: what, how long, how it goes while it runs, and what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import streamlit as st

from mgrec_core.adaptation.settings import METHODS
from mgrec_core.engine.model_choice import PARTS, how, in_words, label
from mgrec_core.figures.model import training_curve
from mgrec_core.operations import adapting
from mgrec_core.service import jobs
from mgrec_core.service.jobs import Job
from mgrec_core.workspace.models import ModelRecord, curves_of, models_of, projection_of
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.frame import gate
from pages.ui.session import allowed, state
from pages.ui.widgets import charts, headings, problems

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine

_METHODS = {
    "contrastive": "What people choose: texts of items that are chosen together come closer",
    "mlm": "The domain's words: missing words are guessed, unknown frequent ones are learned",
    "mlm+contrastive": "Both: first the words, then what people choose",
    "projection": "Light: the model stays as it is, item vectors are fitted to histories; nothing is trained",
}
_ADAPTERS = {
    "lora": "LoRA: small, the usual choice",
    "adalora": "AdaLoRA: small, shares its size out by itself",
    "adapter": "Bottleneck adapters: small layers in between",
    "none": "None: every weight (slow, and the largest change)",
}
# options of the command, so that the same training is meant
_GIVEN = ("method", "peft", "budget", "steps", "batch", "accumulate", "hard", "strength", "rate", "seed")
_BUDGETS = {"5m": "5 minutes", "20m": "20 minutes", "1h": "1 hour", "3h": "3 hours"}


def show(view: View, engine: Engine) -> None:
    """Draw the form, the running training, or what came of the last one."""
    folder = state.folder(view.workspace)
    job = jobs.running(folder, "adapt")
    headings.section(
        "Teach the language model",
        "It learns from the texts and histories of this workspace, apart from what is held out to measure it "
        "on, and is switched to only where it ranks something better and nothing worse.",
    )
    if job is not None:
        _watch(view, job)
        return
    _ended(view)
    _form(view, engine)
    _last(view, engine)


def _form(view: View, engine: Engine) -> None:
    folder = state.folder(view.workspace)
    begun = adapting.begun(folder)
    if begun is not None:
        settings = begun["settings"]
        said = f"{settings.get('method')} with {settings.get('peft')}, {settings.get('budget')}"
        st.info(
            text.md(f"A training was begun and not finished ({said}). It can go on where it was stopped; one "
                    "with other settings throws it away."),
            icon=":material/history:",
        )  # fmt: skip
        if st.button(
            "Go on with it", key="model_go_on", type="primary", icon=":material/play_arrow:",
            **allowed.control("build"),
        ):  # fmt: skip
            if problems.attempt(allowed.start, folder, _again(view, settings)):
                st.rerun()
            problems.show()
    with st.form("model_teach", border=True):
        method = st.selectbox(
            "What to learn", list(_METHODS), key="model_method", format_func=lambda m: _METHODS[m]
        )
        left, right = st.columns(2)
        peft = left.selectbox(
            "What is trained", list(_ADAPTERS), key="model_peft", format_func=lambda p: _ADAPTERS[p],
            help="Of no account for the light method.",
        )  # fmt: skip
        budget = right.selectbox(
            "Time for training", list(_BUDGETS), index=1, key="model_budget",
            format_func=lambda b: _BUDGETS[b],
            help="The best state so far is kept. Training ends sooner once it gets no better.",
        )  # fmt: skip
        sent = st.form_submit_button(
            "Start", key="model_start", type="primary" if begun is None else "secondary",
            icon=":material/model_training:", **allowed.control("build"),
        )  # fmt: skip
    if why := allowed.rights().why_not("build", view.workspace):
        st.caption(text.md(why))
    st.caption(
        "It starts from the model of the build in use, or from what that was taught from. "
        "It runs in the background and every page stays usable. Measuring before and after and the build at "
        "the end come on top of the time for training: minutes on small data, about as long again on large. "
        "Until it is done no import, build or forgetting can be started from these pages in this workspace."
    )
    if sent:
        command = ["adapt", "--workspace", str(folder), "--method", str(method)]
        if method != "projection":
            command += ["--peft", str(peft), "--budget", str(budget)]
        if problems.attempt(allowed.start, folder, command):
            st.rerun()
        problems.show()


def _again(view: View, settings: dict[str, Any]) -> list[str]:
    """Return the command that goes on with a training of these settings."""
    words = ["adapt", "--workspace", str(state.folder(view.workspace))]
    for name in _GIVEN:
        if settings.get(name) is not None:
            words += [f"--{name}", str(settings[name])]
    return words


def _watch(view: View, job: Job) -> None:
    folder = state.folder(view.workspace)

    @st.fragment(run_every=2)
    def panel() -> None:
        gate.hold()
        if job.state != "running":
            st.rerun()
        begun = adapting.begun(folder)
        curves = curves_of(folder, begun["name"]) if begun else {}
        if not curves:
            st.info(
                "What the model can do before, and what it is to learn from, is being got ready: the curves "
                "appear with the first steps. Progress and a way to cancel are shown above.",
                icon=":material/hourglass_top:",
            )
        else:
            st.button(
                "Stop and keep the best",
                key="model_stop",
                icon=":material/flag:",
                on_click=_stop_now,
                args=(view.workspace,),
                **allowed.control("build", help="Ends after this step; the best state so far is kept."),
            )
            problems.show()
            if adapting.stopping(folder):
                st.caption(
                    "It ends after this step, then the best state is measured. This takes a few minutes."
                )
            _curves(curves)
        st.caption("Cancel ends it at once: nothing is switched, and it can be gone on with later.")

    panel()


def _stop_now(workspace: str) -> None:
    problems.attempt(_stop, workspace)


def _stop(workspace: str) -> None:
    allowed.require("build", workspace, detail="stop the training, keep the best")
    adapting.stop(state.folder(workspace))


def _curves(curves: dict[str, list[dict[str, float]]]) -> None:
    for stage, points in reversed(curves.items()):
        columns = st.container(key=f"distributions_{stage}").columns(2, gap="medium")
        for column, what in zip(columns, ("loss", "ndcg@10"), strict=True):
            with column:
                charts.draw(
                    training_curve(points, what, stage, dark=state.is_dark()), key=f"model_{stage}_{what}"
                )


def _ended(view: View) -> None:
    last = jobs.latest(state.folder(view.workspace), "adapt")
    if last is None:
        return
    if last.state == "failed":
        problems.say(last.error, before="The last training ended early, and the model before stays in use: ")
    elif last.state == "cancelled":
        st.caption("The last training was cancelled; the model before stays in use.")


def _last(view: View, engine: Engine) -> None:
    folder = state.folder(view.workspace)
    found = [record for record in models_of(folder) if record.method in METHODS]
    if (light := projection_of(folder)) is not None:
        found.append(light)
    if not found:
        st.caption("No training has come to its end in this workspace yet.")
        return
    record = max(found, key=lambda one: one.made)
    headings.section(
        "What came of the last training",
        f"{label(record.name)}: {how(record)}. {record.made[:16].replace('T', ' ')} UTC"
        + (f", {text.duration(record.seconds)}." if record.seconds else "."),
    )
    with problems.told():
        better, reason = adapting.verdict(record.figures)
        if record.method == "projection":
            used = engine.manifest.config.get("behaviour", {}).get("items") == "learned"
        else:
            used = engine.manifest.model_source == record.name
        if used and not better:
            reason = reason.removesuffix(adapting.STAYS)
        sentence = f"{reason[:1].upper()}{reason[1:]}."
        if used:
            sentence += " It is in use." if better else " It is in use all the same."
        elif better and record.method != "projection":
            sentence += " It is not in use now: the part Models above has the switch."
        (st.success if better else st.info)(
            text.md(sentence), icon=":material/check_circle:" if better else ":material/info:"
        )
        _figures(record)
    if record.method != "projection":
        _curves(curves_of(folder, record.name))


def _figures(record: ModelRecord) -> None:
    rows = "".join(
        f"<tr><td>{text.html(PARTS.get(part, part))}</td><td class=num>{text.html(in_words(figure))}</td>"
        f"<td class=num>{figure.get('n_users', 0):,}</td></tr>"
        for part, figure in record.figures.items()
        if figure
    )
    st.html(
        '<div class="mg-scroll"><table class="mg-table"><thead><tr><th>ranked</th>'
        "<th class=num>nDCG@10 before → after, difference [95 %]</th><th class=num>users</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
        '<p class="mg-sub">Known, rare and new items: behaviour alone. Fused lists: all granularities with '
        "their weights. New items were in nobody's training events.</p>"
    )
