"""A map that has been computed, or its computation in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from mgrec_core.foundation.results import Weights
from mgrec_core.service import jobs
from mgrec_core.service.jobs import Job
from pages.ui.address.view import View
from pages.ui.frame import progress
from pages.ui.map import points
from pages.ui.session import allowed, state
from pages.ui.widgets import problems

if TYPE_CHECKING:
    from mgrec_core.engine.engine import Engine
    from mgrec_core.projection import ProjectionSettings


def computed(view: View, engine: Engine, weights: Weights) -> tuple[Path, pd.DataFrame] | None:
    """Return the map and where it is kept; else offer to compute it and return ``None``."""
    from mgrec_core import projection

    folder = state.folder(view.workspace)
    fused = view.space == projection.FUSED
    settings = projection.ProjectionSettings.from_options(
        of=view.of, granularity=view.space, weights=dict(weights.values) if fused else {},
        base=weights.base if fused else None, n_neighbours=view.neighbours,
        min_dist=view.min_dist, metric=view.metric, seed=view.seed,
    )  # fmt: skip
    path = projection.cache_path(folder, str(engine.build), settings)
    frame = _load(str(path), path.stat().st_mtime_ns, view.of) if path.exists() else None
    command = _command(folder, settings)
    running = jobs.running(folder, "project")
    if running is not None:
        progress.watch(running, "this map" if _makes(running, command) else "another map")
    if frame is None:
        _offer(folder, command, running)
        return None
    return path, frame


@st.cache_resource(max_entries=8, show_spinner=False)
def _load(path: str, modified: int, of: str) -> pd.DataFrame | None:
    from mgrec_core import projection

    frame = projection.load(Path(path))
    if frame is None or "kind" in frame:
        return frame if frame is None or set(frame["kind"]) <= set(points.kinds(of)) else None
    return None if of == "both" else frame.assign(kind=of)


def _makes(job: Job | None, command: list[str]) -> bool:
    return job is not None and job.commands[0] == tuple(command)


def _offer(folder: Path, command: list[str], running: Job | None) -> None:
    last = jobs.latest(folder, "project")
    if running is None and last is None and allowed.may("measure and learn"):
        # The first visit: the map is what the page is for, so nobody should have to ask for it.
        if problems.attempt(allowed.start, folder, command):
            st.rerun()
        problems.show()
    if last is not None and last.state == "failed" and _makes(last, command):
        problems.say(last.error, before="The map could not be computed: ")
    if _makes(running, command):
        st.skeleton(height=520)
        return
    with st.container(border=True):
        st.markdown("**This map has not been computed yet.**")
        st.caption(
            "It runs in the background and is kept: the same map opens at once the next time. "
            "The first one on a machine takes about a minute, later ones seconds."
        )
        busy = running is not None
        if st.button(
            "Compute this map",
            type="primary",
            icon=":material/play_arrow:",
            **allowed.control("measure and learn", disabled=busy),
        ):
            if problems.attempt(allowed.start, folder, command):
                st.rerun()
            problems.show()


def _command(folder: Path, settings: ProjectionSettings) -> list[str]:
    arguments = [
        "project", "--workspace", str(folder), "--of", settings.of, "--granularity", settings.granularity,
        "--neighbours", str(settings.n_neighbours), "--min-dist", str(settings.min_dist),
        "--metric", settings.metric, "--seed", str(settings.seed),
    ]  # fmt: skip
    if settings.granularity == "fused":
        weights = ",".join(f"{g}={w!r}" for g, w in settings.weights.items())
        arguments += ["--weights", weights, "--base", str(settings.base)]
    return arguments
