"""Small trainable parts beside frozen weights, through peft; they are merged into the weights at the end.

========  =============================================================================
lora      two thin matrices beside each linear layer (Hu et al. 2021, arXiv:2106.09685)
adalora   the same, their ranks shared out by importance while training (Zhang et al. 2023, arXiv:2303.10512)
adapter   a bottleneck with a non-linearity beside each linear layer, a function of its weights, so that it
          can be merged (peft's PEANuT; Houlsby et al. 2019 put bottlenecks between layers, which cannot)
none      every weight is trained
========  =============================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, get_args

from mgrec_core.foundation.errors import InputError

Peft = Literal["lora", "adalora", "adapter", "none"]
PEFTS: tuple[str, ...] = get_args(Peft)

RANK = 16
_LEAST_STEPS = 10


def add_adapter(transformer: Any, kind: Peft) -> Any:
    """Put adapters beside all linear layers of a transformer; only these are trained from then on.

    Parameters
    ----------
    transformer
        A model of transformers.

    Returns
    -------
    PeftModel, or the transformer itself for ``none``

    Raises
    ------
    InputError
        It has no linear layers that this kind of adapter knows.
    """
    if kind == "none":
        return transformer.requires_grad_(True)
    import peft

    layers = _linear_layers(transformer)
    if not layers:
        raise InputError(f"--peft {kind} finds no linear layer in this model: take --peft none")
    if kind == "adapter" and any(
        type(transformer.get_submodule(name)).__name__ == "Conv1D" for name in layers
    ):
        raise InputError("--peft adapter does not know the layers of this model: take --peft lora")
    if kind == "adalora":
        config: Any = peft.AdaLoraConfig(
            init_r=RANK + RANK // 2,
            target_r=RANK,
            lora_alpha=2 * RANK,
            target_modules=layers,
            total_step=_LEAST_STEPS,  # until rank_sharing says how many there are
        )
    elif kind == "adapter":
        config = peft.PeanutConfig(r=RANK, depth=0, act_fn="relu", target_modules=layers)
    else:
        config = peft.LoraConfig(r=RANK, lora_alpha=2 * RANK, target_modules=layers)
    return peft.get_peft_model(transformer, config)


def merged(transformer: Any) -> Any:
    """The transformer with its adapters added to its weights."""
    return transformer.merge_and_unload() if hasattr(transformer, "merge_and_unload") else transformer


def save_adapter(transformer: Any, folder: Path) -> int:
    """Write the adapters alone, in peft's form; return their size in bytes, 0 where there are none."""
    if not hasattr(transformer, "merge_and_unload"):
        return 0
    transformer.save_pretrained(str(folder))
    return sum(path.stat().st_size for path in folder.glob("*.safetensors"))


def rank_sharing(adapted: Any, steps: int) -> Callable[[int], Any]:
    """Plan how AdaLoRA shares out ranks; return what it does after each step with its number.

    It lets a tenth of the steps pass before it begins, and ends a third before the last. For other adapters
    nothing is done.

    Parameters
    ----------
    steps
        Of the whole training.
    """
    base = getattr(adapted, "base_model", None)
    share: Callable[[int], Any] | None = getattr(base, "update_and_allocate", None)
    if share is None:
        return lambda _: None
    config = adapted.active_peft_config
    config.total_step = max(steps, _LEAST_STEPS)
    config.tinit, config.tfinal = config.total_step // 10, config.total_step // 3
    config.deltaT = max(1, config.total_step // 50)
    return share


def _linear_layers(transformer: Any) -> list[str]:
    """Full names of the linear layers in the blocks.

    Beside the upper half alone a step costs two thirds, but twice the steps reached less.
    """
    from torch import nn
    from transformers.pytorch_utils import Conv1D

    return [
        name
        for name, module in transformer.named_modules()
        if isinstance(module, (nn.Linear, Conv1D)) and any(part.isdigit() for part in name.split("."))
    ]
