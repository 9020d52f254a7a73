"""Texts a second of the embedded model, against sentence-transformers in the same run.

Run ``python benchmarks/encoding.py [--texts N] [--rounds N]``. The texts are film titles with genres and
years of the sample data, or titles made of their words where the sample is absent. Each round measures
every candidate once, in turn, so that a busy machine disturbs all alike; the median round counts.
"""

from __future__ import annotations

import argparse
import csv
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from mgrec_core.language import default_model_path, load_encoder  # noqa: E402


def sample_texts(count: int) -> list[str]:
    """Return ``count`` distinct short texts, shuffled with a fixed seed."""
    path = ROOT / "sample_data" / "movielens" / "items.csv"
    if path.is_file():
        with path.open(encoding="utf-8", newline="") as file:
            rows = [
                ", ".join(v for k, v in row.items() if v and k != "item_id") for row in csv.DictReader(file)
            ]
    else:
        rows = [f"The Long Title of Film Number {n} ({1930 + n % 90}), Comedy|Drama" for n in range(count)]
    texts = sorted(set(rows))
    random.Random(0).shuffle(texts)
    return texts[:count]


def main() -> None:
    """Measure and print one line for each candidate."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    texts = sample_texts(options.texts)

    start = time.perf_counter()
    fast = load_encoder()
    print(f"load_encoder ({fast.backend}): {time.perf_counter() - start:.1f} s from a cold start")
    from sentence_transformers import SentenceTransformer

    peer = SentenceTransformer(str(default_model_path()), device="cpu", local_files_only=True)
    plain = load_encoder(backend="torch")
    candidates: dict[str, Callable[[], NDArray[np.float32]]] = {
        "sentence-transformers encode": lambda: peer.encode(
            texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False
        ),
        "mgrec torch": lambda: plain.encode(texts),
        f"mgrec auto ({fast.backend})": lambda: fast.encode(texts),
    }
    walls: dict[str, list[float]] = {name: [] for name in candidates}
    cpus: dict[str, list[float]] = {name: [] for name in candidates}
    vectors: dict[str, NDArray[np.float32]] = {}
    for _ in range(options.rounds):
        for name, encode in candidates.items():
            wall, cpu = time.perf_counter(), time.process_time()
            vectors[name] = encode()
            walls[name].append(time.perf_counter() - wall)
            cpus[name].append(time.process_time() - cpu)

    peer_name = next(iter(candidates))
    peer_wall, peer_cpu = statistics.median(walls[peer_name]), statistics.median(cpus[peer_name])
    print(f"{len(texts)} texts, median of {options.rounds} rounds; ratios are to {peer_name}")
    print(f"{'':32}{'texts/s':>9}{'ratio':>7}{'CPU s':>8}{'ratio':>7}{'min cosine':>12}")
    for name in candidates:
        wall, cpu = statistics.median(walls[name]), statistics.median(cpus[name])
        cosine = float((vectors[name] * vectors[peer_name]).sum(axis=1).min())
        speed = f"{len(texts) / wall:9.0f}{peer_wall / wall:7.2f}{cpu:8.2f}{peer_cpu / cpu:7.2f}"
        print(f"{name:32}{speed}{cosine:12.7f}")


if __name__ == "__main__":
    main()
