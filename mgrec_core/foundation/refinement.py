"""Telling the nodes of a graph apart by what they are joined to, never by their names or places.

Colour refinement (Weisfeiler & Leman 1968): a node's colour is made anew from its own and the multiset of
its neighbours' until no more colours appear. Nodes of one colour are alike in all that was looked at. A
colour is a pseudo-random number, so that an order by colours favours nothing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Colours = NDArray[np.uint64]

_MOST_ROUNDS = 20  # a long chain tells one more link apart a round; events are no chains
_THERE, _BACK = np.uint64(0x51ED270B), np.uint64(0x2545F491)


def mixed(values: Colours) -> Colours:
    """Each number thrown into another place of 0 … 2⁶⁴ − 1 (the finaliser of SplitMix64, Steele et al. 2014).

    Examples
    --------
    >>> mixed(np.array([0, 1], dtype=np.uint64)).tolist()
    [16294208416658607535, 10451216379200822465]
    """
    z = values + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def refined(colours: Colours, left: NDArray[np.int64], right: NDArray[np.int64], labels: Colours) -> Colours:
    """Refine colours until no more are told apart.

    Parameters
    ----------
    colours : N
        What each node is by itself.
    left, right, labels : E
        Edges between positions of nodes; equal ones may come several times, in any order.
    """
    there, back = mixed(labels + _THERE), mixed(labels + _BACK)
    n = len(np.unique(colours))
    for _ in range(_MOST_ROUNDS):
        found = mixed(colours)
        np.add.at(found, left, mixed(colours[right] ^ there))
        np.add.at(found, right, mixed(colours[left] ^ back))
        colours = mixed(found)
        before, n = n, len(np.unique(colours))
        if n == before:
            break
    return colours


def told_apart(colours: Colours) -> Colours:
    """Give equal colours different ones, by position: for nodes that nothing else tells apart."""
    order = np.argsort(colours, kind="stable")
    ordered = colours[order]
    first = np.r_[True, ordered[1:] != ordered[:-1]][: len(ordered)]
    within = np.arange(len(ordered)) - np.maximum.accumulate(np.where(first, np.arange(len(ordered)), 0))
    found = np.empty_like(colours)
    found[order] = mixed(ordered + mixed(within.astype(np.uint64)))
    return found
