"""Attention heads that matter least, left out.

Michel et al. (2019), arXiv:1905.10650, find most heads of a trained model dispensable. Their importance is
measured on a task; here it is how much the texts' vectors move without the head, so that no label is needed.
Transformers cannot describe a BERT whose layers have different numbers of heads, hence the result is a stored
graph, in which the heads are really gone.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language.backends.bert_graph import bert_graph, bert_weights, is_plain_bert
from mgrec_core.language.backends.torch_backend import TorchBackend, load_module
from mgrec_core.language.batches import Batch
from mgrec_core.language.compression.graph import must_be_transformer, store_graph
from mgrec_core.language.compression.sampling import some
from mgrec_core.language.model_files import ModelFiles
from mgrec_core.language.quiet import import_openvino, quiet
from mgrec_core.language.tokenizing import tokenizer_of

SHARE = 1 / 3
"""Of all heads, how many go; each layer keeps one at least."""
_COMPARED = 64


def heads(
    files: ModelFiles, texts: Sequence[str], target: Path, progress: Progress = silent
) -> dict[str, Any]:
    """Write the model without a third of its attention heads to ``target``, as a stored graph.

    Returns
    -------
    dict
        ``heads``: how many each layer keeps.

    Raises
    ------
    InputError
        The model is no plain BERT, or has one head a layer.
    """
    must_be_transformer(files, "heads")
    per_layer = int(files.config.get("num_attention_heads", 1))
    if not is_plain_bert(files) or per_layer < 2:
        raise InputError(f"heads cannot be left out of {files.name}: that is written for plain BERTs only")
    moves = importance(files, some(texts, _COMPARED), progress)
    gone = _least(moves, round(SHARE * moves.size))
    width = int(files.config["hidden_size"]) // per_layer
    weights = bert_weights(files)
    for layer, missing in enumerate(gone):
        kept = np.flatnonzero(np.repeat(~missing, width))
        name = f"encoder.layer.{layer}.attention."
        for part in ("query", "key", "value"):
            for kind in ("weight", "bias"):
                weights[f"{name}self.{part}.{kind}"] = weights[f"{name}self.{part}.{kind}"][kept]
        out = f"{name}output.dense.weight"
        weights[out] = np.ascontiguousarray(weights[out][:, kept])
    with quiet():
        openvino = import_openvino()
        store_graph(openvino, bert_graph(openvino, files, weights), files, target)
    return {"heads": ", ".join(str(int(n)) for n in (~gone).sum(axis=1)) + f" of {per_layer} a layer"}


def importance(files: ModelFiles, texts: Sequence[str], progress: Progress = silent) -> NDArray[np.float64]:
    """How far the texts' vectors move without each head: mean of 1 − cosine, shape (layers, heads)."""
    import torch

    module = load_module(files)
    backend = TorchBackend(files, module)
    tokenizer = tokenizer_of(files)
    tokens = tokenizer([files.prompt + text for text in texts])
    batches = list(tokenizer.batches(tokens, 1024, 64))

    def vectors() -> NDArray[np.float32]:
        found: dict[int, NDArray[np.float32]] = {}

        def store(batch: Batch, rows: NDArray[np.float32]) -> None:
            found.update(zip(batch.rows.tolist(), rows, strict=True))

        backend.run(batches, store)
        return np.stack([found[row] for row in range(len(texts))])

    n_heads = int(files.config["num_attention_heads"])
    width = int(files.config["hidden_size"]) // n_heads
    outputs = [layer.attention.output.dense.weight for layer in module.encoder.layer]
    whole = vectors()
    moves = np.zeros((len(outputs), n_heads))
    with torch.no_grad():
        for place in np.ndindex(moves.shape):
            layer, head = place
            progress("heads: importance", layer * n_heads + head, moves.size)
            columns = slice(head * width, (head + 1) * width)
            before = outputs[layer][:, columns].clone()
            outputs[layer][:, columns] = 0
            moves[place] = 1 - (whole * vectors()).sum(axis=1).mean()
            outputs[layer][:, columns] = before
    progress("heads: importance", moves.size, moves.size)
    return moves


def _least(moves: NDArray[np.float64], most: int) -> NDArray[np.bool_]:
    """The heads that go, at most so many, one of each layer excepted."""
    gone = np.zeros(moves.shape, bool)
    for flat in np.argsort(moves, axis=None, kind="stable"):
        layer, head = divmod(int(flat), moves.shape[1])
        if gone.sum() < most and (~gone[layer]).sum() > 1:
            gone[layer, head] = True
    return gone
