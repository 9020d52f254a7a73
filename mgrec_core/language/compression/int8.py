"""Numbers of 8 bits instead of 32, by NNCF.

Two ways. Weights alone in 8 bits give a quarter of the size and vectors as good as the same, and are turned
back into 32 bits before they are multiplied. Weights and activations in 8 bits multiply in 8 bits, with the
activations' outliers moved into the weights (SmoothQuant: Xiao et al. 2023, arXiv:2211.10438); how much
faster that is depends on the processor, so both are made and timed, and the faster is kept if it agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.files import remove
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language.backends.openvino_backend import graph_of
from mgrec_core.language.compression.agreement import agreement
from mgrec_core.language.compression.graph import hushed, must_be_transformer, store_graph
from mgrec_core.language.compression.sampling import some
from mgrec_core.language.compression.timing import compare_speed
from mgrec_core.language.encoder import load_encoder
from mgrec_core.language.model_files import ModelFiles
from mgrec_core.language.quiet import import_nncf, import_openvino, quiet
from mgrec_core.language.tokenizing import tokenizer_of

_CALIBRATION = 300
"""Texts whose activations are looked at; NNCF's own default."""
_COMPARED = 256
_FASTER = 1.1
"""Times as fast from which multiplying in 8 bits is worth what it loses."""
_AGREES = 0.98


def int8(
    files: ModelFiles, texts: Sequence[str], target: Path, progress: Progress = silent
) -> dict[str, Any]:
    """Write the model in 8 bits to ``target``.

    Parameters
    ----------
    texts
        What it will read; at least one.

    Returns
    -------
    dict
        ``bits`` (what is in 8 bits), and of both ways ``speed`` (times the original's) and ``agreement``.

    Raises
    ------
    InputError
        The model's insides are not known.
    """
    must_be_transformer(files, "int8")
    with quiet(), hushed():
        openvino, nncf = import_openvino(), import_nncf()
    progress("int8: weights", 0, 3)
    weights, both = target.with_name("weights"), target.with_name("activations")
    with quiet(), hushed():
        graph = nncf.compress_weights(graph_of(openvino, files))
    store_graph(openvino, graph, files, weights)
    progress("int8: activations", 1, 3)
    with quiet(), hushed():
        graph = nncf.quantize(
            graph_of(openvino, files),
            nncf.Dataset(_inputs(files, some(texts, _CALIBRATION))),
            model_type=nncf.ModelType.TRANSFORMER,
            subset_size=_CALIBRATION,
        )
    store_graph(openvino, graph, files, both)
    progress("int8: comparing", 2, 3)
    compared = some(texts, _COMPARED)
    encoders = {
        "original": load_encoder(files.name, prompt=files.prompt),
        "weights": load_encoder(str(weights), prompt=files.prompt),
        "weights and activations": load_encoder(str(both), prompt=files.prompt),
    }
    vectors = {name: encoder.encode(compared) for name, encoder in encoders.items()}
    agrees = {name: agreement(vectors["original"], found) for name, found in vectors.items()}
    speeds = {name: speed.ratio for name, speed in compare_speed(encoders, compared, 3).items()}
    chosen = _better(speeds, agrees)
    (both if chosen == "weights and activations" else weights).replace(target)
    for left in (weights, both):
        remove(left)
    progress("int8: comparing", 3, 3)
    tried = {
        name: {"speed": round(speeds[name], 2), "agreement": round(agrees[name], 4)}
        for name in ("weights", "weights and activations")
    }
    return {"bits": f"8 bits for {chosen}", "tried": tried}


def _better(speeds: dict[str, float], agrees: dict[str, float]) -> str:
    """The way that is kept."""
    faster = speeds["weights and activations"] >= _FASTER * speeds["weights"]
    agreeing = agrees["weights and activations"] >= min(_AGREES, agrees["weights"])
    return "weights and activations" if faster and agreeing else "weights"


def _inputs(files: ModelFiles, texts: Sequence[str]) -> list[dict[str, NDArray[np.int64]]]:
    tokenizer = tokenizer_of(files)
    tokens = tokenizer([files.prompt + text for text in texts])
    return [
        {"input_ids": batch.ids, "attention_mask": batch.mask} for batch in tokenizer.batches(tokens, 1, 1)
    ]
