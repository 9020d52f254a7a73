"""Feedback kept, learned from, taken back; what changes and what does not."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pytest

from mgrec_core import Engine
from mgrec_core.feedback.history import EVERYBODY
from mgrec_core.feedback.learning import FeedbackLearner
from mgrec_core.feedback.log import Feedback, FeedbackLog
from mgrec_core.feedback.settings import FeedbackSettings
from mgrec_core.foundation.errors import InputError, NotFoundError, WorkspaceBrokenError
from mgrec_core.foundation.results import Weights
from mgrec_core.workspace.folder import Workspace


@pytest.fixture
def learner(own_world: Workspace) -> FeedbackLearner:
    return FeedbackLearner(Engine.open(own_world.path))


def word(learner: FeedbackLearner, user: str = "u00", kind: str = "like", place: int = 9) -> Feedback:
    """A word on an item of the list that the user would be shown."""
    found = learner.engine.rank(user, k=10)
    shown = tuple(item.item_id for item in found.items)
    return Feedback(user, shown[place], kind, place + 1, shown, found.weights, found.base)


def test_what_was_said_and_shown_is_kept(learner: FeedbackLearner, own_world: Workspace) -> None:
    row = word(learner)
    (number,) = learner.record([row])
    (kept,) = FeedbackLog(own_world.state).all()
    assert kept.made is not None and kept.id == number
    assert (kept.user_id, kept.item_id, kept.kind, kept.rank) == ("u00", row.item_id, "like", 10)
    assert (kept.shown, kept.weights, kept.base) == (row.shown, row.weights, row.base)
    assert learner.log.thumbs("u00") == {row.item_id: "like"} and learner.log.thumbs("u01") == {}


def test_feedback_moves_its_own_preset_and_nothing_else(learner: FeedbackLearner) -> None:
    engine = learner.engine
    before = engine.rank("u00", k=10)
    row = word(learner)
    contributions = dict(zip([i.item_id for i in before.items], before.items, strict=True))
    learner.record([row])
    assert engine.rank("u00", k=10) == before and engine.active_preset().name == "default"
    preset = engine.presets()["feedback"]
    assert preset.weights == learner.everybody().values and preset.weights[preset.base] == 1.0
    assert all(0 <= w <= 1 for w in preset.weights.values())
    assert preset.weights != engine.presets()["default"].weights
    assert engine.rank("u00", weights=Weights(preset="feedback")).weights == preset.weights
    moved = engine.rank("u00", k=len(before.items) * 3, weights=Weights(preset="feedback"))
    gap = {i.item_id: i.score for i in moved.items}
    assert row.item_id in gap and contributions[row.item_id]
    with pytest.raises(InputError, match="built-in"):
        engine.save_preset("feedback", preset.as_weights())


def test_many_likes_lift_the_item(learner: FeedbackLearner) -> None:
    row = word(learner)
    for _ in range(15):
        learner.record([row])
    personal = learner.personal("u00")
    ids, _, contributions = learner.engine.contributions("u00", personal.weights)
    scores = dict(zip(ids, contributions.sum(axis=1), strict=True))
    ranked = sorted(row.shown, key=lambda item: -scores[item])
    assert ranked.index(row.item_id) < 9, "of what was shown it was the last"
    assert personal.n == 15 and personal.trust == pytest.approx(15 / 35)


def test_personal_weights_lie_between(learner: FeedbackLearner) -> None:
    nobody = learner.personal("u01")
    assert nobody.own is None and nobody.weights == nobody.everybody and nobody.n == 0
    learner.record([word(learner)])
    assert learner.personal("u01").weights == learner.everybody()
    found = learner.personal("u00")
    assert found.own is not None and found.own == learner.everybody(), "one voice is everybody's"
    with pytest.raises(NotFoundError):
        learner.personal("nobody")


def test_taking_the_newest_back_leaves_all_as_it_was(learner: FeedbackLearner) -> None:
    learner.record([word(learner)])
    before = learner.everybody(), learner.personal("u00"), learner.history()
    (number,) = learner.record([word(learner, kind="dislike", place=2)])
    assert learner.everybody() != before[0]
    learner.take_back(number)
    assert (learner.everybody(), learner.personal("u00"), learner.history()) == before
    learner.take_back(learner.log.all()[0].id)
    assert learner.history() == learner.history("u00") == [] and "feedback" not in learner.engine.presets()
    with pytest.raises(NotFoundError, match="no feedback 99"):
        learner.take_back(99)


def test_taking_an_older_one_back_divides_its_step_out(learner: FeedbackLearner) -> None:
    first, second = word(learner, place=9), word(learner, place=4)
    (number,) = learner.record([first])
    learner.record([second])
    both = learner.everybody()
    learner.take_back(number)
    left = learner.everybody()
    alone = FeedbackLearner(learner.engine)
    assert [r.item_id for r in alone.log.all()] == [second.item_id]
    assert learner.history()[-1].reason == f"took back #{number}"
    again = learner.learn_again()
    distance = [
        np.abs(np.array(list(w.values())) - np.array(list(again["weights"].values()))).max()
        for w in (left.values, both.values)
    ]
    assert distance[0] < 0.3 * distance[1], "much nearer to never having heard it"


def test_a_pressed_thumb_is_one_word(learner: FeedbackLearner) -> None:
    row = word(learner)
    learner.press(row, "like")
    learner.press(row, "like")
    assert [r.kind for r in learner.log.all()] == ["like"]
    learner.press(row, "dislike")
    assert [r.kind for r in learner.log.all()] == ["dislike"]
    learner.press(row, None)
    learner.press(row, None)
    assert learner.log.all() == [] and learner.history() == []


def test_undo_of_weights_keeps_the_feedback(learner: FeedbackLearner) -> None:
    learner.record([word(learner)])
    once = learner.everybody()
    learner.record([word(learner, place=3)])
    left = learner.undo(EVERYBODY)
    assert left is not None and left.weights == once == learner.everybody()
    assert learner.engine.presets()["feedback"].weights == once.values
    assert learner.undo(EVERYBODY) is None and "feedback" not in learner.engine.presets()
    assert len(learner.log.all()) == 2 and len(learner.history("u00")) == 3
    with pytest.raises(NotFoundError, match="nothing to undo"):
        learner.undo(EVERYBODY)


@pytest.mark.parametrize(
    ("change", "match"),
    [({"user_id": "nobody"}, "nobody"), ({"item_id": "nothing"}, "nothing"), ({"kind": "love"}, "love")],
)
def test_unknown_things_change_nothing(learner: FeedbackLearner, change: dict[str, str], match: str) -> None:
    from dataclasses import replace

    with pytest.raises(InputError, match=match):
        learner.record([word(learner), replace(word(learner), **change)])
    assert learner.log.all() == [] and learner.history() == []


def test_items_of_the_history_teach_nothing(learner: FeedbackLearner) -> None:
    seen = str(learner.engine.history("u00")["item_id"].iloc[0])
    learner.record([Feedback("u00", seen, "purchase")])
    assert len(learner.log.all()) == 1 and learner.history() == []


def test_kinds_have_strengths_of_their_own(own_world: Workspace) -> None:
    (own_world.path / "feedback.yaml").write_text("strengths: {click: 0.0, share: 0.9}\nrate: 0.2\n")
    learner = FeedbackLearner(Engine.open(own_world.path))
    learner.record([word(learner, kind="click")])
    assert learner.history() == [], "a kind of no strength is kept, but teaches nothing"
    learner.record([word(learner, kind="share")])
    assert len(learner.history()) == 2 and learner.settings.rate == 0.2


@pytest.mark.parametrize("text", ["strengths: {like: 3}", "rate: -1", "speed: 1", "a: [", "rate: x"])
def test_wrong_options_are_a_sentence(own_world: Workspace, text: str) -> None:
    (own_world.path / "feedback.yaml").write_text(text)
    with pytest.raises(InputError, match=r"feedback\.yaml"):
        FeedbackSettings.of(own_world.path)


def test_the_newest_opinion_of_import_and_log_decides_what_is_unwanted(own_world: Workspace) -> None:
    said = [
        ("import", 0, "dislike", 2020), ("log", 0, "like", 2022),
        ("import", 1, "like", 2024), ("log", 1, "dislike", 2022),
        ("log", 2, "dislike", 2024), ("log", 2, "like", 2020),
        ("import", 3, "dislike", 2020), ("log", 3, "click", 2024),
        ("log", 4, "like", 2020), ("log", 4, "dismiss", 2022), ("log", 4, "purchase", 2024),
    ]  # fmt: skip
    engine = Engine.open(own_world.path)
    items = engine.item_ids
    with duckdb.connect(str(own_world.database)) as connection:
        connection.executemany(
            "INSERT INTO feedback VALUES ('u00', ?, ?, ?)",
            [[items[n], kind, datetime(year, 1, 1)] for where, n, kind, year in said if where == "import"],
        )
    learner = FeedbackLearner(engine)
    for where, n, kind, year in said:
        if where == "log":
            learner.record([Feedback("u00", items[n], kind, made=datetime(year, 1, 1))])
    assert learner.unwanted("u00") == {items[2], items[3], items[4]}
    assert learner.unwanted("u01") == frozenset()


def test_damage_is_a_sentence(learner: FeedbackLearner, own_world: Workspace) -> None:
    learner.record([word(learner)])
    with duckdb.connect(str(own_world.state)) as connection:
        connection.execute("UPDATE feedback_log SET list = '{'")
    with pytest.raises(WorkspaceBrokenError, match="damaged"):
        FeedbackLog(own_world.state).all()


def test_two_processes_write_side_by_side(learner: FeedbackLearner, own_world: Workspace) -> None:
    """A second server and this one never lock each other out, and nothing is lost."""
    row = word(learner)
    script = (
        "import sys, json; from mgrec_core import Engine\n"
        "from mgrec_core.feedback.learning import FeedbackLearner\n"
        "from mgrec_core.feedback.log import Feedback\n"
        f"learner = FeedbackLearner(Engine.open({str(own_world.path)!r}))\n"
        "row = json.loads(sys.argv[1]); row['shown'] = tuple(row['shown']); row['made'] = None\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "for _ in range(8): learner.record([Feedback(**row)])\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, json.dumps(row.to_dict())],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert other.stdout is not None and other.stdout.readline() == "ready\n"
    assert other.stdin is not None
    other.stdin.write("go\n")
    other.stdin.flush()
    for _ in range(8):
        learner.record([row])
        learner.engine.presets()
    _, complaint = other.communicate(timeout=120)
    assert other.returncode == 0, complaint
    rows = learner.log.all()
    assert len(rows) == 16 and len({r.id for r in rows}) == 16
    assert len(learner.history()) == 17, "a start and a step each"
