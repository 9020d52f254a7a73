"""Let the language model learn the domain."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from mgrec_core.cli.options import AddCommand
from mgrec_core.foundation.progress import Progress

# what is left to the settings' own defaults where it is not given
_GIVEN = ("method", "peft", "budget", "steps", "batch", "accumulate", "hard", "strength", "rate", "seed")


def register(command: AddCommand) -> None:
    """Declare this command."""
    sub = command("adapt", run_adapt, "let the language model learn from texts and histories")
    sub.add_argument(
        "--method",
        choices=("projection", "mlm", "contrastive", "mlm+contrastive"),
        default="projection",
        help="projection: item vectors fitted to histories (default); mlm: the domain's words; "
        "contrastive: what people choose",
    )
    sub.add_argument(
        "--peft",
        choices=("lora", "adalora", "adapter", "none"),
        default="lora",
        help="small trainable parts (default lora), or none: every weight",
    )
    sub.add_argument("--budget", default="20m", help="time for training, such as 20m (default), 90s or 1h")
    sub.add_argument("--steps", type=int, help="steps instead, the same on every machine")
    sub.add_argument("--batch", type=int, help="examples a batch (default 48)")
    sub.add_argument("--accumulate", type=int, help="batches a step (default 1)")
    sub.add_argument("--hard", type=int, help="hard negatives an example, from the engine (default 0)")
    sub.add_argument(
        "--strength", type=float, help="share of what was learned that is kept, above 0 to 1 (default 0.5)"
    )
    sub.add_argument("--rate", type=float, help="learning rate (default 1e-3 with adapters, 2e-5 without)")
    sub.add_argument("--seed", type=int, default=0)
    sub.add_argument("--model", metavar="NAME_OR_PATH", help="model to start from; default: the build's")
    sub.add_argument("--anew", action="store_true", help="do not go on with a training that was stopped")
    sub.add_argument("--no-build", action="store_true", help="do not build with the new model")
    sub.add_argument("--stop", action="store_true", help="end a running training with the best so far")


def run_adapt(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``adapt --workspace DIR [--method M] [--peft P] [--budget 20m] [--json]``."""
    from mgrec_core.operations.adapting import adapt, stop

    if options.stop:
        from mgrec_core.operations.own_models import in_training

        if in_training(Path(options.workspace)):
            return {"stopping": stop(options.workspace)}
        return {"stopping": False, "notes": ["no training is running in this workspace"]}
    from pydantic import ValidationError

    from mgrec_core.adaptation.settings import Settings
    from mgrec_core.foundation.errors import InputError

    given = {name: value for name in _GIVEN if (value := getattr(options, name)) is not None}
    try:
        settings = Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        said = first["msg"].removeprefix("Input ")
        raise InputError(f"--{first['loc'][0]} is {first['input']}: it {said}") from None
    found = adapt(
        options.workspace,
        settings,
        model=options.model,
        anew=options.anew,
        switch=not options.no_build,
        progress=progress,
    )
    if options.json:
        return found
    table = [
        {
            "part": part,
            **{name: round(one[name], 4) for name in ("before", "after")},
            "difference": f"{one['mean']:+.4f} [{one['low']:+.4f}, {one['high']:+.4f}]",
            "users": one["n_users"],
        }
        for part, one in found["differences"].items()
    ]
    shown = {
        name: found[name] for name in ("model", "method", "peft", "base", "switched", "reason", "seconds")
    }
    there = [] if found.get("made", True) else ["it was made before; --anew trains it again"]
    return shown | {"nDCG@10": table, **({"notes": there} if there else {})}
