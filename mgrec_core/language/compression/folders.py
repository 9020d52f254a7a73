"""What a variant's folder keeps of the original's: everything but the weights."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from mgrec_core.language.model_files import ModelFiles

_BESIDE = ("*.json", "vocab.*", "merges.txt", "*.model", "*.tiktoken")
# an index names files of weights that are not there any more; a record of training data is no part of a model
_NOT = ("*.index.json", "data_config.json")


def copy_transformer(files: ModelFiles, target: Path) -> None:
    """Copy what reads texts and says how, into one folder: tokenizer, configuration, length and prompts."""
    target.mkdir(parents=True, exist_ok=True)
    _copy(files.transformer, target)
    (target / "modules.json").unlink(missing_ok=True)
    prompts = files.folder / "config_sentence_transformers.json"
    if prompts.is_file():
        shutil.copyfile(prompts, target / prompts.name)


def copy_all(files: ModelFiles, target: Path) -> Path:
    """Copy a model's folder with the folders in it, without weights; return where the transformer is."""
    inside = {files.folder, files.transformer}
    inside |= {path.parent for path in files.folder.glob("*/config.json")}
    for folder in inside:
        place = target / folder.relative_to(files.folder)
        place.mkdir(parents=True, exist_ok=True)
        _copy(folder, place)
    return target / files.transformer.relative_to(files.folder)


def _copy(folder: Path, target: Path) -> None:
    left_out = {path.name for pattern in _NOT for path in folder.glob(pattern)}
    for path in _matching(folder, _BESIDE):
        if path.name not in left_out:
            shutil.copyfile(path, target / path.name)


def _matching(folder: Path, patterns: Iterable[str]) -> set[Path]:
    return {path for pattern in patterns for path in folder.glob(pattern) if path.is_file()}
