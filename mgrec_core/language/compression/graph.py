"""A model stored as an OpenVINO graph, beside its tokenizer and its configuration."""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from mgrec_core.foundation.errors import InputError
from mgrec_core.language.compression.folders import copy_transformer
from mgrec_core.language.model_files import ModelFiles
from mgrec_core.language.model_folder import GRAPH


def store_graph(
    openvino: ModuleType, graph: Any, files: ModelFiles, target: Path, halved: bool = False
) -> None:
    """Write a graph that takes token ids and mask and gives rows of length 1, with all that it needs.

    ``halved`` stores its constants in 16 bits.
    """
    copy_transformer(files, target)
    try:
        openvino.save_model(graph, str(target / GRAPH), compress_to_fp16=halved)
    except RuntimeError:
        _write(target / "probe", files.bytes)  # its streams say only that something failed; this says what
        raise


def _write(path: Path, n_bytes: int) -> None:
    """Write so many bytes and remove them; raises OSError where they have no room."""
    try:
        with path.open("wb") as file:
            for start in range(0, n_bytes, 2**20):
                file.write(bytes(min(2**20, n_bytes - start)))
            os.fsync(file.fileno())
    finally:
        path.unlink(missing_ok=True)


def must_be_transformer(files: ModelFiles, kind: str) -> None:
    """Refuse models whose insides are not known.

    Raises
    ------
    InputError
        It is one.
    """
    why = {
        "library": "only sentence-transformers knows how its token vectors are pooled",
        "own": "its own package runs it, in numpy",
        "address": "a server runs it, and its weights are not here",
        "static": "it has nothing but a row a token, and is as fast as can be",
        "graph": "it is a stored graph already: name the model that it was made from",
    }.get(files.pooling)
    if why:
        raise InputError(f"{kind} cannot be made of {files.name}: {why}")


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Keep bars of libraries that draw on stdout and stderr by themselves away."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        yield
