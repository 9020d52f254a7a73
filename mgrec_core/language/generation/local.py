"""A causal language model in a folder, run by transformers: offline, safetensors only, no code of its own."""

from __future__ import annotations

from typing import Any

from mgrec_core.foundation.causes import refusal
from mgrec_core.foundation.errors import InputError
from mgrec_core.language.backends.backend import first_line
from mgrec_core.language.generation.generator import MOST_TOKENS
from mgrec_core.language.model_files import find_model
from mgrec_core.language.quiet import quiet
from mgrec_core.language.remote.address import Address

_CAUSAL = ("ForCausalLM", "LMHeadModel")


class LocalModel:
    """Writes the likeliest token after the other, so that the same question has the same answer.

    Parameters
    ----------
    folder
        Folder with ``config.json``, a tokenizer and safetensors; loaded when first asked.

    Raises
    ------
    InputError
        It holds no causal language model, or needs code of its own.
    """

    def __init__(self, folder: str) -> None:
        files = find_model(folder)
        names = [str(name) for name in files.config.get("architectures") or []]
        if not any(name.endswith(_CAUSAL) for name in names):
            raise InputError(
                f"Model {folder} does not write ({', '.join(names) or 'no architecture'}): choose a causal"
                " language model"
            )
        if files.config.get("auto_map"):
            raise InputError(f"Model {folder} needs code of its own, which is not run: choose another model")
        self.name = folder
        self.address: Address | None = None
        self._folder = files.transformer
        self._loaded: tuple[Any, Any] | None = None

    def write(self, task: str, material: str) -> str:
        """Return its answer, see :class:`~mgrec_core.language.generation.generator.Generator`."""
        tokenizer, model = self._load()
        try:
            return self._write(tokenizer, model, task, material)
        except InputError:
            raise
        except Exception as error:  # whatever the libraries raise at a model that is not whole
            unfit = InputError(f"Model {self.name} cannot write ({first_line(error)}): choose another")
            raise refusal(error, f"model {self.name}", damaged=unfit, other=unfit) from error

    def _write(self, tokenizer: Any, model: Any, task: str, material: str) -> str:
        import torch

        with quiet(), torch.inference_mode():
            if tokenizer.chat_template:
                messages = [{"role": "user", "content": f"{task}\n\n{material}"}]
                text = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
                asked = tokenizer(text, return_tensors="pt", add_special_tokens=False)
            else:
                asked = tokenizer(f"{task}\n\n{material}\n\nDescription:", return_tensors="pt")
            ids = asked["input_ids"]
            longest = getattr(model.config, "max_position_embeddings", None)
            if isinstance(longest, int) and ids.shape[1] + MOST_TOKENS > longest:
                raise InputError(
                    f"Model {self.name} reads {longest:,} tokens, and the evidence and an answer need"
                    f" {ids.shape[1] + MOST_TOKENS:,}: choose a model that reads more"
                )
            known = tokenizer.pad_token_id
            found = model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                do_sample=False,
                num_beams=1,
                max_new_tokens=MOST_TOKENS,
                pad_token_id=0 if known is None else known,
            )
        return str(tokenizer.decode(found[0, ids.shape[1] :], skip_special_tokens=True))

    def _load(self) -> tuple[Any, Any]:
        if self._loaded is None:
            with quiet():
                from transformers import AutoModelForCausalLM, AutoTokenizer

                own = {"local_files_only": True, "trust_remote_code": False}
                try:
                    tokenizer = AutoTokenizer.from_pretrained(str(self._folder), **own)
                    model = AutoModelForCausalLM.from_pretrained(
                        str(self._folder), use_safetensors=True, **own
                    )
                    model.train(False)
                except Exception as error:  # the libraries raise whatever a damaged folder provokes
                    unfit = InputError(
                        f"Model {self.name} cannot be loaded ({first_line(error)}): fetch it again or choose"
                        " another"
                    )
                    raise refusal(error, f"model {self.name}", damaged=unfit, other=unfit) from error
            self._loaded = tokenizer, model
        return self._loaded
