"""Options that several commands share: declared here, read here."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.foundation.progress import Progress

if TYPE_CHECKING:
    from mgrec_core.foundation.results import Weights

Run = Callable[[argparse.Namespace, Progress], dict[str, Any] | list[dict[str, Any]] | None]


class AddCommand(Protocol):
    """Adds a command with the options that all have."""

    def __call__(self, name: str, run: Run, help: str, *, workspace: bool = True) -> argparse.ArgumentParser:
        """Return the parser of the command's own options; most commands need a workspace."""


def split_options(sub: argparse.ArgumentParser, known: str) -> None:
    """Declare how pairs are held out; ``known`` names the kinds of split."""
    sub.add_argument("--split", help=known)
    sub.add_argument("--test-ratio", type=float, help="share held out (default 0.2)")
    sub.add_argument(
        "--ratios", metavar="TRAIN:VALIDATION:TEST", help="shares instead of --test-ratio, such as 8:1:1"
    )
    sub.add_argument("--test-count", type=int, default=1, help="items a user of split last-n (default 1)")
    sub.add_argument(
        "--at", metavar="DATE", help="moment at which split time cuts (ISO 8601, UTC), instead of a share"
    )
    sub.add_argument(
        "--seed", type=int, default=0, help="seed of what is drawn: split random, equal times (default 0)"
    )


def split_of(options: argparse.Namespace) -> dict[str, Any]:
    """Read the options of a split as arguments: split, test_ratio, seed, test_count, at.

    Raises
    ------
    InputError
        ``--ratios`` that are no three shares, or beside ``--test-ratio``.
    """
    ratio, _ = _ratios(options)
    return {
        "split": options.split,
        "test_ratio": ratio,
        "seed": options.seed,
        "test_count": options.test_count,
        "at": options.at,
    }


def validation_ratio_of(options: argparse.Namespace) -> float:
    """The share of the training part that validates: with 8:1:1 a ninth, else as large as the test's.

    Raises
    ------
    InputError
        As :func:`split_of`.
    """
    return _ratios(options)[1]


def _ratios(options: argparse.Namespace) -> tuple[float, float]:
    if options.ratios is None:
        ratio = 0.2 if options.test_ratio is None else options.test_ratio
        return ratio, ratio
    if options.test_ratio is not None:
        raise InputError("--ratios and --test-ratio say the same in two ways: give one of them")
    try:
        train, validation, test = (float(part) for part in options.ratios.split(":"))
        if not (min(train, validation, test) > 0 and max(train, validation, test) < 1e9):
            raise ValueError
    except ValueError:
        raise InputError(
            f"--ratios {options.ratios[:40]!r} is no train:validation:test such as 8:1:1"
        ) from None
    return test / (train + validation + test), validation / (train + validation)


def k_option(sub: argparse.ArgumentParser, default: int = 10, what: str = "length of the lists") -> None:
    """Declare the length of lists; read it with :func:`k_of`."""
    sub.add_argument("--k", type=int, help=f"{what} (default {default}, or the whole of a smaller catalogue)")
    sub.set_defaults(default_k=default)


def k_of(options: argparse.Namespace, n_items: int | None = None, *, strict: bool = False) -> int:
    """Read the length of lists: what was asked for, else the default, lowered to a small catalogue and told.

    Parameters
    ----------
    n_items
        Size of the catalogue; None where the default always stands.
    strict
        Refuse more than the catalogue, where a list cannot be shorter than it was asked to be.

    Raises
    ------
    InputError
        ``--k`` is above the catalogue and ``strict``.
    """
    if options.k is None:
        default = int(options.default_k)
        if n_items is None or n_items >= default:
            return default
        print(f"note: k is {n_items}, not {default}: the catalogue has no more items", file=sys.stderr)
        return max(1, n_items)
    if strict and n_items is not None and options.k > n_items:
        raise InputError(f"--k is {options.k}: it lies from 1 to the catalogue's {n_items} items")
    return int(options.k)


def all_option(sub: argparse.ArgumentParser) -> None:
    """Declare that evidence is not cut at the strongest pieces."""
    sub.add_argument(
        "--all",
        action="store_true",
        help="all evidence; by default the 100 strongest pieces of a granularity, the others summed",
    )


def trusted_option(sub: argparse.ArgumentParser) -> None:
    """Declare that the maker of a source is known."""
    sub.add_argument(
        "--trusted",
        action="store_true",
        help="read the source without limits of memory, time and disk: its maker is known",
    )


def user_options(sub: argparse.ArgumentParser) -> None:
    """Declare whose list it is."""
    sub.add_argument("--user", required=True, metavar="ID")


def weight_options(sub: argparse.ArgumentParser) -> None:
    """Declare the weights."""
    sub.add_argument("--weights", metavar="g=λ,…", help="weights, such as recent=0.3,social=0")
    sub.add_argument("--preset", metavar="NAME", help="preset that the other weights come from")
    sub.add_argument("--base", metavar="GRANULARITY", help="granularity whose weight is 1")


def fusion_options(sub: argparse.ArgumentParser) -> None:
    """Declare weights and fusion mode."""
    weight_options(sub)
    sub.add_argument("--fusion", default="score", help="score (default), vector or concat")
    sub.add_argument("--alpha", metavar="g=α,…", help="shares for vector and concat; default λ normalised")


def weights_of(options: argparse.Namespace) -> Weights:
    """Read the options of weights and, where the command has them, of fusion."""
    # Imported when needed, so that ``--help`` and ``import`` load no arrays.
    from mgrec_core.foundation.results import Weights
    from mgrec_core.model.fusion.weights import parse_weights

    return Weights(
        parse_weights(options.weights) or {},
        options.base or "",
        options.preset,
        getattr(options, "fusion", "score"),
        parse_weights(getattr(options, "alpha", None)),
    )


def tell_base(options: argparse.Namespace, base: str) -> None:
    """Say so when a weight was given for the base, which always has 1."""
    given = weights_of(options).values.get(base, 1.0)
    if given != 1.0:
        note = f"note: {base} is the base, so its weight is 1, not {given:g}; --base chooses another"
        print(note, file=sys.stderr)


def read_users(path: Path) -> list[str]:
    """One id a line, a header ``user_id`` allowed; duplicates once, in order."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise NotFoundError(f"--users {path} does not exist") from None
    except (OSError, UnicodeDecodeError):
        raise InputError(f"--users {path} cannot be read as UTF-8 text: give one user id a line") from None
    users = [line.strip().strip('"') for line in lines]
    users = [user for user in users if user and user != "user_id"]
    if not users:
        raise InputError(f"--users {path} names no user: give one user id a line")
    return list(dict.fromkeys(users))
