"""Explanations of users with huge histories stay small and exact."""

from __future__ import annotations

import json

import pytest

from mgrec_core.foundation.explanation import MOST_EVIDENCE, Evidence, Explanation


def explanation(n: int) -> Explanation:
    """One granularity with n pieces of evidence, another with three."""

    def pieces(n: int) -> tuple[Evidence, ...]:
        values = [(-1) ** e / (1 + e) for e in range(n)]
        return tuple(Evidence("item", f"i{e}", f"Item {e}", v, 0.5) for e, v in enumerate(values))

    evidence = {"behaviour": pieces(n), "attribute": pieces(3)}
    baseline = {"behaviour": -0.5, "attribute": 0.25}
    contributions = {g: sum(e.value for e in held) + baseline[g] for g, held in evidence.items()}
    return Explanation(
        user_id="u",
        item_id="x",
        title="X",
        score=sum(contributions.values()),
        rank=1,
        seen=False,
        weights={"behaviour": 1.0, "attribute": 1.0},
        base="behaviour",
        fusion="score",
        contributions=contributions,
        baseline=baseline,
        evidence=evidence,
    )


@pytest.mark.parametrize("top", [MOST_EVIDENCE, 5, 1, None])
def test_evidence_omitted_and_baseline_sum_to_the_contribution(top: int | None) -> None:
    found = explanation(10_000)
    document = found.to_dict(top)
    for g, contribution in found.contributions.items():
        told = [e["value"] for e in document["evidence"][g]]
        omitted = document.get("omitted", {}).get(g, {"n": 0, "value": 0.0})
        assert sum(told) + omitted["value"] + document["baseline"][g] == pytest.approx(
            contribution, abs=1e-12
        )
        assert len(told) + omitted["n"] == len(found.evidence[g])
    frame = found.to_frame(top)
    assert frame.groupby("granularity")["value"].sum().to_dict() == pytest.approx(found.contributions)


def test_a_huge_history_makes_a_small_document() -> None:
    document = explanation(10_000).to_dict()
    assert document["omitted"]["behaviour"]["n"] == 10_000 - MOST_EVIDENCE
    assert "attribute" not in document["omitted"]
    assert len(json.dumps(document)) < 30_000
    rows = explanation(10_000).to_frame()
    assert "9,900 more" in set(rows["label"]) and len(rows) == MOST_EVIDENCE + 1 + 1 + 3 + 1


def test_a_usual_history_is_told_whole() -> None:
    document = explanation(MOST_EVIDENCE).to_dict()
    assert "omitted" not in document and len(document["evidence"]["behaviour"]) == MOST_EVIDENCE
