"""Where a language model's files are and what they say, read without torch or transformers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from mgrec_core.foundation.causes import Cause, cause_of, refusal
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.language.digests import file_digest, text_digest
from mgrec_core.language.embedded import MINILM, USE, Embedded, embedded
from mgrec_core.language.model_folder import (
    LONGEST_UNASKED,
    Pooling,
    document_prompt,
    max_length_of,
    module_folders,
    modules_of,
    optional_json,
    pooling_of,
    read_json,
    weights_of,
)
from mgrec_core.language.remote.address import Address, is_address

# What a model needs and nothing that can run code: neither pickles nor Python files are ever fetched.
_HUB_FILES = ["*.json", "*.txt", "*.model", "*.safetensors"]
_HUB_IGNORED = ["onnx/*", "openvino/*", "*/onnx/*"]

LongTexts = Literal["cut", "pool"]


@dataclass(frozen=True)
class ModelFiles:
    """A language model's folder, checked; or, where there is none, the address it answers at.

    Attributes
    ----------
    name
        What the user called it.
    folder
        Folder with ``config.json``.
    weights
        Its safetensors files, sorted; of a stored graph its ``.xml`` and ``.bin``.
    config
        The transformer's ``config.json``.
    transformer
        Folder of the transformer itself (a sentence-transformers folder may keep it one deeper).
    pooling
        How token vectors become one vector; ``"library"`` when only sentence-transformers knows
        (dense layers, several poolings), ``"own"`` for a model that its own package runs, ``"static"`` for
        rows of tokens that are summed up, ``"graph"`` where a stored OpenVINO graph does it, ``"address"``
        for one that a server runs.
    max_length
        Longest text, in tokens; the rest is cut.
    lower_case
        Whether texts are lower-cased before tokenisation.
    prompt
        What is put before every text.
    long_texts
        Whether the end of a text beyond ``max_length`` is cut, or read in further chunks that are pooled.
    address
        Where a server runs it; of such a model the name, the fingerprint and the prompt are all that is
        known.
    """

    name: str
    folder: Path
    transformer: Path
    weights: tuple[Path, ...]
    config: dict[str, Any]
    pooling: Pooling
    max_length: int
    lower_case: bool
    prompt: str = ""
    long_texts: LongTexts = "cut"
    address: Address | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Hexadecimal sha256 over everything that decides the vectors, as far as it can be known."""
        if self.address is not None:
            return self.address.fingerprint(self.prompt)
        parts = [f"pooling={self.pooling}", f"max_length={self.max_length}", f"lower={self.lower_case}"]
        if self.prompt:
            parts.append(f"prompt={self.prompt}")
        if self.long_texts != "cut":
            parts.append(f"long_texts={self.long_texts}")
        small = {
            path
            for folder in {self.folder, self.transformer, *module_folders(self.folder)}
            for pattern in ("*.json", "vocab.*", "merges.txt", "*.model")
            for path in folder.glob(pattern)
            # not the model: training corpora and notes
            if path.name != "data_config.json"
        }
        for path in sorted({*small, *self.weights}):
            parts.append(f"{path.relative_to(self.folder).as_posix()}={file_digest(path)}")
        return text_digest("\n".join(parts))

    @property
    def is_transformer(self) -> bool:
        """Whether it is a transformer whose token vectors are pooled in a way that is known here."""
        return self.pooling in ("mean", "cls", "max", "last")

    @property
    def reads_tokens(self) -> bool:
        """Whether its tokenizer is at hand."""
        return self.pooling not in ("library", "address")

    @property
    def bytes(self) -> int:
        """Size of the weights in bytes."""
        return sum(path.stat().st_size for path in self.weights)


def find_model(
    name_or_path: str | None = None,
    max_length: int | None = None,
    prompt: str | None = None,
    long_texts: LongTexts = "cut",
) -> ModelFiles:
    """Find a model's files, on disk first and on the Hugging Face hub otherwise.

    Parameters
    ----------
    name_or_path
        A folder, the name of an embedded model (:data:`mgrec_core.language.embedded.EMBEDDED`), a hub name
        such as ``"BAAI/bge-small-en-v1.5"``, an OpenAI-compatible address such as
        ``"http://localhost:11434/v1#bge-m3"``, which is not called here, or None for the embedded MiniLM.
    max_length
        Longest text in tokens (≥ 4); None takes the model's own.
    prompt
        What is put before every text, ``""`` for nothing; None takes what the model's
        ``config_sentence_transformers.json`` puts before documents.
    long_texts
        Cut texts beyond ``max_length``, or pool the vectors of their chunks.

    Raises
    ------
    NotFoundError
        There is no such folder, and no such model on the hub or no network to look.
    InputError
        The folder lacks a file, a file is damaged, or the weights are not safetensors.
    """
    if max_length is not None and max_length < 4:
        raise InputError(f"max_length {max_length} is too short: give 4 tokens or more")
    if name_or_path is not None and is_address(name_or_path):
        found = _behind(Address.parse(name_or_path), max_length, prompt)
    elif known := MINILM if name_or_path is None else embedded(name_or_path):
        found = _embedded(known, max_length, prompt)
    else:
        assert name_or_path is not None
        found = _describe(name_or_path, _folder(name_or_path), max_length, prompt)
    if long_texts == "pool" and not found.reads_tokens:
        reader = "a server" if found.address else "a library of its own"
        raise InputError(
            f"Model {found.name} cannot pool long texts, since {reader} reads them: build with"
            " `language: {long_texts: cut}`"
        )
    return replace(found, long_texts=long_texts)


def _folder(name_or_path: str) -> Path:
    if not name_or_path.strip():
        raise NotFoundError("The model's name is empty: give a folder or a name such as owner/model")
    path = Path(name_or_path).expanduser()
    if path.is_dir():
        return path
    if path.exists():
        raise InputError(f"Model {name_or_path} is a file: give the folder that holds its config.json")
    if path.is_absolute() or name_or_path.startswith((".", "~")) or name_or_path.count("/") > 1:
        raise NotFoundError(f"Model folder {name_or_path} does not exist: check the path")
    return _from_hub(name_or_path)


def model_fingerprint(
    name_or_path: str | None = None,
    max_length: int | None = None,
    prompt: str | None = None,
    long_texts: LongTexts = "cut",
) -> str:
    """Return the fingerprint :func:`load_encoder`'s result would have, without loading the model.

    Parameters
    ----------
    name_or_path, max_length, prompt, long_texts
        As for :func:`find_model`.

    Raises
    ------
    InputError
        As for :func:`find_model`.
    """
    return find_model(name_or_path, max_length, prompt, long_texts).fingerprint


def _from_hub(name: str) -> Path:
    from mgrec_core.language.quiet import quiet

    with quiet():
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import HFValidationError

        try:
            local = Path(snapshot_download(name, local_files_only=True))
            if any(local.rglob("config.json")) and any(local.rglob("*.safetensors")):
                return local
        except HFValidationError as error:
            raise NotFoundError(
                f"{name!r} is neither a folder nor a model name such as owner/model"
            ) from error
        except (OSError, ValueError):
            pass  # not on this machine
        try:
            return Path(snapshot_download(name, allow_patterns=_HUB_FILES, ignore_patterns=_HUB_IGNORED))
        except Exception as error:  # the client raises its own errors and those of the library beneath
            if cause_of(error) in (Cause.FULL, Cause.NO_MEMORY, Cause.READ_ONLY, Cause.FORBIDDEN):
                raise refusal(error, f"the folder of fetched models, for {name!r},", "written") from error
            raise NotFoundError(
                f"Model {name!r} is not on this machine and could not be fetched ({type(error).__name__}): "
                "check the name and the network, or give the path of its folder"
            ) from error


def _embedded(model: Embedded, max_length: int | None, prompt: str | None) -> ModelFiles:
    folder = model.path()
    if model is not USE:
        return _describe(model.name, folder, max_length, prompt)
    return ModelFiles(
        name=model.name,
        folder=folder,
        transformer=folder,
        weights=(folder / "weights.npz",),
        config={"model_type": "use"},
        prompt=prompt or "",
        pooling="own",
        max_length=max_length or LONGEST_UNASKED,
        lower_case=False,
    )


def _behind(address: Address, max_length: int | None, prompt: str | None) -> ModelFiles:
    if max_length is not None:
        raise InputError(f"Model {address} is cut to its length by its server: leave max_length out")
    return ModelFiles(
        name=str(address),
        folder=Path(),
        transformer=Path(),
        weights=(),
        config={},
        pooling="address",
        max_length=0,
        lower_case=False,
        prompt=prompt or "",
        address=address,
    )


def _describe(name: str, folder: Path, max_length: int | None, prompt: str | None) -> ModelFiles:
    modules = modules_of(folder)
    transformer = folder / modules[0]["path"] if modules else folder
    if not (transformer / "config.json").is_file():
        raise InputError(f"{folder} is not a language model's folder: it lacks config.json")
    config = read_json(transformer / "config.json")
    # such configs borrow a known name for code of their own; run as the known model they would be wrong
    if config.get("auto_map") and config.get("position_embedding_type", "absolute") != "absolute":
        raise InputError(f"Model {name} needs code of its own, which is not run: choose another model")
    weights = weights_of(name, transformer)
    for module in modules[1:]:
        inner = folder / module["path"]
        if any(inner.glob("*.bin")) and not any(inner.glob("*.safetensors")):
            raise InputError(f"Model {name} has pickled weights in {inner.name}: save it with safetensors")
        weights += tuple(sorted(path for path in inner.glob("*.safetensors") if path not in weights))
    return ModelFiles(
        name=name,
        folder=folder,
        transformer=transformer,
        weights=weights,
        config=config,
        pooling=pooling_of(folder, modules, config),
        max_length=max_length_of(transformer, config, max_length),
        prompt=document_prompt(folder) if prompt is None else prompt,
        lower_case=bool(optional_json(transformer / "sentence_bert_config.json").get("do_lower_case")),
    )
