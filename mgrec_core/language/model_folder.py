"""What a model's folder says of it: its modules, pooling, longest text, weights and prompt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.errors import InputError

# Tokens a text may have when neither the caller nor the model's folder says: attention costs the square.
LONGEST_UNASKED = 512

# fmt: off
_DECODER_TYPES = frozenset({
    "bloom", "codegen", "falcon", "gemma", "gemma2", "gemma3_text", "gpt2", "gpt_bigcode", "gpt_neo",
    "gpt_neox", "gpt_oss", "gptj", "granite", "llama", "mistral", "mixtral", "mpt", "olmo", "olmo2", "opt",
    "phi", "phi3", "qwen2", "qwen3", "smollm3", "stablelm", "starcoder2",
})
# positions start after the padding token's id, which takes two of them
_OFFSET_POSITIONS = frozenset({
    "camembert", "longformer", "mpnet", "roberta", "xlm-roberta", "xlm-roberta-xl",
})
# fmt: on
STATIC = "model2vec"
"""``model_type`` of a static model: a row a token, and nothing that computes."""
_POOLINGS = {
    "cls": "pooling_mode_cls_token",
    "mean": "pooling_mode_mean_tokens",
    "max": "pooling_mode_max_tokens",
    "last": "pooling_mode_lasttoken",
}

# names of prompts for texts that are found, as sentence-transformers tries them; items are such, not queries
_DOCUMENTS = ("document", "passage", "corpus")

GRAPH = "openvino_model.xml"
"""A model that OpenVINO has stored, as its converters and optimum name it; the constants lie beside it."""

Pooling = Literal["mean", "cls", "max", "last", "library", "own", "static", "graph", "address"]


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises
    ------
    InputError
        It is none.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        unfit = InputError(f"Model file {path} cannot be read as JSON: fetch the model again")
        raise refusal(error, f"model file {path}", damaged=unfit, other=unfit) from error
    if not isinstance(value, dict):
        raise InputError(f"Model file {path} is not a JSON object: fetch the model again")
    return value


def optional_json(path: Path) -> dict[str, Any]:
    """Read a JSON object, an empty one where there is no file."""
    return read_json(path) if path.is_file() else {}


def modules_of(folder: Path) -> list[dict[str, Any]]:
    """Return the rows of ``modules.json``, first the transformer; empty where it is a plain model."""
    path = folder / "modules.json"
    if not path.is_file():
        return []
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
        modules = [{"kind": str(r["type"]), "path": str(r.get("path", ""))} for r in rows]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        unfit = InputError(f"Model file {path} cannot be read: fetch the model again")
        raise refusal(error, f"model file {path}", damaged=unfit, other=unfit) from error
    for module in modules:
        # Another name would make the library import whatever the folder asks for.
        if not module["kind"].startswith("sentence_transformers."):
            raise InputError(
                f"Model file {path} asks for code of its own ({module['kind']}): it is not run, "
                "choose a model made of sentence-transformers' own modules"
            )
        if not (folder / module["path"]).resolve().is_relative_to(folder.resolve()):
            raise InputError(f"Model file {path} points outside its folder: fetch the model again")
    return modules


def module_folders(folder: Path) -> list[Path]:
    """Return the folders of all modules."""
    return [folder / str(module["path"]) for module in modules_of(folder)]


def pooling_of(folder: Path, modules: list[dict[str, Any]], config: dict[str, Any]) -> Pooling:
    """Return how token vectors become one, by the modules or the kind of model."""
    kinds = [module["kind"].rsplit(".", 1)[-1] for module in modules]
    if config.get("model_type") == STATIC:
        return "static"
    if (folder / GRAPH).is_file() and not any(folder.glob("*.safetensors")):
        return "graph"
    if not modules:
        names = [str(name) for name in config.get("architectures") or []]
        causal = any(name.endswith(("ForCausalLM", "LMHeadModel")) for name in names)
        return "last" if causal or config.get("model_type") in _DECODER_TYPES else "mean"
    if kinds[:2] != ["Transformer", "Pooling"] or any(kind != "Normalize" for kind in kinds[2:]):
        return "library"
    settings = optional_json(folder / modules[1]["path"] / "config.json")
    if settings.get("include_prompt") is False:  # a prompt's own tokens are left out of the mean
        return "library"
    named = settings.get("pooling_mode")
    if isinstance(named, str):
        named = {"lasttoken": "last"}.get(named, named)
        chosen = [name for name in _POOLINGS if name == named]
    else:
        flags = [key for key, value in settings.items() if key.startswith("pooling_mode_") and value is True]
        chosen = [name for name, key in _POOLINGS.items() if flags == [key]]
    for name in ("mean", "cls", "max", "last"):
        if chosen == [name]:
            return name
    return "library"


def max_length_of(transformer: Path, config: dict[str, Any], asked: int | None) -> int:
    """Return the tokens of the longest text: what was asked for, within what the model has positions for."""
    limits = [asked] if asked is not None else []
    positions = config.get("max_position_embeddings") or config.get("n_positions")
    if isinstance(positions, int) and positions > 8:
        limits.append(positions - 2 if config.get("model_type") in _OFFSET_POSITIONS else positions)
    if asked is None:
        stated = optional_json(transformer / "sentence_bert_config.json").get("max_seq_length")
        tokenizer = optional_json(transformer / "tokenizer_config.json").get("model_max_length")
        limits.append(stated if isinstance(stated, int) and stated > 0 else LONGEST_UNASKED)
        if isinstance(tokenizer, int) and 0 < tokenizer < 10**9:
            limits.append(tokenizer)
    return min(limits)


def weights_of(name: str, folder: Path) -> tuple[Path, ...]:
    """Return the files of weights, checked.

    Raises
    ------
    InputError
        There are none that are safe to read, or they are damaged.
    """
    from safetensors import SafetensorError, safe_open

    index = folder / "model.safetensors.index.json"
    if (folder / "model.safetensors").is_file():
        paths = [folder / "model.safetensors"]
    elif index.is_file():
        shards = read_json(index).get("weight_map")
        names = set(shards.values()) if isinstance(shards, dict) else set()
        paths = sorted(folder / Path(str(shard)).name for shard in names)
    elif (folder / GRAPH).is_file():
        return _graph(folder / GRAPH)
    else:
        paths = []
    if not paths:
        raise InputError(
            f"Model {name} has no model.safetensors in {folder} (pickles such as pytorch_model.bin are "
            "never read, they can run code): convert it to safetensors or choose another"
        )
    for path in paths:
        try:
            with safe_open(path, framework="np"):
                pass
        except (OSError, SafetensorError) as error:
            unfit = InputError(f"Model weights {path} are missing or damaged: fetch the model again")
            known = cause_of(error) is not Cause.ABSENT
            raise (refusal(error, path, damaged=unfit, other=unfit) if known else unfit) from error
    return tuple(paths)


def _graph(path: Path) -> tuple[Path, ...]:
    """Return the two files of a stored graph."""
    constants = path.with_suffix(".bin")
    if not constants.is_file():
        raise InputError(f"Model weights {constants} are missing or damaged: make or fetch the model again")
    return path, constants


def document_prompt(folder: Path) -> str:
    """Return what sentence-transformers puts before a document, or else before any text."""
    path = folder / "config_sentence_transformers.json"
    said = optional_json(path)
    prompts, usual = said.get("prompts") or {}, said.get("default_prompt_name")
    if not isinstance(prompts, dict) or (usual is not None and usual not in prompts):
        raise InputError(f"Model file {path} has no prompt of the name {usual!r}: fetch the model again")
    found = next((prompts[name] for name in (*_DOCUMENTS, usual) if name in prompts), None)
    return found if isinstance(found, str) else ""
