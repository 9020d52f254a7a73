"""Runs encoders on the CPU with OpenVINO, the fastest path measured that stays at cosine ≥ .999."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable
from types import ModuleType
from typing import Any

import numpy as np

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.language.backends.backend import EncoderBackend, Store, first_line
from mgrec_core.language.backends.bert_graph import bert_graph, is_plain_bert
from mgrec_core.language.backends.torch_backend import load_module, pooled
from mgrec_core.language.batches import Batch
from mgrec_core.language.model_files import ModelFiles
from mgrec_core.language.quiet import import_openvino, quiet

# Larger models are traced with twice their memory: torch runs them directly.
_UP_TO = 2 * 2**30

PRECISION = "mgrec_precision"
"""Where a stored graph says in what it is to be multiplied."""


def computes_in_bf16(capabilities: Iterable[str]) -> bool:
    """Whether a CPU of these capabilities multiplies in bfloat16 itself."""
    return "BF16" in capabilities


class OpenVinoBackend:
    """The model compiled for this CPU.

    One stream a core, each fed batches of its own: short texts leave too little work in a batch to
    share it between cores. 32 bits on every CPU, so that a text has the same vector everywhere; bfloat16
    for graphs that were stored to run so, where the CPU computes in it: elsewhere it would be emulated.

    Parameters
    ----------
    files
        The model.

    Raises
    ------
    ImportError
        OpenVINO is not installed.
    Exception
        The model cannot be converted (OpenVINO raises many kinds).
    """

    def __init__(self, files: ModelFiles) -> None:
        with quiet():
            self._ov = import_openvino()
            core = self._ov.Core()
            model = graph_of(self._ov, files)
            half = (
                model.has_rt_info(PRECISION)
                and model.get_rt_info(PRECISION).astype(str) == "bf16"
                and computes_in_bf16(core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"))
            )
            threads = _threads()
            self._compiled: Any = core.compile_model(
                model,
                "CPU",
                {
                    "INFERENCE_PRECISION_HINT": "bf16" if half else "f32",
                    "NUM_STREAMS": threads,
                    "INFERENCE_NUM_THREADS": threads,
                    "ENABLE_CPU_PINNING": False,  # other processes may have the pinned cores
                },
            )
        self._requests = threads + 1  # one waits while the others run
        self.name = "openvino"

    def run(self, batches: Iterable[Batch], store: Store) -> None:
        """Encode batches side by side; ``store`` receives each with its vectors, in order."""
        # Requests are waited for in turn. OpenVINO's own queue answers by callbacks from its threads,
        # which deadlocks or aborts when Python lets go of it, and loses what a callback raises.
        idle = [self._compiled.create_infer_request() for _ in range(self._requests)]
        running: deque[tuple[Any, Batch]] = deque()

        def finish() -> None:
            request, batch = running.popleft()
            request.wait()
            idle.append(request)
            store(batch, np.array(request.get_output_tensor(0).data))

        try:
            for batch in batches:
                if not idle:
                    finish()
                request = idle.pop()
                request.start_async([batch.ids, batch.mask])
                running.append((request, batch))
            while running:
                finish()
        finally:  # a request must not outlive its batch
            for request, _ in running:
                request.wait()


def graph_of(openvino: ModuleType, files: ModelFiles) -> Any:
    """Return a model as an OpenVINO graph: token ids and mask in, rows of length 1 out.

    Raises
    ------
    InputError
        A stored graph cannot be read.
    Exception
        The model cannot be converted (OpenVINO raises many kinds).
    """
    if files.pooling == "graph":
        return _stored(openvino, files)
    return bert_graph(openvino, files) if is_plain_bert(files) else _converted(openvino, files)


def _stored(openvino: ModuleType, files: ModelFiles) -> Any:
    try:
        model = openvino.Core().read_model(files.weights[0])
        names = [value.get_any_name() for value in model.inputs]
    except Exception as error:  # whatever a damaged file provokes in there
        unfit = InputError(
            f"Model {files.name} cannot be loaded ({first_line(error)}): make it again or choose another"
        )
        raise refusal(error, f"model {files.name}", damaged=unfit, other=unfit) from error
    if names != ["input_ids", "attention_mask"] or [len(one.partial_shape) for one in model.outputs] != [2]:
        raise InputError(
            f"Model {files.name} holds a graph that does not turn input_ids and attention_mask into a vector"
            " a text: choose another model"
        )
    return model


def _threads() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(cores, int(asked))) if asked.isdigit() else cores


def _converted(openvino: ModuleType, files: ModelFiles) -> Any:
    """Trace the torch model, pooling included, into an OpenVINO graph."""
    import torch

    module = load_module(files, attn_implementation="eager")

    class Pooled(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = module

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            extra = {"use_cache": False} if files.pooling == "last" else {}
            output = self.inner(input_ids=input_ids, attention_mask=attention_mask, **extra)
            return pooled(output.last_hidden_state, attention_mask, files.pooling)

    ids = torch.ones(2, 8, dtype=torch.long)
    mask = torch.ones(2, 8, dtype=torch.long)
    mask[1, 5:] = 0
    shape = [-1, -1]
    with torch.inference_mode(False), torch.no_grad():
        return openvino.convert_model(
            Pooled().eval(),
            example_input={"input_ids": ids, "attention_mask": mask},
            input=[("input_ids", shape, openvino.Type.i64), ("attention_mask", shape, openvino.Type.i64)],
        )


OPENVINO = EncoderBackend(
    name="openvino",
    load=OpenVinoBackend,
    suits=lambda files: files.pooling == "graph" or (files.is_transformer and files.bytes <= _UP_TO),
    order=0,
)
