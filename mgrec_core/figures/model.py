"""A language model: its training over time, how long its texts are, what is near an item to it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from mgrec_core.figures.frame import bar_pitch, bars_only, dress, empty
from mgrec_core.figures.palette import BACKGROUND, MUTED, TEXT, colour
from mgrec_core.figures.text import hover, label, shorten
from mgrec_core.foundation.results import Neighbour

_STAGES = {"mlm": "words of the domain", "contrastive": "what people choose"}
_TITLES = {"loss": "Loss", "ndcg@10": "Validation"}
_SAID = {
    "loss": "how wrong the model is on what it learns from; lower is better",
    "ndcg@10": "texts alone, known and new items not learned from (geometric mean); higher is better",
}
_UNITS = {"loss": "loss", "ndcg@10": "nDCG@10"}


def training_curve(
    points: Sequence[Mapping[str, float]], what: str, stage: str = "contrastive", *, dark: bool = False
) -> go.Figure:
    """Draw the loss or the validation of one stage of a training over its steps.

    Parameters
    ----------
    points
        Points with ``step``, ``seconds`` and one of ``loss`` and ``ndcg@10``.
    what
        Which of the two.
    stage
        ``mlm`` or ``contrastive``.
    """
    title = f"{_TITLES[what]}: {_STAGES.get(stage, 'training')}"
    known = [point for point in points if what in point and "step" in point]
    if not known:
        missing = "No loss has" if what == "loss" else "No validation has"
        return empty(f"{missing} been measured yet in this stage.", title=title, dark=dark)
    steps = [point["step"] for point in known]
    values = [point[what] for point in known]
    hue = colour("recent" if what == "loss" else "behaviour", dark)
    figure = go.Figure(
        go.Scatter(
            x=steps, y=values, mode="lines+markers" if len(known) <= 40 else "lines",
            line={"color": hue, "width": 2}, name=_UNITS[what], cliponaxis=False,
            hovertext=[
                f"step {p['step']:,.0f}, {p.get('seconds', 0) / 60:.1f} min"
                f"<br><b>{p[what]:.4f} {_UNITS[what]}</b>"
                for p in known
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )  # fmt: skip
    last = f"; the last is {values[-1]:.4f} at step {steps[-1]:,.0f}"
    if what == "ndcg@10":
        best = int(np.argmax(values))
        last = f"; the best is {values[best]:.4f} at step {steps[best]:,.0f}"
        figure.add_scatter(
            x=[steps[best]], y=[values[best]], mode="markers+text", text=["best"], name="best",
            textposition="top center", textfont={"color": TEXT[dark]}, cliponaxis=False, hoverinfo="skip",
            marker={"symbol": "star", "size": 13, "color": hue,
                    "line": {"color": BACKGROUND[dark], "width": 1}},
        )  # fmt: skip
    said = _SAID[what]
    dress(
        figure,
        title=title,
        subtitle=f"{said[:1].upper()}{said[1:]}{last}.",
        alt=f"Line over {steps[-1]:,.0f} steps. {title}: {said}{last}.",
        height=210,
        dark=dark,
    )
    last_step = max(*steps, 4)
    figure.update_xaxes(
        title={"text": "step"}, fixedrange=True, zeroline=False, tickformat=",d", nticks=6,
        range=[-0.02 * last_step, 1.02 * last_step],
    )  # fmt: skip
    spread = max(values) - min(values) or abs(values[0]) * 0.1 or 0.01
    figure.update_yaxes(
        title={"text": _UNITS[what]}, fixedrange=True, nticks=5,
        range=[min(values) - 0.12 * spread, max(values) + 0.25 * spread],
    )  # fmt: skip
    figure.update_layout(hovermode="closest", dragmode=False)
    return figure


_BARS = 40


def text_lengths(tokens: Sequence[int], limit: int, *, dark: bool = False) -> go.Figure:
    """Draw how many texts have how many tokens, and where the model stops reading.

    Parameters
    ----------
    tokens
        Tokens of each text.
    limit
        Tokens that the model reads of a text.
    """
    title = "How long the texts are"
    if not len(tokens):
        return empty("No item has a text: nothing can be counted.", title=title, dark=dark)
    counts = np.asarray(tokens)
    longest = int(counts.max())
    each = -(-(longest + 1) // _BARS)  # as many lengths in every bar, or their heights would not compare
    edges = np.arange(0, longest + 1 + each, each)
    high, _ = np.histogram(counts, edges)
    spans = list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
    behind = [start >= limit for start, _ in spans]
    figure = go.Figure(
        go.Bar(
            x=[(start + stop) / 2 - 0.5 for start, stop in spans], y=high,
            width=[(stop - start) * 0.94 for start, stop in spans],
            marker={
                "color": [MUTED[dark] if cut else colour("behaviour", dark) for cut in behind],
                "pattern": {"shape": ["/" if cut else "" for cut in behind]},
            },
            hovertext=[
                f"{start if stop == start + 1 else f'{start} to {stop - 1}'} tokens<br><b>{n:,} texts</b>"
                for (start, stop), n in zip(spans, high.tolist(), strict=True)
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )  # fmt: skip
    cut = int((counts > limit).sum())
    middle = float(np.median(counts))
    said = (
        f"{len(counts):,} texts, the middle one of {middle:,.0f} tokens; the model reads the first {limit:,}"
    )
    said += f", so the ends of {cut:,} are not read." if cut else ", so all are read whole."
    if longest >= limit:
        figure.add_vline(
            x=limit - 0.5, line={"color": TEXT[dark], "dash": "dash", "width": 1.5},
            annotation={"text": "not read from here", "font": {"color": TEXT[dark], "size": 12},
                        "xanchor": "left" if limit < 0.6 * longest else "right", "yanchor": "top"},
        )  # fmt: skip
    dress(figure, title=title, subtitle=said, alt=f"Bars. {title}: {said}", height=190, dark=dark)
    figure.update_xaxes(title={"text": "tokens of a text"}, showgrid=False, zeroline=False, fixedrange=True)
    figure.update_yaxes(title={"text": "texts"}, nticks=5, tickformat=",", fixedrange=True)
    figure.update_layout(hovermode="closest", dragmode=False, bargap=0)
    return figure


def text_neighbour_bars(
    neighbours: Sequence[Neighbour],
    model: str,
    title: str,
    *,
    others: Collection[str] | None = None,
    dark: bool = False,
) -> go.Figure:
    """Draw the items whose texts are nearest to one item's, to one model; ``customdata`` is an item's id.

    Parameters
    ----------
    neighbours
        Best first.
    model, title
        The model's name and the item's title.
    others
        Ids of the nearest to the model before; items that are not among them are hatched and called new.
    """
    head = f"To {shorten(model, 60)}"
    if not neighbours:
        return empty("No other item has a text that this model has read.", title=head, dark=dark)
    rows = [near.rank for near in neighbours]
    new = [others is not None and near.item_id not in others for near in neighbours]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=rows,
            x=[near.cosine for near in neighbours],
            marker={
                "color": [colour("recent" if is_new else "behaviour", dark) for is_new in new],
                "pattern": {"shape": ["/" if is_new else "" for is_new in new]},
            },
            customdata=[near.item_id for near in neighbours],
            text=[
                f"{n.cosine:.2f}{' new' if is_new else ''}" for n, is_new in zip(neighbours, new, strict=True)
            ],
            textposition="outside",
            textfont={"color": TEXT[dark]},
            cliponaxis=False,
            hovertext=[
                f"<b>{hover(near.title or near.item_id)}</b><br>cosine {near.cosine:.4f}; click to go there"
                for near in neighbours
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    said = f"Nearest to “{shorten(title, 50)}” by text"
    if others is not None:
        said += f"; {sum(new)} of {len(new)} are new"
    dress(
        figure,
        title=head,
        subtitle=f"{said}; click a bar to go there",
        alt=f"Horizontal bars. {head}: {said}. "
        + ", ".join(f"{shorten(n.title or n.item_id)} {n.cosine:.2f}" for n in neighbours[:3])
        + ".",
        height=bar_pitch(len(rows)) * len(rows) + 12,
        dark=dark,
    )
    figure.update_yaxes(
        tickmode="array", tickvals=rows, ticktext=[label(n.title or n.item_id, 30) for n in neighbours],
        range=[len(rows) + 0.6, 0.4],
    )  # fmt: skip
    values = [near.cosine for near in neighbours]
    figure.update_xaxes(
        range=[1.2 * min(0.0, *values), 1.25 * max(*values, 0.1)], nticks=6,
        title={"text": "cosine (1 = same direction)"},
    )  # fmt: skip
    bars_only(figure)
    return figure
