"""Writes a BERT encoder as an OpenVINO graph straight from its safetensors file.

Most sentence encoders (MiniLM, BGE, E5, GTE) are plain BERTs. Building the graph here takes a
fraction of a second, where importing torch and transformers and tracing the model takes many.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mgrec_core.language.model_files import ModelFiles

Array = NDArray[Any]


def is_plain_bert(files: ModelFiles) -> bool:
    """Tell whether :func:`bert_graph` describes this model exactly."""
    config = files.config
    return (
        config.get("model_type") == "bert"
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type", "absolute") == "absolute"
        and not config.get("is_decoder", False)
        and files.pooling in ("mean", "cls")
        and len([path for path in files.weights if path.parent == files.transformer]) == 1
    )


def bert_graph(openvino: ModuleType, files: ModelFiles, weights: Mapping[str, Array] | None = None) -> Any:
    """Return the model: token ids and mask (batch, tokens) in, rows of length 1 out.

    Parameters
    ----------
    weights
        Others than the folder's; layers may have fewer heads than the configuration says.

    Raises
    ------
    KeyError, TypeError, ValueError
        The weights are not those of a plain BERT.
    """
    return _Graph(openvino, weights or bert_weights(files), files.config).model(files.pooling)


def bert_weights(files: ModelFiles) -> dict[str, Array]:
    """Return a plain BERT's weights by name, float32."""
    from safetensors.numpy import load_file

    tensors = load_file(files.weights[0])
    prefix = "bert." if "bert.embeddings.word_embeddings.weight" in tensors else ""
    return {
        name[len(prefix) :]: tensor.astype(np.float32)
        for name, tensor in tensors.items()
        if name.startswith(prefix) and tensor.dtype.kind == "f"
    }


class _Graph:
    def __init__(self, openvino: ModuleType, weights: Mapping[str, Array], config: Mapping[str, Any]) -> None:
        from openvino import opset13

        self._ov = openvino
        self._op: Any = opset13
        self._weights = weights
        self._width = int(config["hidden_size"]) // int(config["num_attention_heads"])
        self._layers = int(config["num_hidden_layers"])
        self._epsilon = float(config.get("layer_norm_eps", 1e-12))

    def model(self, pooling: str) -> Any:
        op, ov = self._op, self._ov
        ids = op.parameter([-1, -1], ov.Type.i64, name="input_ids")
        mask = op.parameter([-1, -1], ov.Type.i64, name="attention_mask")
        present = op.unsqueeze(op.convert(mask, "f32"), self._ints(1))  # (b, 1, tokens)
        # added to the attention's logits: 0 on tokens, very low on padding
        hidden = op.multiply(op.subtract(self._float(1), present), self._float(-1e9))
        bias = op.unsqueeze(hidden, self._ints(1))  # (b, 1, 1, tokens)

        states = self._embedded(ids)
        for layer in range(self._layers):
            states = self._layer(states, bias, f"encoder.layer.{layer}.")
        if pooling == "cls":
            vectors = op.gather(states, self._ints(0), self._ints(1))
        else:
            total = op.matmul(present, states, False, False)  # (b, 1, d)
            vectors = op.squeeze(
                op.divide(total, op.reduce_sum(present, self._ints([2]), True)), self._ints(1)
            )
        unit = op.normalize_l2(vectors, self._ints([1]), 1e-24, "max")
        return ov.Model([op.result(unit)], [ids, mask], "bert")

    def _embedded(self, ids: Any) -> Any:
        op = self._op
        length = op.gather(op.shape_of(ids), self._ints(1), self._ints(0))
        positions = op.range(self._ints(0), length, self._ints(1), "i64")
        words = self._rows("embeddings.word_embeddings.weight", ids)
        places = self._rows("embeddings.position_embeddings.weight", positions)
        kind = op.constant(self._weights["embeddings.token_type_embeddings.weight"][:1])
        return self._normed(op.add(op.add(words, kind), places), "embeddings.LayerNorm.")

    def _layer(self, states: Any, bias: Any, name: str) -> Any:
        op = self._op
        query, key, value = (
            self._split(self._dense(states, f"{name}attention.self.{part}."))
            for part in ("query", "key", "value")
        )
        mixed = op.scaled_dot_product_attention(query, key, value, bias)
        joined = op.reshape(op.transpose(mixed, self._ints([0, 2, 1, 3])), self._ints([0, 0, -1]), True)
        attended = self._dense(joined, f"{name}attention.output.dense.")
        states = self._normed(op.add(attended, states), f"{name}attention.output.LayerNorm.")
        inner = op.gelu(self._dense(states, f"{name}intermediate.dense."), "erf")
        outer = self._dense(inner, f"{name}output.dense.")
        return self._normed(op.add(outer, states), f"{name}output.LayerNorm.")

    def _split(self, states: Any) -> Any:
        shape = self._ints([0, 0, -1, self._width])
        return self._op.transpose(self._op.reshape(states, shape, True), self._ints([0, 2, 1, 3]))

    def _dense(self, states: Any, name: str) -> Any:
        product = self._op.matmul(states, self._op.constant(self._weights[f"{name}weight"]), False, True)
        return self._op.add(product, self._op.constant(self._weights[f"{name}bias"]))

    def _normed(self, states: Any, name: str) -> Any:
        op = self._op
        even = op.mvn(states, self._ints([2]), True, self._epsilon, "INSIDE_SQRT")
        scaled = op.multiply(even, op.constant(self._weights[f"{name}weight"]))
        return op.add(scaled, op.constant(self._weights[f"{name}bias"]))

    def _rows(self, name: str, indices: Any) -> Any:
        return self._op.gather(self._op.constant(self._weights[name]), indices, self._ints(0))

    def _ints(self, value: int | list[int]) -> Any:
        return self._op.constant(np.asarray(value, np.int64))

    def _float(self, value: float) -> Any:
        return self._op.constant(np.asarray(value, np.float32))
