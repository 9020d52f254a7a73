"""Runs any Hugging Face model with torch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.language.backends.backend import EncoderBackend, Store, first_line
from mgrec_core.language.batches import Batch
from mgrec_core.language.model_files import ModelFiles
from mgrec_core.language.quiet import quiet

if TYPE_CHECKING:
    import torch

# Above this float32 weights would not fit most machines: keep the checkpoint's own precision.
_FLOAT32_UP_TO = 4 * 2**30


def load_module(files: ModelFiles, **options: Any) -> Any:
    """Load a model's transformer, decoder head left out, ready to infer.

    Raises
    ------
    InputError
        The files are not what a supported architecture needs.
    """
    with quiet():
        import torch
        from transformers import AutoModel

        try:
            model, report = AutoModel.from_pretrained(
                str(files.transformer),
                local_files_only=True,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.float32 if files.bytes < _FLOAT32_UP_TO else "auto",
                output_loading_info=True,
                **options,
            )
        except Exception as error:  # whatever a hostile or half-written folder provokes in there
            unfit = InputError(
                f"Model {files.name} cannot be loaded ({first_line(error)}): fetch it again or choose another"
            )
            raise refusal(error, f"model {files.name}", damaged=unfit, other=unfit) from error
        # a pooler is left random by many checkpoints and is not used here
        absent = sorted(key for key in report["missing_keys"] if "pooler" not in key)
        if absent or report["mismatched_keys"]:
            what = absent[0] if absent else str(next(iter(report["mismatched_keys"])))
            raise InputError(
                f"Model {files.name} is incomplete ({what} is missing or misshapen in its weights): "
                "fetch it again or choose another"
            )
        if getattr(model.config, "is_encoder_decoder", False):
            model = model.get_encoder()
        return model.eval()


def pooled(states: torch.Tensor, mask: torch.Tensor, how: str) -> torch.Tensor:
    """Pool token vectors and scale to length 1.

    Parameters
    ----------
    states
        Shape (b, tokens, d).
    mask
        Shape (b, tokens), 1 on tokens; padding on the right.
    how
        ``"mean"``, ``"cls"``, ``"max"`` or ``"last"``.
    """
    import torch

    states = states.float()
    if how == "cls":
        vectors = states[:, 0]
    elif how == "last":
        vectors = states[torch.arange(states.shape[0]), mask.sum(1) - 1]
    elif how == "max":
        vectors = states.masked_fill(mask.unsqueeze(-1) == 0, float("-inf")).amax(1)
    else:
        share = mask.unsqueeze(-1).to(states.dtype)
        vectors = (states * share).sum(1) / share.sum(1)
    return torch.nn.functional.normalize(vectors, dim=1)


class TorchBackend:
    """The model in torch, float32 on the CPU or on the first CUDA device."""

    def __init__(self, files: ModelFiles, module: Any | None = None) -> None:
        self._module = load_module(files) if module is None else module
        import torch

        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self._module.to(self._device)
        self._how = files.pooling
        self.name = "torch"

    def run(self, batches: Iterable[Batch], store: Store) -> None:
        """Encode batches one after the other; ``store`` receives each with its vectors."""
        import torch

        # a decoder would keep keys and values for a continuation that never comes
        extra = {"use_cache": False} if self._how == "last" else {}
        with quiet(), torch.inference_mode():
            for batch in batches:
                mask = torch.from_numpy(batch.mask).to(self._device)
                ids = torch.from_numpy(batch.ids).to(self._device)
                states = self._module(input_ids=ids, attention_mask=mask, **extra).last_hidden_state
                store(batch, pooled(states, mask, self._how).cpu().numpy())


TORCH = EncoderBackend(name="torch", load=TorchBackend, suits=lambda files: files.is_transformer, order=1)
