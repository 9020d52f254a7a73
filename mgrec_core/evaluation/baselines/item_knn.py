"""Item-kNN of `implicit`: cosine, TF-IDF or BM25 weighting, K neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import sparse

from mgrec_core.evaluation.baselines.baseline import HISTORIES, Baseline, Scorer, grid


def fit_item_knn(histories: sparse.csr_array, options: Mapping[str, Any]) -> Scorer:
    """Sum of the similarities between an item and the history, each item's K nearest only."""
    from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender

    kinds = {"cosine": CosineRecommender, "tfidf": TFIDFRecommender, "bm25": BM25Recommender}
    model = kinds[options["similarity"]](K=options["neighbours"], num_threads=1)
    model.fit(sparse.csr_matrix(histories), show_progress=False)
    similarity = sparse.csr_array(model.similarity).astype(np.float32)
    return lambda rows: np.asarray((histories[rows] @ similarity).toarray(), dtype=np.float32)


ITEM_KNN = Baseline(
    name="item-knn",
    fit=fit_item_knn,
    grid=grid(histories=HISTORIES, similarity=("cosine", "tfidf", "bm25"), neighbours=(20, 100, 300)),
    order=0,
)
