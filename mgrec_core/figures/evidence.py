"""Why an item has its score: by granularity (waterfall) and down to the data (evidence bars)."""

from __future__ import annotations

import plotly.graph_objects as go

from mgrec_core.figures.frame import bar_pitch, bars_only, dress, empty
from mgrec_core.figures.palette import BACKGROUND, MUTED, TEXT, bar_marker, name, ordered
from mgrec_core.figures.text import hover, label, shorten, signed
from mgrec_core.foundation.explanation import Evidence, Explanation

_KINDS = {
    "item": "item", "attribute": "attribute", "entity": "entity", "friend": "friend", "everyone": "all users",
    "person": "somebody alike", "degree": "their friends", "granularity": "granularity",
}  # fmt: skip


def evidence_bars(
    explanation: Explanation, granularity: str, *, top: int = 10, dark: bool = False
) -> go.Figure:
    """Draw the strongest evidence of one granularity, the rest of it, and the baseline.

    The bars sum to the contribution exactly: what is not among the ``top`` is one bar of its own, so
    that nothing is left out. The ``customdata`` of a point is the evidence's id (empty for the rest
    and the baseline).

    Parameters
    ----------
    explanation
        What :meth:`Engine.explain` returns.
    granularity
        One of the explanation's granularities; an absent one gives a figure with a sentence.
    top
        How many pieces of evidence have a bar of their own, ≥ 1.
    """
    item = shorten(explanation.title or explanation.item_id)
    title = f"{name(granularity)}: the evidence for and against “{item}”"
    if granularity not in explanation.contributions:
        return empty(
            f"{name(granularity)} is absent from this build, so it contributes nothing to this score.",
            title=title,
            dark=dark,
        )
    contribution = explanation.contributions[granularity]
    found = sorted(explanation.evidence.get(granularity, ()), key=lambda e: (-abs(e.value), e.kind, e.id))
    shown, rest = found[: max(1, top)], found[max(1, top) :]
    baseline = explanation.baseline.get(granularity, 0.0)
    if not found and baseline == 0 and contribution == 0:
        return empty(nothing_said(explanation, granularity), title=title, dark=dark)
    labels = [label(e.phrase) for e in shown]
    values = [e.value for e in shown]
    ids = [e.id for e in shown]
    hovers = [
        f"<b>{hover(e.phrase)}</b><br>{_KINDS.get(e.kind, 'evidence')}, the user's weight"
        f" {e.weight:.3g}{_origin(e)}<br>adds <b>{signed(e.value, 4)}</b> to the score"
        for e in shown
    ]
    if rest:
        labels.append(f"{len(rest):,} more, together")
        values.append(sum(e.value for e in rest))
        ids.append("")
        hovers.append(
            f"<b>{len(rest):,} more pieces of evidence</b><br>together add <b>{signed(values[-1], 4)}</b>"
        )
    labels.append("Baseline")
    values.append(baseline)
    ids.append("")
    hovers.append(
        "<b>Baseline</b><br>the user's typical item at this granularity, taken off<br>so that 0 means"
        f" “like the median item”: <b>{signed(baseline, 4)}</b>"
    )
    rows = list(range(len(values)))
    figure = go.Figure()
    marker = bar_marker(granularity, dark)
    own = len(shown)
    figure.add_bar(
        orientation="h", y=rows[:own], x=values[:own], marker=marker, name=name(granularity),
        customdata=ids[:own], hovertext=hovers[:own], hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    figure.add_bar(
        orientation="h", y=rows[own:], x=values[own:], name="rest and baseline",
        marker={"color": "rgba(0,0,0,0)", "line": {"color": MUTED[dark], "width": 1.5}},
        customdata=ids[own:], hovertext=hovers[own:], hovertemplate="%{hovertext}<extra></extra>",
    )  # fmt: skip
    strongest = f" Strongest: {shorten(shown[0].phrase)}, {signed(shown[0].value)}." if shown else ""
    dress(
        figure,
        title=title,
        subtitle=(
            f"{name(granularity)} contributes {signed(contribution)} (λ"
            f" {explanation.weights.get(granularity, 0.0):.2f}) to the score {signed(explanation.score)} of"
            f" user {shorten(explanation.user_id)}; the bars sum to it"
        ),
        alt=(
            f"Horizontal bars: {len(shown)} of {len(found)} pieces of evidence for “{item}”, the rest and"
            f" the baseline, which sum to the contribution {signed(contribution)} of {name(granularity)}."
            f"{strongest}"
        ),
        height=bar_pitch(len(values)) * len(values) + 12,
        dark=dark,
    )
    _rows(figure, labels)
    _numbers(figure, values, [0.0] * len(values), dark)
    return figure


def nothing_said(explanation: Explanation, granularity: str) -> str:
    """Say why a granularity adds nothing to a score: it is muted, or has nothing to say of this user."""
    if explanation.fusion == "score" and explanation.weights.get(granularity) == 0.0:
        return (
            f"{name(granularity)} is muted (λ = 0), so it contributes nothing to this score, whatever the"
            " user's evidence. Raise its λ above 0 to see what it says."
        )
    if explanation.fusion != "score" and explanation.weights.get(granularity) == 0.0:
        return (
            f"{name(granularity)} is muted (its weight is 0), so it contributes nothing to this score. Raise"
            " its λ, or its α where these are set apart, to see what it says."
        )
    return (
        f"This user has no evidence at this granularity that tells items apart, so {name(granularity)}"
        " contributes 0."
    )


def _origin(evidence: Evidence) -> str:
    """Where an entity's triples come from and how sure they are."""
    if evidence.confidence is None:
        return ""
    return f"<br>source: {hover(evidence.source)}, confidence {evidence.confidence:.2f}"


def waterfall(explanation: Explanation, *, dark: bool = False) -> go.Figure:
    """Draw how the contributions add up, granularity by granularity, to the score.

    Parameters
    ----------
    explanation
        What :meth:`Engine.explain` returns; contributions sum to the score.
    """
    item = shorten(explanation.title or explanation.item_id)
    title = f"How the score of “{item}” adds up"
    granularities = ordered(explanation.contributions)
    if not granularities:
        return empty(
            "No granularity is present in this build: import data and build.", title=title, dark=dark
        )
    figure = go.Figure()
    start, ends = 0.0, []
    for row, g in enumerate(granularities):
        value = explanation.contributions[g]
        pieces = len(explanation.evidence.get(g, ()))
        share = (
            f"λ {explanation.weights.get(g, 0.0):.2f}, {pieces} piece{'' if pieces == 1 else 's'} of evidence"
        )
        figure.add_bar(
            orientation="h", y=[row], x=[value], base=[start], marker=bar_marker(g, dark), name=name(g),
            customdata=[g],
            hovertext=[
                f"<b>{name(g)}</b> {signed(value, 4)}<br>{share}<br>running sum {signed(start + value)}"
            ],
        )  # fmt: skip
        start += value
        ends.append(start)
    total = len(granularities)
    figure.add_bar(
        orientation="h", y=[total], x=[explanation.score], base=[0], name="Score", customdata=[""],
        marker={"color": TEXT[dark], "line": {"color": BACKGROUND[dark], "width": 1}},
        hovertext=[f"<b>Score</b> {signed(explanation.score, 4)}"],
    )  # fmt: skip
    figure.update_traces(hovertemplate="%{hovertext}<extra></extra>")
    for row, end in enumerate(ends):
        figure.add_shape(
            type="line", x0=end, x1=end, y0=row + 0.36, y1=row + 0.64, line={"color": MUTED[dark], "width": 1}
        )
    place = f"rank {explanation.rank}" if explanation.rank else "already seen, so unranked"
    if explanation.rank_if_unseen:
        place += f"; unseen it would be rank {explanation.rank_if_unseen}"
    dress(
        figure,
        title=title,
        subtitle=(
            f"Signed contributions of user {shorten(explanation.user_id)}'s granularities (scaled units),"
            f" from top to bottom, ending at the score {signed(explanation.score)} ({place})"
        ),
        alt=(
            f"Waterfall: contributions to the score of “{item}”: "
            + ", ".join(f"{name(g)} {signed(explanation.contributions[g])}" for g in granularities)
            + f"; score {signed(explanation.score)}, {place}."
        ),
        height=bar_pitch(total + 1) * (total + 1) + 12,
        dark=dark,
    )
    figure.update_layout(barmode="overlay")
    _rows(figure, [*(name(g) for g in granularities), "<b>Score</b>"])
    contributions = [explanation.contributions[g] for g in granularities]
    _numbers(figure, [*contributions, explanation.score], [0.0, *ends[:-1], 0.0], dark)
    return figure


def _rows(figure: go.Figure, labels: list[str]) -> None:
    """Label the rows of a horizontal bar chart, the first on top."""
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(labels))), ticktext=labels,
        range=[len(labels) - 0.4, -0.6],
    )  # fmt: skip
    figure.update_xaxes(title={"text": "contribution to the score (scaled units)"})
    bars_only(figure)
    figure.update_layout(bargap=0.3)


def _numbers(figure: go.Figure, values: list[float], starts: list[float], dark: bool) -> None:
    """Write each bar's value at its right end, with room for it in the x axis.

    Left of a negative bar the number would run into the name of the row: the names take most of a
    narrow figure, and an axis is widened in units, not in pixels.
    """
    ends = [start + value for start, value in zip(starts, values, strict=True)]
    for row, (value, start, end) in enumerate(zip(values, starts, ends, strict=True)):
        figure.add_annotation(
            x=max(start, end), y=row, text=signed(value), showarrow=False, xanchor="left",
            font={"color": TEXT[dark]},
        )  # fmt: skip
    low, high = min(0.0, *ends), max(0.0, *starts, *ends)
    room = 0.34 * ((high - low) or 1.0)
    figure.update_xaxes(range=[low - 0.02 * room, high + room])
