"""The live mixer's Python side: what a browser may send, what becomes of it, and when there is none."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mgrec_core import Engine
from mgrec_core.foundation.results import Weights
from pages.ui.address.view import View
from pages.ui.session import state
from pages.ui.user import mixer
from pages.ui.user.mixer import payload
from pages.ui.weights import in_force

Open = Callable[..., AppTest]
PRESENT = ["behaviour", "recent", "collaborative"]


def sent(**changes: Any) -> dict[str, Any]:
    weights = {"behaviour": 0.25, "recent": 0, "collaborative": 1}
    return {"weights": weights, "base": "collaborative", "number": 3} | changes


def test_a_commit_is_read() -> None:
    weights, number = payload.read_commit(sent(), PRESENT)
    assert weights == Weights({"behaviour": 0.25, "recent": 0.0, "collaborative": 1.0}, "collaborative")
    assert number == 3


@pytest.mark.parametrize(
    "value",
    [
        None, [], "x", {}, sent(weights=None), sent(weights={}), sent(base="social"), sent(base=None),
        sent(base=[]), sent(number="3"), sent(number=True),
        sent(weights={"behaviour": 1.5, "recent": 0, "collaborative": 1}),
        sent(weights={"behaviour": float("nan"), "recent": 0, "collaborative": 1}),
        sent(weights={"behaviour": True, "recent": 0, "collaborative": 1}),
        sent(weights={"behaviour": "0.5", "recent": 0, "collaborative": 1}),
    ],
    ids=str,
)  # fmt: skip
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        payload.read_commit(value, PRESENT)


def test_the_view_keeps_what_differs_from_the_preset(shop_root: Path) -> None:
    engine = Engine.open(shop_root / "shop")
    preset = engine.active_preset()
    view = View()
    in_force.take(view, engine, Weights(preset.weights | {"recent": 0.3}, preset.base))
    assert (view.weights, view.base) == ({"recent": 0.3}, "")
    alone = dict.fromkeys(engine.present, 0.0) | {"attribute": 1.0}
    in_force.take(view, engine, Weights(alone, "attribute"))
    assert view.base == "attribute" and view.weights[preset.base] == 0.0
    assert in_force.weights_of(view, engine) == Weights(alone, "attribute")
    in_force.take(view, engine, Weights(preset.weights, preset.base))
    assert (view.weights, view.base) == ({}, "")


def test_a_message_holds_the_numbers_as_bytes(shop_root: Path) -> None:
    engine = Engine.open(shop_root / "shop")
    found = engine.candidates("u03", limit=20)
    ids = [engine.item_ids[p] for p in found.positions]
    message = payload.pack(found, ids, ids, {ids[2]: 7}, k=5)
    (size,) = struct.unpack_from("<I", message)
    head = json.loads(message[4 : 4 + size])
    start = -(-(4 + size) // 8) * 8
    raw = np.frombuffer(message, "<f4", found.raw.size, start).reshape(found.raw.shape)
    np.testing.assert_array_equal(raw, found.raw)
    ranks = np.frombuffer(message, "<i4", offset=start + raw.nbytes)
    assert ranks.tolist() == [0, 0, 7] + [0] * (len(ids) - 3)
    assert (head["ids"], head["k"], head["scale"]) == (ids, 5, found.scale.tolist())


def test_without_a_browser_the_sliders_are_there(shop_root: Path, open_page: Open) -> None:
    app = open_page(shop_root, "user")
    assert not app.exception
    assert app.slider(key="lambda_recent").value == 1.0


def test_with_one_the_faders_take_their_place(
    shop_root: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "has_browser", lambda: True)
    app = open_page(shop_root, "user", user="u03")
    assert not app.exception and not app.error
    assert not [s for s in app.slider if str(s.key).startswith("lambda_")]
    assert [c.key for c in app.get("bidi_component")] == ["mixer", "undo_keys"]
    monkeypatch.setattr(mixer, "LIVE", False)
    app.run()
    assert app.slider(key="lambda_recent").value == 1.0, "one line brings the sliders back"
    assert app.get("plotly_chart")
