"""`adapt`: a model of the workspace's own, measured before and after, and switched to where it is better."""

from __future__ import annotations

import contextlib
import hashlib
import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mgrec_core.foundation import log
from mgrec_core.foundation.files import remove, replacing, write_text
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.model.config import Config
from mgrec_core.operations.locking import writing
from mgrec_core.operations.own_models import alone
from mgrec_core.workspace import models
from mgrec_core.workspace.folder import Workspace

if TYPE_CHECKING:
    from mgrec_core.adaptation.measuring import Worth
    from mgrec_core.adaptation.settings import Settings
    from mgrec_core.language.model_files import ModelFiles

_SETTINGS = "settings.json"
STAYS = ", so the model before stays in use"


def adapt(
    workspace: Workspace | str | Path,
    settings: Settings | None = None,
    *,
    model: str | None = None,
    anew: bool = False,
    switch: bool = True,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Let the language model learn the domain, and build with it where that is better.

    What ``evaluate`` tests on and what ``tune`` validates on is kept from it, and a tenth of the items with
    all their events. A training that was killed is gone on with when the same is asked for again.

    Parameters
    ----------
    workspace
        A workspace with a build, or its folder.
    settings
        Method, adapters, budget and more; by default the projection.
    model
        The model to start from; by default the build's, or what that was made from.
    anew
        Throw a begun or finished training of the same settings away.
    switch
        Build with the new model where it is not worse.

    Returns
    -------
    dict
        The document of ``adapt --json``: ``model`` (the new one's name), ``method``, ``before`` and ``after``
        (`behaviour` alone on the test pairs), ``cold``, ``seconds``; besides ``peft``, ``base``,
        ``differences`` with intervals by part, ``switched``, ``reason``, ``training``.

    Raises
    ------
    InputError
        Nothing is built, there is too little to learn from, or the model cannot learn; the model before
        stays in use.
    WorkspaceLockedError
        Another training runs.
    """
    from mgrec_core.adaptation.planning import seconds_of
    from mgrec_core.adaptation.settings import Settings

    settings = settings or Settings()
    seconds_of(settings.budget)
    workspace = workspace if isinstance(workspace, Workspace) else Workspace.open(workspace)
    start = time.monotonic()
    with writing(workspace):  # who writes now is told before the work, not after it
        pass
    with (
        alone(workspace.path),
        log.timed(log.get("adapt"), "adapt", workspace=workspace.path.name, method=settings.method),
    ):
        if settings.method == "projection":
            return _projection(workspace, settings, model, switch, progress, start)
        return _trained(workspace, settings, model, anew, switch, progress, start)


def stop(workspace: Workspace | str | Path) -> bool:
    """Ask a running training to end with the best so far; say whether one was begun and not finished."""
    from mgrec_core.adaptation.training import STOP

    path = workspace.path if isinstance(workspace, Workspace) else Path(workspace)
    stages = [
        found for name in models.STAGES for found in path.glob(f"{models.FOLDER}/*/{models.TRAINING}/{name}")
    ]
    for stage in stages:
        (stage / STOP).touch()
    return bool(stages)


def stopping(workspace: Path) -> bool:
    """Whether a training that was begun has been asked to end with the best so far."""
    from mgrec_core.adaptation.training import STOP

    return any(workspace.glob(f"{models.FOLDER}/*/{models.TRAINING}/*/{STOP}"))


def _base(workspace: Workspace, model: str | None) -> str | None:
    """The model to start from: of one that was made here, the one that it was made from."""
    named = model if model is not None else workspace.manifest().model_source
    own = {record.name: record.base for record in models.models_of(workspace.path)}
    while named in own:
        named = own[named]
    return named


def _trained(
    workspace: Workspace,
    settings: Settings,
    model: str | None,
    anew: bool,
    switch: bool,
    progress: Progress,
    start: float,
) -> dict[str, Any]:
    from mgrec_core.adaptation.held_out import hold_out
    from mgrec_core.adaptation.measuring import differences, measure
    from mgrec_core.adaptation.teaching import teach
    from mgrec_core.adaptation.training import STOP
    from mgrec_core.language.embedded import MINILM
    from mgrec_core.language.model_files import find_model
    from mgrec_core.operations.building import build

    manifest = workspace.manifest()
    config = Config.of_build(manifest.config)
    base = _base(workspace, model)
    files = find_model(workspace.model_at(base), prompt=config.language.prompt)
    name = _name(files, base or MINILM.name, settings, manifest.data_fingerprint, config)
    folder = models.folder_of(workspace.path, name)

    def switch_to() -> None:
        build(workspace, name, config, progress)

    if anew:
        remove(folder)
    if (folder / "model").is_dir():
        record = models.read_record(workspace.path, name)
        return _finish(record, switch_to if switch else None, start, made=False)
    _forget_others(workspace, name)
    cache = workspace.path / "cache"
    run = folder / models.TRAINING
    run.mkdir(parents=True, exist_ok=True)
    for asked in run.glob(f"*/{STOP}"):  # of an earlier run; who goes on with it does not want that any more
        asked.unlink()
    write_text(run / _SETTINGS, settings.model_dump_json(indent=2))
    with workspace.reading() as connection:
        held_out = hold_out(workspace.path, connection, seed=settings.seed)

        def worth(path: str | None, what: str) -> Worth:
            return measure(connection, held_out, path, config, cache, progress=_staged(progress, what))

        learner, facts = teach(connection, held_out, files, config, settings, cache, run, progress)
        progress("writing the model", 0, 1)
        with replacing(run / "merged") as staged:
            facts["adapter_bytes"] = learner.save_adapter(folder / "adapter")
            learner.save(staged)
        before = worth(workspace.model_at(base), "before")
        after = worth(str(run / "merged"), "after")
    record = models.ModelRecord(
        name=name,
        base=base or MINILM.name,
        base_fingerprint=files.fingerprint,
        method=settings.method,
        seconds=round(time.monotonic() - start, 1),
        settings=settings.model_dump(),
        held_out=held_out.to_dict(),
        figures=differences(after, before),
        facts=facts | {"weights_before": before.weights, "weights_after": after.weights},
    )
    _keep(run, folder)
    models.write_record(folder, record)
    (run / "merged").replace(folder / "model")
    shutil.rmtree(run, ignore_errors=True)
    return _finish(record, switch_to if switch else None, start)


def _finish(
    record: models.ModelRecord,
    switch: Callable[[], object] | None,
    start: float,
    made: bool = True,
) -> dict[str, Any]:
    """Switch to a model where it is better, and say what it is worth."""
    figures = record.figures
    better, reason = verdict(figures)
    if switch and better:
        switch()
    elif better and record.method != "projection":
        reason += f"; `build --model {record.name}` switches to it"
    return {
        "model": record.name,
        "method": record.method,
        "before": {"ndcg@10": figures["warm"]["before"]},
        "after": {"ndcg@10": figures["warm"]["after"]},
        "cold": {part: figures["cold"][part] for part in ("before", "after")},
        "seconds": round(time.monotonic() - start, 1),
        "peft": None if record.method == "projection" else record.settings["peft"],
        "base": record.base,
        "made": made,
        "differences": figures,
        "switched": bool(switch) and better,
        "reason": reason,
        "training": {
            stage: {key: value for key, value in facts.items() if key != "curve"}
            for stage in models.STAGES
            if (facts := record.facts.get(stage))
        },
    }


def verdict(figures: dict[str, Any]) -> tuple[bool, str]:
    """Return whether a model should be switched to, and why, in words."""
    warm, cold, fused = figures["warm"], figures["cold"], figures.get("fused")
    named = (("known items", warm), ("new items", cold), ("the fused lists", fused))
    worse = [name for name, one in named if one and one["high"] < 0]
    better = [name for name, one in named if one and one["low"] > 0]
    if worse:
        return False, f"{' and '.join(worse)} are ranked worse with it{STAYS}"
    if better:
        return True, f"{' and '.join(better)} are ranked better with it"
    if warm["mean"] > 0 and cold["mean"] > 0:
        return True, "known and new items are ranked better with it, by no more than chance allows"
    return False, f"no gain beyond chance was seen{STAYS}"


def _projection(
    workspace: Workspace,
    settings: Settings,
    model: str | None,
    switch: bool,
    progress: Progress,
    start: float,
) -> dict[str, Any]:
    """The light path: item vectors are fitted to histories, the language model stays as it is."""
    from mgrec_core.adaptation.held_out import hold_out
    from mgrec_core.adaptation.measuring import differences, measure
    from mgrec_core.language.embedded import MINILM
    from mgrec_core.operations.building import build

    manifest = workspace.manifest()
    config = Config.of_build(manifest.config)
    source = model if model is not None else manifest.model_source
    variants = {
        items: config.model_copy(update={"behaviour": config.behaviour.model_copy(update={"items": items})})
        for items in ("text", "learned")
    }
    with workspace.reading() as connection:
        held_out = hold_out(workspace.path, connection, seed=settings.seed)
        before, after = (
            measure(
                connection,
                held_out,
                workspace.model_at(source),
                variants[items],
                workspace.path / "cache",
                progress=_staged(progress, what),
            )
            for items, what in (("text", "before"), ("learned", "after"))
        )
    record = models.ModelRecord(
        name=source or MINILM.name,
        base=source or MINILM.name,
        base_fingerprint=manifest.model_fingerprint,
        method="projection",
        settings=settings.model_dump(),
        figures=differences(after, before),
    )
    models.write_projection(workspace.path, record)

    def switch_to() -> None:
        named = source if model or not manifest.chose_model else None
        build(workspace, named, variants["learned"], progress)

    return _finish(record, switch_to if switch else None, start)


def _name(files: ModelFiles, base: str, settings: Settings, data: str, config: Config) -> str:
    """The same for the same training; of a budget of time the steps are the machine's."""
    from mgrec_core.adaptation.settings import VERSION

    parts = (VERSION, files.fingerprint, settings.model_dump_json(), data, config.language.model_dump_json())
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:6]
    kind = settings.method if settings.peft == "none" else f"{settings.method}-{settings.peft}"
    plain = "".join(sign if sign.isalnum() else "-" for sign in f"{Path(base).name}-{kind}".lower())
    return f"{plain.strip('-')[-80:].strip('-')}-{digest}"


def _forget_others(workspace: Workspace, name: str) -> None:
    """Remove begun trainings of other settings or data: nobody can go on with them."""
    for run in (workspace.path / models.FOLDER).glob(f"*/{models.TRAINING}"):
        if run.parent.name != name and not (run.parent / "model").is_dir():
            shutil.rmtree(run.parent, ignore_errors=True)


def _keep(run: Path, folder: Path) -> None:
    """Keep the curves of a training that has ended, its checkpoints not."""
    for stage in run.iterdir():
        for part in ("logs", models.CURVE):
            if (stage / part).exists():
                target = folder / stage.name
                target.mkdir(exist_ok=True)
                remove(target / part)
                (stage / part).replace(target / part)


def _staged(progress: Progress, what: str) -> Progress:
    """Say of a measure's steps whether they are those before or after."""

    def told(stage: str, done: int, total: int, detail: str = "") -> None:
        progress(f"measuring {what}: {stage}", done, total, detail)

    return told


def begun(workspace: Path) -> dict[str, Any] | None:
    """A training that was begun and not finished: its model's name and settings; ``None`` without one."""
    for path in (workspace / models.FOLDER).glob(f"*/{models.TRAINING}/{_SETTINGS}"):
        with contextlib.suppress(OSError, ValueError):
            return {"name": path.parents[1].name, "settings": json.loads(path.read_text(encoding="utf-8"))}
    return None
