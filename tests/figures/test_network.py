"""The drawn neighbourhood: deterministic, bounded, hostile labels escaped."""

from __future__ import annotations

import pandas as pd

from mgrec_core.figures import network

EVIL = "<script>alert(1)</script> %{x} $y$"


def frame(n: int, text: str = "node") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "head_id": ["c"] * n, "head": ["centre"] * n, "relation": [f"r{k % 8}" for k in range(n)],
            "tail_id": [f"t{k}" for k in range(n)], "tail": [f"{text} {k}" for k in range(n)],
            "source": ["attribute"] * n, "confidence": [1.0] * n,
        }
    )  # fmt: skip


def test_at_most_so_many_nodes_and_always_the_same_places() -> None:
    first, second = network(frame(90), "c", "centre", most=60), network(frame(90), "c", "centre", most=60)
    assert first.to_json() == second.to_json()
    (nodes,) = [trace for trace in first.data if trace.name == "neighbours"]
    assert len(nodes.customdata) == 60
    assert len({(x, y) for x, y in zip(nodes.x, nodes.y, strict=True)}) == 60, "no two on one place"


def test_labels_are_escaped() -> None:
    figure = network(frame(5, EVIL).assign(relation=EVIL, source=EVIL), "c", EVIL)
    drawn = [str(part) for t in figure.data for part in (t.name, *(t.text or ()), *(t.hovertext or ()))]
    assert drawn and not any("<script" in part or "%{" in part or "$" in part for part in drawn)
    assert "<script" not in figure.layout.title.text


def test_nothing_to_draw_is_a_sentence() -> None:
    assert "other relations" in network(frame(0), "c", "centre").layout.annotations[0].text


def test_the_legend_gets_room_for_its_own_rows_only() -> None:
    """The marks of nodes are not in the legend: four names of one row need no second one."""
    few = network(frame(4), "c", "centre")
    assert len([t for t in few.data if t.showlegend is not False]) == 4
    assert few.layout.margin.t < network(frame(40).assign(relation=[f"{k % 6} " * 12 for k in range(40)]),
                                         "c", "centre").layout.margin.t  # fmt: skip
