"""A static model: the vector that the original gives each token alone, summed over a text.

Tulkens & van Dongen (2024), Model2Vec, doi:10.5281/zenodo.17270888: every token goes through the original
once, principal components of that are kept, and frequent tokens count less (SIF: Arora et al. 2017).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.files import write_text
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.language.backends.backend import first_line
from mgrec_core.language.backends.torch_backend import load_module
from mgrec_core.language.compression.graph import hushed, must_be_transformer
from mgrec_core.language.model_files import ModelFiles
from mgrec_core.language.quiet import quiet

DIMENSIONS = 256
"""Principal components that are kept, or all of a smaller model."""
_POOLINGS = {"mean": "mean", "cls": "first", "last": "last"}


def static(
    files: ModelFiles, texts: Sequence[str], target: Path, progress: Progress = silent
) -> dict[str, Any]:
    """Write the static model to ``target``, as model2vec and sentence-transformers read it.

    Returns
    -------
    dict
        ``rows``: how many tokens have a vector.

    Raises
    ------
    InputError
        The model's insides are not known, or its tokenizer is of a kind that cannot be taken over.
    """
    must_be_transformer(files, "static")
    if files.pooling not in _POOLINGS:
        raise InputError(f"static cannot be made of {files.name}: it pools tokens by {files.pooling}")
    progress("static: every token through the model", 0, 1)
    with quiet(), hushed():
        from model2vec.distill import distill_from_model
        from transformers import AutoTokenizer

        module = load_module(files)
        try:
            tokenizer: Any = AutoTokenizer.from_pretrained(
                str(files.transformer), local_files_only=True, trust_remote_code=False, use_fast=True
            )
            made = distill_from_model(
                module, tokenizer, device="cpu", pca_dims=DIMENSIONS, pooling=_POOLINGS[files.pooling]
            )
            made.save_pretrained(target)
        except (OSError, MemoryError):
            raise
        except Exception as error:  # tokenizers of kinds that its libraries do not take apart
            unfit = InputError(
                f"static cannot be made of {files.name}: its tokenizer cannot be taken apart"
                f" ({first_line(error)})"
            )
            raise refusal(error, f"model {files.name}", damaged=unfit, other=unfit) from error
    (target / "README.md").unlink(missing_ok=True)
    config = json.loads((target / "config.json").read_text(encoding="utf-8"))
    # where it was made is nobody's business, and would be part of the fingerprint
    write_text(target / "config.json", json.dumps(config | {"tokenizer_name": ""}, indent=2))
    progress("static: every token through the model", 1, 1)
    return {"rows": len(made.embedding)}
