"""A granularity that is one file works everywhere, and builds that were stored without it stay readable."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from mgrec_core.analysis.cold_start import cold_start
from mgrec_core.cli.main import main
from mgrec_core.engine.engine import Engine
from mgrec_core.engine.info import info
from mgrec_core.evaluation.certify import certify
from mgrec_core.evaluation.fold import Fold
from mgrec_core.evaluation.splits import make_split
from mgrec_core.figures import contribution_bars
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.results import Weights
from mgrec_core.model.config import Config
from mgrec_core.model.granularities import GRANULARITIES, default_weights, names, register, unregister
from mgrec_core.operations.building import build
from mgrec_core.operations.importing import import_data
from mgrec_core.quality.assessment import assess_tables
from mgrec_core.targets import ads, people
from mgrec_core.workspace.folder import Workspace
from pages.ui.address import view
from pages.ui.user.mixer import payload
from tests.model.granularities.extra.seasonal import SPEC

ROOT = Path(__file__).resolve().parents[3]
WITH = (*GRANULARITIES[:2], "seasonal", *GRANULARITIES[2:])


@contextmanager
def registered() -> Iterator[None]:
    register(SPEC)
    try:
        yield
    finally:
        unregister("seasonal")


@pytest.fixture(scope="module")
def built(built_world: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The small world, built with the granularity; only to be read."""
    workspace = Workspace.create(tmp_path_factory.mktemp("seasonal") / "workspace")
    import_data(workspace, built_world.path.parent / "source")
    with registered():
        build(workspace, with_map=False)
    return workspace


@pytest.fixture
def engine(built: Workspace) -> Iterator[Engine]:
    with registered():
        yield Engine.open(built.path)


def test_it_is_built_stored_and_opened_again(engine: Engine) -> None:
    assert names() == engine.present == tuple(engine.statuses) == WITH
    assert engine.statuses["seasonal"].reason == "the history, an item comes round again after 4 newer ones"
    assert engine.manifest.config["seasonal"] == {"period": 4.0}
    # The item space that it shares with others is stored once.
    assert engine.manifest.granularities["seasonal"].blocks[0].evidence == "items.evidence"


def test_a_fader_weighs_it(engine: Engine) -> None:
    assert engine.resolve({"seasonal": 0.7}).values["seasonal"] == 0.7
    assert engine.presets()["default"].weights["seasonal"] == default_weights(names())["seasonal"] == 0.4
    with pytest.raises(InputError, match="weight of seasonal is 2"):
        engine.resolve({"seasonal": 2})
    with_it, without = engine.rank("u00", 20, {"seasonal": 1.0}), engine.rank("u00", 20, {"seasonal": 0.0})
    assert [i.item_id for i in with_it.items] != [i.item_id for i in without.items]
    fader = payload.granularities(engine.present)[2]
    assert fader == {
        "id": "seasonal", "name": "Seasonal", "light": "#7A5195", "dark": "#C3A5DC", "pattern": "|",
    }  # fmt: skip
    preset = payload.preset_of(engine.presets()["default"], engine.present)
    assert preset["weights"][2] == 0.4
    assert view.parse_weights("seasonal~0.3_social~0") == {"seasonal": 0.3, "social": 0.0}


def test_evidence_and_baseline_sum_to_its_contribution(engine: Engine) -> None:
    for ranked in engine.rank("u00", 10).items:
        found = engine.explain("u00", ranked.item_id)
        assert sum(found.contributions.values()) == pytest.approx(found.score, abs=1e-5)
        pieces = sum(piece.value for piece in found.evidence["seasonal"])
        assert pieces and pieces + found.baseline["seasonal"] == pytest.approx(
            found.contributions["seasonal"], abs=1e-5
        )


def test_its_permutation_control_runs(built: Workspace, tmp_path: Path) -> None:
    with registered(), built.reading() as connection:
        split = make_split(connection, "last", 0.2)
        fold = Fold.prepare(connection, split, None, Config(), tmp_path)
        weights = list(default_weights(fold.model.present).values())
        found = certify([fold], weights, "ndcg@10")["seasonal"]
    assert found["weight"] == 0.4 and found["placebo_kind"] == "ages permuted within each history"
    assert found["gain_over_placebo"]["low"] < found["gain_over_placebo"]["high"]


@pytest.mark.parametrize("dark", [False, True])
def test_it_has_a_colour_of_its_own(engine: Engine, dark: bool) -> None:
    bars = contribution_bars(engine.rank("u00", 5), dark=dark).data
    (bar,) = (bar for bar in bars if bar.name.startswith("Seasonal"))
    assert bar.marker.color == SPEC.colours[dark] and bar.marker.pattern.shape == "|"


def test_data_quality_says_what_it_needs(built: Workspace) -> None:
    with registered(), built.reading() as connection:
        report = assess_tables(connection, date(2026, 1, 1))
    rows = report.section("granularities").tables[0].rows
    assert [row[0] for row in rows] == list(WITH)
    name, possible, users, items, counted, _ = rows[2]
    assert (name, possible, counted) == ("seasonal", "yes", SPEC.coverage.counted)
    assert 0.5 < users < 1 and items > 0.5  # two users have no history


def test_how_well_an_item_is_known_there(engine: Engine) -> None:
    for item in range(3):
        (told,) = (one for one in cold_start(engine.model, item).at if one.granularity == "seasonal")
        assert told.meaning == (SPEC.held if told.held else SPEC.not_held)


def test_people_and_advertisements_weigh_it() -> None:
    with registered():
        assert people.default_weights()["seasonal"] == ads.default_weights()["seasonal"] == 0.1
    assert "seasonal" not in people.default_weights()


def test_its_options_are_the_builds(tmp_path: Path, built: Workspace) -> None:
    file = tmp_path / "options.yaml"
    file.write_text("seasonal: {period: 3}")
    with pytest.raises(InputError, match="option seasonal: "):
        Config.load(file)
    with registered():
        assert Config.load(file).seasonal.period == 3
        file.write_text("seasonal: {period: 0}")
        with pytest.raises(InputError, match=r"option seasonal\.period: "):
            Config.load(file)


def test_the_command_line_knows_it(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    place = ["--workspace", str(engine.workspace.path), "--json"]
    assert main(["rank", "--user", "u00", "--weights", "seasonal=0.9", *place]) == 0
    ranked = json.loads(capsys.readouterr().out)
    assert ranked["weights"]["seasonal"] == 0.9 and "seasonal" in ranked["items"][0]["contributions"]
    assert main(["info", *place]) == 0
    assert json.loads(capsys.readouterr().out)["granularities"]["seasonal"]["present"] is True


def test_a_build_stored_without_it_opens_and_is_built_again(own_world: Workspace) -> None:
    before = Engine.open(own_world.path)
    ranked = before.rank("u00", 10)
    with registered():
        after = Engine.open(own_world.path)
        assert after.present == before.present and tuple(after.statuses) == WITH
        assert after.model.absent["seasonal"] == "this build is older than it: build again"
        assert info(own_world)["granularities"]["seasonal"]["present"] is False
        assert after.rank("u00", 10) == ranked
        assert after.rank("u00", 10, {"seasonal": 0.5}) == ranked  # as any absent one
        np.testing.assert_array_equal(after.model.global_scale, before.model.global_scale)
        manifest, changed = build(own_world, with_map=False)
        assert changed and manifest.build != before.build and manifest.granularities["seasonal"].present
    manifest, changed = build(own_world, with_map=False)
    assert manifest.build == before.build and not changed


def test_a_build_that_has_it_opens_when_it_is_gone(built: Workspace) -> None:
    with registered():
        whole = Engine.open(built.path).rank("u00", 10, Weights({"seasonal": 0}, fusion="concat"))
    found = Engine.open(built.path)
    assert found.present == tuple(found.statuses) == names() == GRANULARITIES
    assert [i.score for i in found.rank("u00", 10, Weights(fusion="concat")).items] == pytest.approx(
        [i.score for i in whole.items]
    )
    assert Config.of_build(found.manifest.config) == Config()
    with pytest.raises(NotFoundError, match="unknown granularity 'seasonal'"):
        found.rank("u00", 10, {"seasonal": 0.5})


def test_two_of_one_name_are_refused() -> None:
    with registered(), pytest.raises(InputError, match="two granularities named seasonal"):
        register(SPEC)


def with_package(folder: Path, offered: str, *code: str) -> subprocess.CompletedProcess[str]:
    """Run Python where a package is installed that offers a granularity."""
    told = folder / "seasons-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: seasons\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(f"[mgrec.granularities]\nseasonal = {offered}\n")
    path = os.pathsep.join((str(folder), str(ROOT)))
    return subprocess.run(
        [sys.executable, *code], cwd=ROOT, env=os.environ | {"PYTHONPATH": path},
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_an_installed_package_may_offer_one(tmp_path: Path) -> None:
    code = "from mgrec_core.model.granularities import names\nprint(*names())"
    done = with_package(tmp_path, "tests.model.granularities.extra.seasonal:SPEC", "-c", code)
    assert tuple(done.stdout.split()) == WITH, done.stderr


@pytest.mark.parametrize(
    "offered", ["seasons.nowhere:SPEC", "tests.model.granularities.extra.seasonal:build"]
)
def test_a_package_whose_granularity_is_none_is_named(
    tmp_path: Path, built_world: Workspace, offered: str
) -> None:
    command = ("-m", "mgrec_core", "info", "--workspace", str(built_world.path))
    done = with_package(tmp_path, offered, *command)
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "seasons" in done.stderr and "granularity" in done.stderr
