"""Somebody who dislikes a genre is shown none of it, and it is said why."""

from __future__ import annotations

import numpy as np
import pytest

from mgrec_core import Engine, build, import_data

EACH = 25


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """Fans of horror, fans of comedy, and one who gave twelve horror films one star and one comedy five."""
    folder = tmp_path_factory.mktemp("films")
    rng = np.random.default_rng(1)
    items = [f"{genre[0]}{n}" for genre in ("horror", "comedy") for n in range(EACH)]
    rows = [f"hater,h{n},1,{1000000000 + n}" for n in range(12)] + ["hater,c0,5,1000000100"]
    for user in range(60):
        for item in rng.choice(items, 12, replace=False):
            stars = 5 if item.startswith("hc"[user % 2]) else 1
            rows.append(f"u{user},{item},{stars},{1000000000 + int(rng.integers(10**6))}")
    (folder / "interactions.csv").write_text("user_id,item_id,rating,timestamp\n" + "\n".join(rows))
    genres = "\n".join(f"{item},{'horror' if item[0] == 'h' else 'comedy'}" for item in items)
    (folder / "items.csv").write_text("item_id,genre\n" + genres)
    workspace = folder.parent / "workspace"
    import_data(workspace, folder)
    build(workspace, with_map=False)
    return Engine.open(workspace)


def test_no_horror_is_recommended(engine: Engine) -> None:
    first = engine.rank("hater", k=10).items
    assert [item.item_id for item in first if item.item_id.startswith("h")] == []


def test_the_interest_is_said_to_be_against(engine: Engine) -> None:
    strongest = engine.interests("hater", top=1)["attribute"][0]
    assert strongest.phrase == "against genre: horror" and strongest.weight < 0 < strongest.share


def test_what_is_disliked_lowers_the_score_exactly(engine: Engine) -> None:
    explanation = engine.explain("hater", "h20")
    evidence = explanation.evidence["attribute"]
    assert any(piece.value < 0 and piece.phrase == "against genre: horror" for piece in evidence)
    for name, contribution in explanation.contributions.items():
        parts = sum(piece.value for piece in explanation.evidence[name]) + explanation.baseline[name]
        assert parts == pytest.approx(contribution, abs=1e-5)
    assert sum(explanation.contributions.values()) == pytest.approx(explanation.score, abs=1e-5)


def test_what_was_disliked_stays_out_of_the_list_and_in_the_history(engine: Engine) -> None:
    ranked = {item.item_id for item in engine.rank("hater", k=2 * EACH).items}
    assert not ranked & {f"h{n}" for n in range(12)}
    history = engine.history("hater").set_index("item_id")["signal"]
    assert history["c0"] == 1 and (history.drop("c0") < 0).all() and len(history) == 13
