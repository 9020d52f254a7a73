"""The costly parts of a build, kept from the build before it where nothing that goes into them changed.

Three parts take nearly all the time after the texts are encoded: the whitened language space, the
item space and the factor space. Each is a function of its inputs alone, so a part whose inputs have
the same digest is the same part, to the last bit. Where one entry of the inputs differs the part is
computed anew: an event changes the popularity of its item and the Gram matrix's largest eigenvalue,
from which EASE's λ follows, and with them every entry of the item space; a text changes the mean and
the directions of the whitening, and with them every item's vector. User weights and incidences are
sums that cost less than finding out whether they would be the same, and are always summed anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pydantic import BaseModel
from scipy import sparse

from mgrec_core.model.granularities.structure import Matrix


@dataclass(frozen=True)
class Part:
    """Matrices by the names they are stored under, and what else belongs to them."""

    arrays: dict[str, Matrix] = field(default_factory=dict)
    facts: dict[str, str | float | bool] = field(default_factory=dict)


#: A part of an earlier build by its name and the digest of its inputs, or ``None``.
Earlier = Callable[[str, str], Part | None]


class Parts:
    """Makes each part once, or takes it from an earlier build.

    Attributes
    ----------
    made : by name
        Digest of the inputs, and the part.
    kept
        Names of those that were not computed.
    """

    def __init__(self, earlier: Earlier | None = None) -> None:
        self._earlier = earlier
        self.made: dict[str, tuple[str, Part]] = {}
        self.kept: set[str] = set()

    def get(self, name: str, inputs: Sequence[object], make: Callable[[], Part]) -> Part:
        """Return the earlier part where its inputs were the same, else what ``make`` returns.

        Parameters
        ----------
        inputs
            Everything that the part is made from: matrices, options, ``None``.
        """
        if name not in self.made:
            digest = digest_of(inputs)
            found = self._earlier(name, digest) if self._earlier else None
            if found is not None:
                self.kept.add(name)
            self.made[name] = (digest, make() if found is None else found)
        return self.made[name][1]


def digest_of(values: Sequence[object]) -> str:
    """Digest of matrices (shape, type and content), options and plain values."""
    digest = hashlib.sha256()
    for value in values:
        arrays: list[Any] = []
        if isinstance(value, sparse.csr_array):
            said: object = ("sparse", value.shape)
            arrays = [value.data, value.indices.astype(np.int64), value.indptr.astype(np.int64)]
        elif isinstance(value, np.ndarray):
            said, arrays = ("dense", value.shape), [value]
        else:
            said = value.model_dump_json() if isinstance(value, BaseModel) else value
        digest.update(repr(said).encode() + b"\n")
        for array in arrays:
            digest.update(str(array.dtype).encode() + b"\n")
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
