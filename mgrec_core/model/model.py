"""The built model: granularities of one data set and the scores they give.

Everything here is numbers and positions; ids, titles and files are the engine's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from mgrec_core.data.dataset import Dataset
from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.progress import Progress, silent
from mgrec_core.model.config import Config
from mgrec_core.model.granularities import Absent, Granularity, Spaces, build_all
from mgrec_core.model.granularities.item_space import Fit
from mgrec_core.model.granularities.parts import Parts
from mgrec_core.model.granularities.structure import Block, Matrix, Vectors, dense, normalise_rows
from mgrec_core.model.scale import scale_and_median
from mgrec_core.model.scoring import ScoreParts, Splits, take_apart

_CHUNK_CELLS = 2**26


@dataclass(frozen=True)
class Model:
    """Present granularities in fixed order, absent ones with reasons, and the shared item vectors.

    Attributes
    ----------
    granularities
        Present ones by name.
    absent
        Reason by name.
    seen : |U| × |I|
        Stored entries are pairs that were seen, liked or not: they are never ranked.
    shared : |I| × d or None
        Item vectors of the space of fused vectors.
    fit
        How the item space was fitted; ``None`` without one, and in a model that was stored.
    """

    granularities: dict[str, Granularity]
    absent: dict[str, str]
    seen: sparse.csr_array
    shared: Matrix | None
    fit: Fit | None = None

    @property
    def present(self) -> tuple[str, ...]:
        """Names of the present granularities in fixed order."""
        return tuple(self.granularities)

    @property
    def n_items(self) -> int:
        """|I|."""
        return int(self.seen.shape[1])

    @property
    def n_users(self) -> int:
        """|U|."""
        return int(self.seen.shape[0])

    def unseen(self, user: int) -> NDArray[np.bool_]:
        """Items not in the user's history, shape (|I|,)."""
        mask = np.ones(self.n_items, dtype=bool)
        mask[self.seen.indices[self.seen.indptr[user] : self.seen.indptr[user + 1]]] = False
        return mask

    def view(self, fusion: str) -> dict[str, Granularity]:
        """The granularities as one fusion mode sees them.

        ``score`` and ``concat`` use their own spaces; ``vector`` puts every piece of evidence
        into the shared space.

        Raises
        ------
        InputError
            ``vector`` without a shared space (neither texts nor events), or an unknown mode.
        """
        if fusion in ("score", "concat"):
            return self.granularities
        if fusion != "vector":
            raise InputError(f"unknown fusion mode {fusion!r}: choose score, vector or concat")
        return self._in_shared_space

    @cached_property
    def _in_shared_space(self) -> dict[str, Granularity]:
        if self.shared is None:
            raise InputError("fusion mode vector needs item texts or events: use fusion mode score")
        found = {}
        for name, g in self.granularities.items():
            if g.language is not None:
                evidence: Matrix = g.language
            else:  # a prior has no direction of interest
                evidence = np.zeros((len(g.evidence_ids), self.shared.shape[1]), dtype=np.float32)
            found[name] = replace(g, blocks=(Block(evidence, self.shared, 1.0, "", ""),))
        return found

    def scores(self, rows: NDArray[np.int64]) -> list[Vectors]:
        """Raw scores of some users, one array of shape (len(rows), |I|) a granularity."""
        return [g.scores(rows) for g in self.granularities.values()]

    def raw(self, user: int, fusion: str = "score") -> Vectors:
        """Raw scores of one user, |I| × K."""
        rows = np.array([user])
        columns = [g.scores(rows)[0] for g in self.view(fusion).values()]
        return np.stack(columns, axis=1) if columns else np.zeros((self.n_items, 0), dtype=np.float32)

    @cached_property
    def global_scale(self) -> NDArray[np.float64]:
        """Mean c_uk over an even sample of users with evidence, shape (K,): the scales of ``concat``."""
        active = np.flatnonzero(np.diff(self.seen.indptr) > 0)
        sample = active[:: max(1, len(active) // 100)]
        scales = np.array([split.factor for _, split, _ in self.splits(sample, np.ones(len(self.present)))])
        if len(scales) == 0:
            return np.ones(len(self.present))
        held = (scales > 0).sum(axis=0)
        return np.asarray(scales.sum(axis=0) / np.maximum(held, 1))

    def split(
        self,
        user: int,
        weights: Sequence[float] | NDArray[np.float64],
        fusion: str = "score",
        raw: Vectors | None = None,
    ) -> ScoreParts:
        """Take a user's scores apart under weights (λ for ``score``, α for the others).

        - ``score``:  r = Σ_k λ_k · c_uk · (s_k − m_uk)
        - ``concat``: r = Σ_k α_k · c_k · (s_k − m_uk), one inner product of concatenations
        - ``vector``: r = Σ_k α_k · (ẑ_uk·a_i − m_uk), all in the shared space, ẑ of unit length
        """
        raw = self.raw(user, fusion) if raw is None else raw
        c, median = scale_and_median(raw, self.unseen(user))
        if fusion == "concat":
            c = np.where(c > 0, self.global_scale, 0.0)
        elif fusion == "vector":
            rows = np.array([user])
            lengths = np.array([_length(g.user_vectors(rows)) for g in self.view(fusion).values()])
            c = np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        return ScoreParts(raw, np.asarray(weights, dtype=np.float64) * c, median)

    def splits(
        self,
        rows: NDArray[np.int64],
        weights: Sequence[float] | NDArray[np.float64],
        fusion: str = "score",
    ) -> Splits:
        """Take many users' scores apart; in chunks for ``score`` fusion.

        Yields
        ------
        user, split, unseen
            In the order of ``rows``.
        """
        if fusion == "score":
            chunk = _CHUNK_CELLS // max(1, self.n_items * len(self.present))
            return take_apart(rows, weights, self.scores, self.unseen, chunk)
        one_by_one = (int(user) for user in rows)
        return ((user, self.split(user, weights, fusion), self.unseen(user)) for user in one_by_one)

    def shared_user_vectors(self, name: str) -> Vectors:
        """ẑ_uk of all users in the shared space, |U| × d, unit length (zeros without evidence)."""
        g = self.view("vector")[name]
        return normalise_rows(dense(g.user_vectors(slice(None))))


def _length(vectors: Matrix) -> float:
    data = vectors.data if sparse.issparse(vectors) else vectors
    return float(np.sqrt((np.asarray(data, dtype=np.float64) ** 2).sum()))


def build_model(
    data: Dataset,
    config: Config,
    text_vectors: Vectors | None,
    sequence_vectors: Vectors | None = None,
    progress: Progress = silent,
    parts: Parts | None = None,
) -> Model:
    """Build every granularity that the data allow.

    Parameters
    ----------
    text_vectors : |I| × d or None
        Language-model vectors of the items' texts, zeros where there is none.
    sequence_vectors : |U| × d or None
        Vectors of whole histories, for ``encoding: sequence``.
    parts
        What may be kept of an earlier build; nothing by default.
    """
    spaces = Spaces(data, config, text_vectors, sequence_vectors, parts or Parts())
    built = build_all(spaces, progress)
    return Model(
        granularities={n: g for n, g in built.items() if isinstance(g, Granularity)},
        absent={n: g.reason for n, g in built.items() if isinstance(g, Absent)},
        seen=data.seen,
        shared=spaces.shared,
        fit=spaces.item_space.fit if spaces.item_space else None,
    )
