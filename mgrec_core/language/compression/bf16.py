"""Numbers of 16 bits (bfloat16) instead of 32, for processors that multiply in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language.backends.openvino_backend import PRECISION, computes_in_bf16, graph_of
from mgrec_core.language.compression.agreement import agreement
from mgrec_core.language.compression.graph import hushed, must_be_transformer, store_graph
from mgrec_core.language.compression.sampling import some
from mgrec_core.language.encoder import load_encoder
from mgrec_core.language.model_files import ModelFiles
from mgrec_core.language.quiet import import_openvino, quiet

_COMPARED = 256


def bf16(
    files: ModelFiles, texts: Sequence[str], target: Path, progress: Progress = silent
) -> dict[str, Any]:
    """Write the model to ``target`` with half the size, to be multiplied in bfloat16.

    A model of its own, not how every model runs: vectors in bfloat16 differ in the third digit, and with
    what else is in their batch, so that one workspace would say different things on two machines.

    Returns
    -------
    dict
        ``bits`` and ``agreement`` with the original.

    Raises
    ------
    InputError
        The model's insides are not known, or this processor would have to emulate bfloat16.
    """
    must_be_transformer(files, "bf16")
    with quiet(), hushed():
        openvino = import_openvino()
        able = openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if not computes_in_bf16(able):
        raise InputError(
            "bf16 is nothing for this processor, which would have to emulate it: it computes in"
            f" {', '.join(sorted(one for one in able if one in ('FP32', 'FP16', 'INT8')))}"
        )
    with quiet(), hushed():
        graph = graph_of(openvino, files)
        graph.set_rt_info("bf16", PRECISION)
    store_graph(openvino, graph, files, target, halved=True)
    compared = some(texts, _COMPARED)
    before, after = (
        load_encoder(name, prompt=files.prompt).encode(compared) for name in (files.name, str(target))
    )
    return {"bits": "16 bits (bfloat16)", "agreement": round(agreement(before, after), 4)}
