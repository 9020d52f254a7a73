from __future__ import annotations

import pytest

from mgrec_core.cli.main import main
from mgrec_core.operations.own_models import alone
from mgrec_core.workspace.folder import Workspace


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--budget", "soon"], "--budget 'soon' is no time: write 20m"),
        (["--method", "mlm", "--steps", "0"], "--steps is 0: it should be greater than or equal to 1"),
        (["--rate", "5"], "--rate is 5.0: it should be less than 1"),
        (["--method", "contrastive", "--model", "/nowhere"], "Model folder /nowhere does not exist"),
    ],
)
def test_what_does_not_do_is_one_sentence(
    own_world: Workspace, capsys: pytest.CaptureFixture[str], options: list[str], said: str
) -> None:
    assert main(["adapt", "--workspace", str(own_world.path), "--quiet", *options]) == 2
    told = capsys.readouterr().err.strip()
    assert said in told and "\n" not in told


def test_without_a_training_there_is_none_to_stop(
    own_world: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["adapt", "--workspace", str(own_world.path), "--stop", "--json"]) == 0
    assert '"stopping": false' in capsys.readouterr().out
    stage = own_world.path / "models" / "half" / "training" / "contrastive"
    stage.mkdir(parents=True)  # of one that was killed
    assert main(["adapt", "--workspace", str(own_world.path), "--stop", "--json"]) == 0
    assert "no training is running in this workspace" in capsys.readouterr().out
    assert not list(stage.iterdir())
    with alone(own_world.path):
        assert main(["adapt", "--workspace", str(own_world.path), "--stop", "--json"]) == 0
    assert '"stopping": true' in capsys.readouterr().out and [p.name for p in stage.iterdir()] == ["stop"]
