"""An evaluation: how well each granularity, the fused list and what it is compared with do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from mgrec_core.export.document import Bar, Bars, Cell, Column, Document, Facts, Paragraph, Section, Table
from mgrec_core.foundation.text import count

if TYPE_CHECKING:
    from mgrec_core.evaluation.experiments import Experiment
    from mgrec_core.export.provenance import Origin


_COMPARED = ("mean", "low", "high", "effect", "n_users", "p", "p_holm", "significant")


def evaluation_document(origin: Origin, experiment: Experiment) -> Document:
    """Tell what an evaluation that the workspace keeps has found.

    Parameters
    ----------
    origin
        The build that is open; the document names the one that was evaluated, and its weights.
    """
    document = experiment.document
    head = replace(origin, weights=None, preset="").head(options={"experiment": str(experiment.id)})
    head = replace(
        head,
        build=experiment.build,
        preset=str(experiment.settings.get("preset") or ""),
        weights=dict(document["weights"]),
        base=document["base"],
    )
    if experiment.build != origin.engine.build:  # what it was made from is not at hand
        head = replace(head, model="", model_fingerprint="", data_fingerprint="")
    k, models = document["k"], document["models"]
    main = f"ndcg@{k}"
    said = f"{count(document['n_users'], 'test user')}, lists of {k}"
    return Document(
        kind="evaluation",
        names=(("evaluation", str(experiment.id)), ("", origin.workspace)),
        title=f"Evaluation {experiment.id} of {head.dataset}",
        about=f"{said}; made on {experiment.made[:10]} with build {experiment.build}",
        head=head,
        data=lambda: {"evaluation": experiment.to_dict()},
        sections=(
            _asked(document),
            _figures(models, main),
            *_significance(document, main),
            *_segments(document.get("segments", {})),
        ),
        frames={"models": lambda: _frame(models)},
    )


def _asked(document: dict[str, Any]) -> Section:
    split = ", ".join(f"{name} {value}" for name, value in document["split"].items() if _plain(value))
    weights = ", ".join(f"{g} {w:.3g}" for g, w in document["weights"].items())
    rows = (
        ("held out", split),
        ("what counts as a hit", _hits(document.get("relevant", "any"))),
        ("k", str(document["k"])),
        ("test users", f"{document['n_users']:,}"),
        ("weights λ", f"{weights}; base {document['base']}"),
    )
    notes = tuple(Paragraph(str(note)) for note in document.get("notes", ()))
    return Section("asked", "What was measured", (Facts(rows), *notes))


def _hits(relevant: Any) -> str:
    if isinstance(relevant, dict):
        return f"{relevant.get('name', '')}: {relevant.get('rule', '')}"
    return str(relevant)


def _plain(value: object) -> bool:
    return value is not None and isinstance(value, str | int | float) and value != ""


def _figures(models: dict[str, dict[str, Any]], main: str) -> Section:
    metrics = list(dict.fromkeys(key for found in models.values() for key in found))
    chart = Bars(
        title=f"{main} of each",
        rows=tuple(
            Bar(name.replace("_", " "), ((name, float(found[main])),))
            for name, found in sorted(models.items(), key=lambda pair: -float(pair[1].get(main, 0)))
            if main in found
        ),
        alt=f"{main} of {count(len(models), 'list')}.",
        unit=main,
        kind="number",
    )
    columns = (Column("list"), *(Column(metric, "number") for metric in metrics))
    rows: list[tuple[Cell, ...]] = [
        (name.replace("_", " "), *(found.get(metric) for metric in metrics)) for name, found in models.items()
    ]
    # A page is not wide enough for all of them.
    wide = -(-len(metrics) // max(1, -(-len(metrics) // 6)))
    tables = [
        Table(columns[:1] + columns[n : n + wide], tuple(row[:1] + row[n : n + wide] for row in rows))
        for n in range(1, len(columns), max(1, wide))
    ]
    return Section("figures", "Figures", (chart, *tables))


def _significance(document: dict[str, Any], main: str) -> list[Section]:
    found = document.get("significance") or {}
    rows = [one for one in found.items() if isinstance(one[1], dict)]
    if not rows:
        return []
    known = {k for _, one in rows for k, value in one.items() if _simple(value)}
    keys = [key for key in _COMPARED if key in known]
    columns = (Column("lists"), *(Column(key.replace("mean", "difference"), "number") for key in keys))
    table = Table(
        columns,
        tuple((name.replace("_", " "), *(_cell(one.get(key)) for key in keys)) for name, one in rows),
        note=f"{main} of the fused list against each other one: mean difference with its 95 % interval,"
        " effect size, and p, also with Holm's correction.",
    )
    return [Section("significance", "Is the difference more than chance?", (table,))]


def _simple(value: object) -> bool:
    return isinstance(value, int | float | str) or (isinstance(value, list | tuple) and len(value) == 2)


def _cell(value: Any) -> Cell:
    if isinstance(value, list | tuple):
        return f"[{value[0]:.4f}, {value[1]:.4f}]"
    return value if value is None or isinstance(value, int | float | str) else str(value)


def _segments(segments: dict[str, Any]) -> list[Section]:
    sections: list[Section] = []
    for name, found in segments.items():
        groups = found.get("groups", [])
        rows = [one for one in groups if isinstance(one, dict)]
        if not rows:
            continue
        keys = list(dict.fromkeys(key for one in rows for key, value in one.items() if _simple(value)))
        table = Table(
            tuple(Column(key, "number") for key in keys),
            tuple(tuple(_cell(one.get(key)) for key in keys) for one in rows),
            note=str(found.get("metric", "")),
        )
        sections.append(Section(f"segment-{len(sections) + 1}", f"By {name}", (table,)))
    return sections


def _frame(models: dict[str, dict[str, Any]]) -> pd.DataFrame:
    rows = [{"model": name, **found} for name, found in models.items()]
    return pd.DataFrame(rows)
