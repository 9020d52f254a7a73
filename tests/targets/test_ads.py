"""Advertisements: import, exact contributions, eligibility, and a planted order that is recovered."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mgrec_core.engine.engine import Engine
from mgrec_core.foundation.errors import InputError
from mgrec_core.operations.importing import import_data
from mgrec_core.targets.ads import Ads, active
from mgrec_core.targets.evaluate import evaluate_target
from mgrec_core.targets.fold import TargetFold
from mgrec_core.targets.redemptions import split_redemptions
from mgrec_core.targets.registry import open_ranker
from mgrec_core.workspace.folder import Workspace
from tests.targets.worlds import write_ads


def test_ads_are_imported(coupons: Engine) -> None:
    with coupons.workspace.reading() as connection:
        assert connection.execute("SELECT count(*), sum(n_items)::INT FROM v_ads").fetchone() == (16, 48)
        assert connection.execute("FROM v_ads WHERE ad_id = 'a00'").fetchall()[0][1:4:2] == (
            "Coupon 0",
            connection.execute("SELECT TIMESTAMP '2025-03-01'").fetchone()[0],
        )
        assert connection.execute("SELECT DISTINCT value FROM v_ad_values ORDER BY 1").fetchall() == [
            ("A",),
            ("B",),
        ]


def test_bad_rows_are_counted(tmp_path: Path) -> None:
    folder = write_ads(tmp_path / "source", n=6)
    with (folder / "ads.csv").open("a") as file:
        file.write("a00,Again,,,\n,Nameless,,,\nzz,Turned,2025-03-01,2025-01-01,A\n")
    with (folder / "ad_items.csv").open("a") as file:
        file.write("nowhere,i01\na00,nothing\na00,i00\n")
    with (folder / "ad_events.csv").open("a") as file:
        file.write("nobody,a00,shown,\nu00,nowhere,shown,\nu00,a00,admired,\n")
    report = import_data(Workspace.create(tmp_path / "workspace"), folder)
    rules = {(r.file, r.rule): r.count for r in report.reasons}
    for file, rule in (
        ("ads.csv", "duplicate_ad"),
        ("ads.csv", "missing_ad_id"),
        ("ads.csv", "ends_before_start"),
        ("ad_items.csv", "unknown_ad"),
        ("ad_items.csv", "unknown_item"),
        ("ad_items.csv", "duplicate_ad_item"),
        ("ad_events.csv", "unknown_user"),
        ("ad_events.csv", "unknown_ad"),
        ("ad_events.csv", "unknown_ad_event"),
    ):
        assert rules[file, rule] == 1, rule
    for one in report.files:
        assert one.accepted + one.repaired + one.rejected == one.read
    assert report.counts["ads"] == 17


def test_contributions_evidence_and_products_sum(coupons: Engine) -> None:
    ranker = open_ranker(coupons, "ads")
    assert isinstance(ranker, Ads)
    assert {"collaborative", "attribute", "repeat", "ad_attribute", "audience", "popularity", "reach"} <= set(
        ranker.parts
    )
    even = dict.fromkeys(ranker.parts, 0.5)
    for user in ("u00", "u21"):
        for row in ranker.rank(user, k=20, weights=even).items:
            assert sum(row.contributions.values()) == pytest.approx(row.score, abs=1e-5)
            why = ranker.explain(user, row.item_id, weights=even)
            products = ranker.products(user, row.item_id, even)
            entities = why.evidence["knowledge"]
            assert all(e.source == "attribute" and e.confidence == 1.0 for e in entities), "as for items"
            for part, contribution in why.contributions.items():
                total = sum(e.value for e in why.evidence[part]) + why.baseline[part]
                assert total == pytest.approx(contribution, abs=1e-5), part
                if part in products[0]["contributions"]:
                    total = sum(p["contributions"][part] for p in products) + why.baseline[part]
                    assert total == pytest.approx(contribution, abs=1e-5), part


def test_only_shown_and_unredeemed_ads_are_ranked(coupons: Engine) -> None:
    ranker = open_ranker(coupons, "ads")
    with coupons.workspace.reading() as connection:
        (user,) = connection.execute(
            "SELECT min(user_id) FROM v_ad_events WHERE kind = 'redeemed'"
        ).fetchone()
        redeemed = connection.execute(
            "SELECT ad_id FROM v_ad_events WHERE user_id = ? AND kind = 'redeemed'", [user]
        ).fetchall()
    assert redeemed
    found = ranker.rank(user, 20)
    assert found.n_candidates == 16 - len(redeemed)
    assert not {(r.item_id,) for r in found.items} & set(redeemed)
    assert isinstance(ranker, Ads)
    assert not active(ranker.ads, np.datetime64("2025-03-02"), None).any()
    assert not active(ranker.ads, None, np.datetime64("2024-12-31")).any()
    assert active(ranker.ads, np.datetime64("2025-02-01"), np.datetime64("2025-02-01")).all()
    assert ranker.at(np.datetime64("2025-03-02")).rank(user, 20).items == ()
    assert ranker.at(np.datetime64("2025-02-01")).rank(user, 20) == found == ranker.rank(user, 20)


def test_the_planted_order_is_recovered(coupons: Engine) -> None:
    ranker = open_ranker(coupons, "ads")
    own = []
    for u in range(60):
        rows = ranker.rank(f"u{u:02}", 16).items
        kinds = [int(r.item_id[1:]) % 4 == u % 4 for r in rows]
        own.append(sum(kinds[: sum(kinds)]) / max(1, sum(kinds)) if any(kinds) else 1.0)
    assert np.mean(own) > 0.9


@pytest.mark.parametrize("split", ["time", "random"])
def test_evaluation_beats_the_baselines(coupons: Engine, split: str) -> None:
    document = evaluate_target(coupons, "ads", split=split)
    assert document["split"]["kind"] == split and document["candidates"]["max"] <= 16
    for rival in ("popularity", "reach", "random"):
        assert document["significance"][f"fused − {rival}"]["low"] > 0.15, rival


def test_nothing_of_the_held_out_part_is_left(coupons: Engine) -> None:
    with coupons.workspace.reading() as connection:
        by_time = split_redemptions(connection)
        assert by_time.kind == "time"
        training = by_time.training(connection)
        late = "SELECT count(*) FROM ad_events WHERE kind <> 'shown' AND timestamp > ?"
        assert training.execute(late, [by_time.moment]).fetchone() == (0,)
        at_random = split_redemptions(connection, "random", 0.3)
        training = at_random.training(connection)
        left = set(
            training.execute("SELECT user_id, ad_id FROM v_ad_events WHERE kind = 'redeemed'").fetchall()
        )
        held = set(at_random.test.itertuples(index=False, name=None))
        assert held and left and not held & left
        tested = TargetFold.prepare(coupons, connection, "ads", at_random)
    for user, ad in list(held)[:20]:
        u, a = tested.ranker.user(user), tested.ranker.target_place(ad)
        assert tested.ranker.won[u, a] == 0  # type: ignore[attr-defined]
        row = tested.rows.tolist().index(u)
        assert tested.relevant[row, a] == 1


def test_purchases_of_a_held_out_coupon_are_unknown() -> None:
    from tests.worlds import World

    connection = World(
        events=(
            ("u", "i", "purchase", None, None, "2025-01-01", None),
            ("u", "i", "purchase", None, None, "2025-02-02", None),
            ("u", "j", "purchase", None, None, "2025-02-02", None),
        )
    ).connect()
    connection.execute("INSERT INTO ads VALUES ('a', NULL, NULL, NULL), ('b', NULL, NULL, NULL)")
    connection.execute("INSERT INTO ad_items VALUES ('a', 'i'), ('b', 'i')")
    connection.execute(
        "INSERT INTO ad_events VALUES ('u', 'a', 'redeemed', '2025-02-02 10:00:00'),"
        " ('u', 'b', 'redeemed', '2025-02-02 10:00:00')"
    )
    training = split_redemptions(connection, "random", 0.5).training(connection)
    found = training.execute("SELECT item_id, timestamp::DATE::VARCHAR FROM events ORDER BY ALL").fetchall()
    assert found == [("i", "2025-01-01"), ("j", "2025-02-02")]


def test_a_split_by_time_keeps_what_was_bought_before_it() -> None:
    """Also of the products of held-out coupons: without them these would look like what nobody wants."""
    from tests.worlds import World

    days = ("2025-01-01", "2025-01-20", "2025-03-01")
    connection = World(
        events=tuple(("u", item, "purchase", None, None, day, None) for item in "ij" for day in days)
    ).connect()
    connection.execute("INSERT INTO ads VALUES ('a', NULL, NULL, NULL), ('b', NULL, NULL, NULL)")
    connection.execute("INSERT INTO ad_items VALUES ('a', 'i'), ('b', 'j')")
    connection.execute(
        "INSERT INTO ad_events VALUES ('u', 'a', 'redeemed', '2025-01-10'),"
        " ('u', 'b', 'redeemed', '2025-03-01')"
    )
    split = split_redemptions(connection, "time", 0.5)
    assert split.test.to_numpy().tolist() == [["u", "b"]]
    training = split.training(connection)
    found = training.execute("SELECT item_id, timestamp::DATE::VARCHAR FROM events ORDER BY ALL").fetchall()
    before = [day for day in days if day < str(split.moment)]
    assert found == [(item, day) for item in "ij" for day in before] and len(before) > 0


def test_without_ads_there_is_a_sentence(friends: Engine) -> None:
    ranker = open_ranker(friends, "ads")
    with pytest.raises(InputError, match="ads file"):
        ranker.rank("u00")
    with pytest.raises(InputError, match="ad_events"):
        evaluate_target(friends, "ads")
