"""Keeps other libraries' bars, warnings and usage reports away from the user."""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from types import ModuleType
from typing import Any

_LOGGERS = (
    *("transformers", "sentence_transformers", "huggingface_hub", "torch", "openvino", "nncf"),
    *("model2vec", "skeletoken"),
)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence progress bars, warnings and log lines of the model libraries within the block.

    Everything is put back afterwards; errors still raise.
    """
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    restore_bars = _switch_bars_off()
    for logger in loggers:
        logger.setLevel(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
        restore_bars()


def _switch_bars_off() -> Any:
    variables = {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    undo: list[Any] = []
    hub = sys.modules.get("huggingface_hub.utils")
    if hub is not None and not hub.are_progress_bars_disabled():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            hub.disable_progress_bars()
        undo.append(hub.enable_progress_bars)
    models = sys.modules.get("transformers.utils.logging")
    if models is not None and models.is_progress_bar_enabled():
        models.disable_progress_bar()
        undo.append(models.enable_progress_bar)

    def restore() -> None:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for action in undo:
                action()

    return restore


def import_openvino() -> ModuleType:
    """Import openvino without its usage reports.

    The converter sends events unless its telemetry package is missing, for which it has a stub of
    its own; the package is hidden while the converter loads, so no report is sent and no identity
    file is written.

    Raises
    ------
    ImportError
        OpenVINO is not installed.
    """
    with _without_reports():
        import openvino
        import openvino.tools.ovc
    return openvino  # type: ignore[no-any-return]


def import_nncf() -> ModuleType:
    """Import nncf without its usage reports, in the same way: it would send one a call.

    Raises
    ------
    ImportError
        NNCF is not installed.
    """
    with _without_reports():
        import nncf
    return nncf  # type: ignore[no-any-return]


@contextlib.contextmanager
def _without_reports() -> Iterator[None]:
    name = "openvino_telemetry"
    before = sys.modules.get(name)
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        if before is None:
            del sys.modules[name]
        else:
            sys.modules[name] = before
