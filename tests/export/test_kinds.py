"""What each kind of document tells, and what it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mgrec_core import Engine, Weights
from mgrec_core.evaluation.experiments import Experiment
from mgrec_core.export.document import Bars, Table
from mgrec_core.export.kinds.cohort import cohort_document
from mgrec_core.export.kinds.evaluation import evaluation_document
from mgrec_core.export.kinds.user import user_document
from mgrec_core.export.provenance import Origin
from mgrec_core.foundation.errors import InputError
from mgrec_core.workspace.cohorts import Cohort
from tests.export.conftest import DAY, USER, Made


def cohort(*ids: str, of: str = "users") -> Cohort:
    return Cohort("few", of, "manual", {}, "2026-01-30T10:00:00Z", len(ids), ids)  # type: ignore[arg-type]


def test_every_bar_and_row_sums_to_the_score(made: Made, library: Engine) -> None:
    document = made("user")
    chart = next(b for s in document.sections for b in s.blocks if isinstance(b, Bars))
    for bar, item in zip(chart.rows, library.rank(USER, 4).items, strict=True):
        assert bar.total == pytest.approx(item.score, abs=1e-5)
    table = next(b for b in document.sections[0].blocks if isinstance(b, Table))
    for row in table.rows:
        assert sum(float(cell or 0) for cell in row[4:]) == pytest.approx(float(row[3] or 0), abs=1e-5)


def test_a_head_names_the_preset_with_just_these_weights(library: Engine) -> None:
    active = library.active_preset().name
    assert Origin.of(library, None).head().preset == "" and Origin.of(library, Weights()).preset == active
    assert Origin.of(library, Weights(preset="equal")).preset == "equal"
    assert Origin.of(library, Weights({"recent": 0.123})).preset == ""


def test_items_left_out_by_hand_are_told(library: Engine) -> None:
    best = library.rank(USER, 1).items[0].item_id
    document = user_document(Origin.of(library, None), USER, 3, exclude=[best])
    assert document.to_dict()["excluded"] == [best]
    assert best not in {i["item_id"] for i in document.to_dict()["ranked"]["items"]}
    assert "1 item that the user does not want" in str(document.sections[0])


def test_few_users_are_not_told_of_and_no_member_is_named(library: Engine, made: Made) -> None:
    origin = Origin.of(library, None, made=DAY)
    with pytest.raises(InputError, match="fewer than"):
        cohort_document(origin, cohort("U001", "U002"))
    with pytest.raises(InputError, match="no member in this build"):
        cohort_document(origin, cohort(*(f"gone{n}" for n in range(9))))
    found = str(made("cohort").to_dict()) + str(made("cohort").sections)
    assert not any(user in found for user in library.user_ids)
    items = cohort_document(origin, cohort("B01", "B02", of="items"), 3).to_dict()
    assert {one["item_id"] for one in items["top"]} == {"B01", "B02"}
    assert items["counted"] == {"everybody": len(library.user_ids)}


def test_an_evaluation_of_another_build_does_not_claim_this_ones_model(
    library: Engine, experiment: Experiment
) -> None:
    origin = Origin.of(library, Weights({"recent": 0.9}))
    mine = evaluation_document(origin, experiment).head
    assert (mine.build, mine.model) == (library.build, library.manifest.model)
    assert mine.weights == experiment.document["weights"]
    other = evaluation_document(origin, replace(experiment, build="0" * 16)).head
    assert (other.build, other.model, other.model_fingerprint) == ("0" * 16, "", "")
