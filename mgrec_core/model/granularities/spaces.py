"""The spaces that several granularities share, each computed once a build."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import svds

from mgrec_core.data.dataset import Dataset
from mgrec_core.foundation.config import Sections
from mgrec_core.language.whitening import Whitening
from mgrec_core.model.granularities.balance import balanced
from mgrec_core.model.granularities.factor_share import choose_share
from mgrec_core.model.granularities.factors import fit_factor_space
from mgrec_core.model.granularities.histories import FromHistory, Histories
from mgrec_core.model.granularities.item_space import (
    POWERS,
    CollaborativeConfig,
    Fit,
    ItemSpace,
    fit_item_space,
    sized,
)
from mgrec_core.model.granularities.item_space_choice import choose_fit
from mgrec_core.model.granularities.learned_texts import BehaviourConfig, fit_items
from mgrec_core.model.granularities.parts import Part, Parts
from mgrec_core.model.granularities.structure import Block, Matrix, Vectors, normalise_rows


@dataclass(frozen=True)
class Spaces:
    """Item vectors in the language space and in the item space.

    Attributes
    ----------
    text_vectors : |I| × d or None
        What the language model says of each item's text, unit length, zeros where an item has
        no text; ``None`` when no item has one.
    sequence_vectors : |U| × d or None
        With ``encoding: sequence``, each user's newest items read as one text.
    parts
        What is kept of an earlier build.
    fit
        How the item space is fitted, where that is not to be chosen anew.
    """

    data: Dataset
    config: Sections
    text_vectors: Vectors | None
    sequence_vectors: Vectors | None = None
    parts: Parts = field(default_factory=Parts)
    fit: Fit | None = None

    def with_data(self, **changes: Any) -> Spaces:
        """The same over changed data; the item space is kept where the histories (``strength``) are.

        How it is fitted is not chosen again.
        """
        chosen = self.fit or (self.item_space.fit if self.item_space else None)
        found = replace(self, data=replace(self.data, **changes), parts=Parts(), fit=chosen)
        if "strength" not in changes:
            found.__dict__["item_space"] = self.item_space
        return found

    @cached_property
    def whitening(self) -> Whitening | None:
        """Fitted on the catalogue's texts; ``None`` when switched off or there are no texts."""
        if self.text_vectors is None or not self.config.language.whitening:
            return None
        written = np.linalg.norm(self.text_vectors, axis=1) > 0
        return Whitening.fit(self.text_vectors[written], shrinkage=self.config.language.shrinkage)

    def whiten(self, vectors: Vectors) -> Vectors:
        """Whitened unit vectors; rows of zeros (no text) stay zeros."""
        written = np.linalg.norm(vectors, axis=1) > 0
        if self.whitening is None:
            return vectors
        result = np.zeros((len(vectors), self.whitening.transform(vectors[:1]).shape[1]), dtype=np.float32)
        result[written] = self.whitening.transform(vectors[written])
        return result

    @cached_property
    def language(self) -> Vectors | None:
        """Whitened item vectors, |I| × d."""
        vectors = self.text_vectors
        if vectors is None:
            return None
        part = self.parts.get(
            "language",
            (vectors, self.config.language),
            lambda: Part({"language.items": self.whiten(vectors)}),
        )
        return np.asarray(part.arrays["language.items"])

    @cached_property
    def learned_texts(self) -> Vectors:
        """Item vectors fitted to histories with the text as prior, |I| × d.

        Raises
        ------
        ValueError
            No item has a text.
        """
        texts, weights = self.language, self.data.signal
        if texts is None:
            raise ValueError("no item has a text to learn from")
        config: BehaviourConfig = self.config.behaviour
        part = self.parts.get(
            "learned texts",
            (texts, weights, config),
            lambda: Part({"language.learned": fit_items(texts, weights, config)}),
        )
        return np.asarray(part.arrays["language.learned"])

    @cached_property
    def item_space(self) -> ItemSpace | None:
        """The item space of all histories."""
        strength, age = self.data.strength, self.data.age
        config: CollaborativeConfig = self.config.collaborative

        def fit() -> Part:
            chosen = self.fit or choose_fit(strength, age, config)
            found = fit_item_space(sized(strength, chosen), config, chosen)
            if found is None:
                return Part()
            block = found.block
            return Part(
                {block.evidence_name: block.evidence, block.item_name: block.items},
                {"solver": found.solver, "exact": found.exact, **asdict(chosen)},
            )

        part = self.parts.get("items", (strength, age, config), fit)
        if not part.arrays:
            return None
        evidence, items = part.arrays.values()
        facts = part.facts
        how = Fit(str(facts["sizes"]), float(facts["regularisation"]), float(facts["item_scaling"]))
        return ItemSpace(evidence, items, str(facts["solver"]), bool(facts["exact"]), how)

    def weighed(self, how: FromHistory) -> sparse.csr_array:
        """W_k of all users, |U| × |E_k|, as their histories give it."""
        data = self.data
        return how.weights(Histories(data.signal, data.strength, data.age))

    @property
    def sizes(self) -> float:
        """The power of strengths that says how much sizes count, as the item space was fitted."""
        return 1.0 if self.item_space is None else POWERS[self.item_space.fit.sizes]

    @cached_property
    def histories(self) -> sparse.csr_array:
        """Strengths with sizes counting as the item space was fitted, |U| × |I| in (0, 1]."""
        space = self.item_space
        return self.data.strength if space is None else sized(self.data.strength, space.fit)

    @cached_property
    def factor_space(self) -> Block | None:
        """The factor space of all histories, scaled to its share, beside an item space that is exact."""
        space, strength = self.item_space, self.histories
        config: CollaborativeConfig = self.config.collaborative
        if space is None or not space.exact or not config.factors:
            return None

        def fit() -> Part:
            share = config.factor_share
            if share is None:
                share = choose_share(strength, self.data.age, config)
            found = fit_factor_space(strength, config) if share > 0 else None
            if found is None:
                return Part()
            found = balanced(strength, space.block, found, share)
            return Part(
                {found.evidence_name: found.evidence, found.item_name: found.items}, {"scale": found.scale}
            )

        part = self.parts.get("factors", (strength, self.data.age, config), fit)
        if not part.arrays:
            return None
        (evidence_name, evidence), (item_name, items) = part.arrays.items()
        return Block(evidence, items, float(part.facts["scale"]), evidence_name, item_name)

    @cached_property
    def shared(self) -> Matrix | None:
        """The space of fused vectors and maps, |I| × d.

        The language space where there are texts; else the catalogue's principal directions
        (rank 64) of the histories; ``None`` for a catalogue without either.
        """
        if self.language is not None:
            return self.language
        y = self.data.strength
        rank = min(64, min(y.shape) - 1)
        if rank < 1 or y.nnz == 0:
            return None
        _, s, vt = svds(y, k=rank, v0=np.ones(min(y.shape)))
        return np.ascontiguousarray(normalise_rows((vt.T * s).astype(np.float32)))

    def centroids(self, incidence: sparse.csr_array) -> Vectors | None:
        """Mean shared vector of each value's items: |I| × |V| incidence → |V| × d, unit length."""
        if self.shared is None:
            return None
        return np.asarray(normalise_rows(np.asarray(incidence.T @ self.shared, dtype=np.float32)))
