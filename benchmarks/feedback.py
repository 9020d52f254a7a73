"""Learning from position-biased clicks: regret, recovery after a change of taste, against fixed weights.

    python benchmarks/feedback.py [--seeds 3] [--rounds 700]

A planted world (``simulate.py`` beside this): 40 users, lists of 10 out of 60 items a
round, clicks with P(looked at rank r) = 1/r; half way the planted weights change. Regret is nDCG
lost against the best fixed weights of the phase in hindsight; *hindsight* the same against the best
one weights for both phases (below 0: following the change pays). Medians over seeds. Every way to
learn is given its best rate of a small grid, so that none wins by its step size alone.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from benchmarks.simulate import Course, World, best_fixed, make_world, simulate
from mgrec_core.feedback.settings import FeedbackSettings

BEFORE, AFTER = (0.1, 0.5, 0.1, 0.1, 0.5, 0.1), (0.1, 0.1, 0.5, 0.6, 0.1, 0.05)
RATES = (0.03, 0.1, 0.3)
PARTS = {
    "first 5 %": (0, 0.05),
    "before": (0.35, 0.5),
    "change": (0.5, 0.55),
    "after": (0.85, 1),
    "all": (0, 1),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=700, help="of each of the two phases")
    options = parser.parse_args()
    worlds = [make_world([BEFORE, AFTER], rounds=options.rounds, seed=s) for s in range(options.seeds)]
    best = [best_fixed(world) for world in worlds]

    def run(settings: FeedbackSettings, *, learn: bool = True) -> list[Course]:
        return [simulate(w, settings, b, learn=learn) for w, b in zip(worlds, best, strict=True)]

    print(f"{options.rounds} rounds a phase, {options.seeds} seeds: nDCG@10 lost, median")
    print(f"{'':<46}" + "".join(f"{name:>10}" for name in (*PARTS, "hindsight")))
    tell("even weights, never moved", run(FeedbackSettings(), learn=False))
    for update in ("exponentiated", "projected"):
        for bias in (1.0, 0.5, 0.0):
            tried = {
                rate: run(FeedbackSettings(update=update, position_bias=bias, rate=rate))  # type: ignore[arg-type]
                for rate in RATES
            }
            rate = min(tried, key=lambda r: statistics.median(c.mean(0, 1) for c in tried[r]))
            corrected = f"η = {bias:g}" if bias else "no correction"
            tell(f"{update}, {corrected}, rate {rate:g}", tried[rate])
    tell("the defaults", run(FeedbackSettings()))
    personal(options.rounds)


def tell(name: str, courses: list[Course]) -> None:
    """Print one line."""
    values = [statistics.median(c.mean(*part) for c in courses) for part in PARTS.values()]
    values.append(statistics.median(float(c.hindsight.mean()) for c in courses))
    print(f"{name:<46}" + "".join(f"{value:>10.4f}" for value in values), flush=True)


def personal(rounds: int) -> None:
    """Print what everybody's, own and shrunk weights lose where users differ."""
    print("users who differ, no change of taste: nDCG@10 lost against each user's own planted weights")
    for spread in (0.2, 0.4, 0.6):
        world: World = make_world([BEFORE[:5]], users=20, items=200, rounds=rounds, spread=spread, seed=1)
        ones = np.ones(rounds)
        lost = {
            how: simulate(world, FeedbackSettings(), (ones, ones), per_user=how).mean(0, 1)
            for how in ("none", "own", "shrunk")
        }
        told = ", ".join(f"{how} {value:.4f}" for how, value in lost.items())
        print(f"  spread {spread:g}, {rounds // 20} rounds a user: {told}")


if __name__ == "__main__":
    main()
