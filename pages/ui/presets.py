"""The workspace's presets, read again only when their file has changed: every slider step asks for them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from mgrec_core.results import Preset


def presets(engine: Any) -> dict[str, Preset]:
    """Return the presets by name."""
    return _read(*_key(engine), engine)[0]


def active(engine: Any) -> Preset:
    """Return the active preset: the learned one where there is one, else the default."""
    found, name = _read(*_key(engine), engine)
    return found[name]


def _key(engine: Any) -> tuple[str, str, int, int]:
    path = engine.workspace.state
    stat = path.stat() if path.exists() else None
    return str(path), str(engine.build), stat.st_mtime_ns if stat else 0, stat.st_size if stat else 0


@st.cache_data(max_entries=8, show_spinner=False)
def _read(path: str, build: str, modified: int, size: int, _engine: Any) -> tuple[dict[str, Preset], str]:
    return _engine.presets(), _engine.active_preset().name
