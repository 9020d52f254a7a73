"""Half of a transformer's layers, chosen by how much the vectors of the rest still say the same.

Sajjad et al. (2023), arXiv:2004.03844, drop layers of trained models and find the upper ones dispensable;
which half does depends on the model, so each is tried. No label is needed and nothing is trained.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.files import remove, write_text
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language.backends.torch_backend import load_module
from mgrec_core.language.compression.agreement import agreement
from mgrec_core.language.compression.folders import copy_all
from mgrec_core.language.compression.graph import hushed, must_be_transformer
from mgrec_core.language.compression.sampling import some
from mgrec_core.language.encoder import load_encoder
from mgrec_core.language.model_files import ModelFiles
from mgrec_core.language.quiet import quiet

_COMPARED = 512


def layers(
    files: ModelFiles, texts: Sequence[str], target: Path, progress: Progress = silent
) -> dict[str, Any]:
    """Write the model with half of its layers to ``target``, as a plain model of its own kind.

    Returns
    -------
    dict
        ``layers`` (those kept, counted from 0, of how many), and the agreement of each half that was tried.

    Raises
    ------
    InputError
        The model has one layer, or they cannot be taken apart.
    """
    must_be_transformer(files, "layers")
    module = load_module(files)
    holder, name = _stack(files, module)
    whole = getattr(holder, name)
    halves = _halves(len(whole))
    compared = some(texts, _COMPARED)
    original = load_encoder(files.name, prompt=files.prompt).encode(compared)
    agrees: dict[str, float] = {}
    for turn, (said, kept) in enumerate(halves.items()):
        progress("layers: trying halves", turn, len(halves))
        half = target.with_name("half")
        setattr(holder, name, type(whole)([whole[place] for place in kept]))
        _save(files, module, kept, len(whole), half)
        agrees[said] = agreement(original, load_encoder(str(half), prompt=files.prompt).encode(compared))
        best = max(agrees, key=lambda said: agrees[said])
        if best == said:  # no more than two are on the disk at once
            remove(target)
            half.replace(target)
        remove(half)
    progress("layers: trying halves", len(halves), len(halves))
    tried = {said: {"agreement": round(value, 4)} for said, value in agrees.items()}
    return {"layers": f"{', '.join(map(str, halves[best]))} of {len(whole)}", "tried": tried}


def _halves(n: int) -> dict[str, list[int]]:
    """Ways to keep half of ``n`` layers, at least one."""
    ways = {
        "every second": list(range(0, n, 2)),
        "every second from the last": sorted(range(n - 1, -1, -2)),
        "first half": list(range((n + 1) // 2)),
        "both ends": sorted({*range((n + 2) // 4), *range(n - (n + 1) // 2 + (n + 2) // 4, n)}),
    }
    different = {tuple(kept): said for said, kept in reversed(ways.items())}  # the first name counts
    return {said: kept for said, kept in ways.items() if different[tuple(kept)] == said}


def _stack(files: ModelFiles, module: Any) -> tuple[Any, str]:
    """Where the list of layers hangs: an object and the name of its attribute."""
    import torch

    n = getattr(module.config, "num_hidden_layers", 0)
    if getattr(module.config, "is_encoder_decoder", False) or n < 2:
        raise InputError(f"layers cannot be left out of {files.name}: it has no stack of two or more")
    for path, part in module.named_modules():
        if isinstance(part, torch.nn.ModuleList) and len(part) == n:
            above, _, name = path.rpartition(".")
            return module.get_submodule(above), name
    raise InputError(f"layers cannot be left out of {files.name}: they cannot be taken apart")


def _save(files: ModelFiles, module: Any, kept: Sequence[int], n: int, target: Path) -> None:
    place = copy_all(files, target)
    config = json.loads((place / "config.json").read_text(encoding="utf-8"))
    with quiet(), hushed():
        module.save_pretrained(place)
    # what the library writes besides is of its version; a list with an entry a layer loses entries too
    renamed = getattr(module.config, "attribute_map", {}).get("num_hidden_layers", "num_hidden_layers")
    config = {
        key: [value[one] for one in kept] if isinstance(value, list) and len(value) == n else value
        for key, value in config.items()
    }
    write_text(place / "config.json", json.dumps(config | {renamed: len(kept)}, indent=2))
