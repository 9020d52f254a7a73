"""Every evaluation of the workspace with its settings; any can be run again."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd
import streamlit as st

from mgrec_core.evaluation.experiments import Experiment, ExperimentLog
from mgrec_core.export.kinds.evaluation import evaluation_document
from mgrec_core.export.provenance import Origin
from mgrec_core.figures import difference_bars
from mgrec_core.figures.palette import name
from mgrec_core.foundation.results import Weights
from mgrec_core.metrics import METRICS
from mgrec_core.model.granularities import find
from pages.ui import text
from pages.ui.address.view import View
from pages.ui.lab.runs import evaluate_command, hits, offer_job
from pages.ui.session import state
from pages.ui.widgets import charts, exports, headings, problems, tables

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine


def show(view: View, engine: Engine, weights: Weights) -> None:
    """Draw the log, one experiment whole, and the button for another."""
    offer_job(
        view,
        "Evaluate these weights",
        evaluate_command(view, weights, "--baselines", "--segments", "activity,items"),
        "Compares the fused list with every granularity and with tuned item-kNN, ALS and EASE: bootstrap "
        "intervals, permutation tests, Holm. A minute or two on the sample.",
        primary=True,
    )
    found = ExperimentLog(engine.workspace.state).all()
    if not found:
        st.info(
            "No evaluation has been run in this workspace yet; each one is kept here with its settings.",
            icon=":material/info:",
        )
        return
    rows = [_row(e, str(engine.build)) for e in reversed(found)]
    event = st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="lab_experiments",
        on_select="rerun",
        selection_mode="single-row",
        column_config=tables.heads(rows[0], {"nDCG": st.column_config.NumberColumn(format="%.4f")}),
        alt=f"{len(rows)} experiments, newest first.",
    )
    selected = event.selection.rows if hasattr(event, "selection") else []
    place = selected[0] if selected else 0
    _one(view, engine, list(reversed(found))[place])
    problems.show()


def _one(view: View, engine: Engine, experiment: Experiment) -> None:
    document = experiment.document
    k = document["k"]
    key = f"ndcg@{k}"
    headings.section(
        f"Experiment {experiment.id}",
        f"{text.count(document['n_users'], 'user')}, split {document['split']['kind']};"
        f" hits: {hits(document)}",
    )
    charts.draw(
        difference_bars(
            [
                {
                    "label": _model(pair.removeprefix("fused − ")),
                    "value": document["models"]["fused"][key],
                    "reference": document["models"][pair.removeprefix("fused − ")][key],
                    "difference": d["mean"],
                    "low": d["low"],
                    "high": d["high"],
                    "good": d["low"] > 0 if d["significant"] else None,
                }
                for pair, d in document["significance"].items()
            ],
            title="Fused list minus each other list",
            subtitle=f"nDCG @{k}, {document['n_users']:,} users, 95 % bootstrap interval.",
            dark=state.is_dark(),
        ),
        key=f"lab_experiment_{experiment.id}",
    )
    frame = pd.DataFrame(document["models"]).T
    frame.insert(0, "list", [_model(n) for n in frame.index])
    st.dataframe(
        frame,
        hide_index=True,
        key=f"lab_models_{experiment.id}",
        column_config=tables.heads(
            frame,
            {
                c: st.column_config.NumberColumn(_title(c), format="%.4f")
                for c in frame.columns
                if c != "list"
            },
        ),
        alt=f"Metrics of {len(frame)} lists.",
    )
    row = st.container(horizontal=True)
    with row:
        exports.documents(
            "Evaluation", (("evaluation", str(experiment.id)), ("", view.workspace)),
            partial(evaluation_document, experiment=experiment),
            lambda key: Origin.of(engine, None, key=key), view.workspace,
            key=f"experiment_{experiment.id}", ids=False,
        )  # fmt: skip
        offer_job(
            view,
            "Run it again",
            _again(view, experiment),
            "With the same settings on the current build.",
            key=f"again_{experiment.id}",
        )


def _again(view: View, experiment: Experiment) -> list[str]:
    s = experiment.settings
    command = [
        "evaluate", "--workspace", str(state.folder(view.workspace)), "--split", str(s["split"]),
        "--test-ratio", f"{s['test_ratio']:g}", "--seed", str(s["seed"]), "--k", str(s["k"]),
    ]  # fmt: skip
    command += ["--test-count", str(s.get("test_count", 1))]
    if s.get("weights"):
        command += ["--weights", ",".join(f"{g}={w:g}" for g, w in s["weights"].items())]
    if s.get("base"):
        command += ["--base", str(s["base"])]
    command += ["--relevant", str(s["relevant"])] if s.get("relevant") else []
    command += ["--baselines"] if s.get("baselines") else []
    command += ["--certify"] if s.get("certify") else []
    return command + (["--segments", ",".join(s["segments"])] if s.get("segments") else [])


def _row(experiment: Experiment, build: str) -> dict[str, Any]:
    s, document = experiment.settings, experiment.document
    extras = [n for n in ("baselines", "certify") if s.get(n)]
    held = s.get("test_count", 1) if s["split"] == "last-n" else s.get("test_ratio", 0)
    return {
        "number": experiment.id,
        "made (UTC)": experiment.made.replace("T", " "),
        "build": "this one" if experiment.build == build else experiment.build[:8],
        "split": f"{s['split']} {held:g}",
        "hits": document.get("relevant", {}).get("name", "any"),
        "users": document["n_users"],
        "nDCG": document["models"]["fused"].get(f"ndcg@{document['k']}"),
        "k": document["k"],
        "with": ", ".join([*extras, *s.get("segments", [])]) or "–",
        "weights": ", ".join(f"{g} {w:.2g}" for g, w in document["weights"].items() if w),
    }


def _model(model: str) -> str:
    return name(model) if find(model) else {"fused": "Fused", "ease": "EASE", "als": "ALS"}.get(model, model)


def _title(key: str) -> str:
    metric, _, k = key.partition("@")
    if metric not in METRICS:
        return key
    return f"{METRICS[metric].title} @{k}" if k else METRICS[metric].title
