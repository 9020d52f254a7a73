"""Language models: what is at hand, how it reads a workspace's texts, and smaller ones."""

from __future__ import annotations

import argparse
from typing import Any

from mgrec_core.cli.options import AddCommand
from mgrec_core.foundation.progress import Progress


def register(command: AddCommand) -> None:
    """Declare these commands."""
    sub = command(
        "models", run_models, "language models at hand, and how each reads the texts", workspace=False
    )
    sub.add_argument("--workspace", metavar="DIR", help="folder of the workspace whose texts are read")
    sub.add_argument(
        "--model",
        metavar="NAME_OR_PATH",
        action="append",
        default=[],
        help="a further model; may be repeated",
    )

    sub = command(
        "compress", run_compress, "make smaller, faster models and measure each beside the original"
    )
    sub.add_argument("--model", metavar="NAME_OR_PATH", help="what they are made of; default: the build's")
    sub.add_argument(
        "--kinds",
        metavar="KIND,…",
        default="int8,layers,static",
        help="int8, layers, static (default: these three), heads, bf16",
    )


def run_models(options: argparse.Namespace, progress: Progress) -> list[dict[str, Any]] | dict[str, Any]:
    """``models [--workspace DIR] [--model NAME_OR_PATH …] [--json]``."""
    from mgrec_core.engine.models import models

    found = models(options.workspace, options.model, timed=not options.json, progress=progress)
    if options.json:
        return found
    shown = [
        {name: value for name, value in row.items() if name != "problem"}
        | {"fingerprint": (row["fingerprint"] or "")[:12]}
        for row in found
    ]
    return {"models": shown, "notes": [row["problem"] for row in found if "problem" in row]}


def run_compress(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """``compress --workspace DIR [--model NAME_OR_PATH] [--kinds KIND,…] [--json]``."""
    from mgrec_core.operations.compressing import compress

    kinds = [kind.strip() for kind in options.kinds.split(",") if kind.strip()]
    found = compress(options.workspace, options.model, kinds, progress)
    return found if options.json else _shown(found)


def _shown(found: dict[str, Any]) -> dict[str, Any]:
    """A table for people, and sentences: which model is suggested, how to take it, what could not be made."""
    rows = []
    for row in (found["original"], *found["variants"]):
        fused = row["differences"].get("fused")
        rows.append(
            {
                "name": row["name"],
                "MB": row["MB"],
                "texts/s": f"{row['texts_per_second']:,} (×{row['speedup']:.3g})",
                "dimensions": row["dimensions"],
                **{part: f"{row[part]:.4f}" for part in ("warm", "cold", "fused")},
                "share": f"{row['fused_share']:.3f}",
                "fused − original": fused and {key: fused[key] for key in ("mean", "low", "high")},
                "λ behaviour": row["weights"].get("behaviour"),
            }
        )
    notes = [f"warm, cold and fused are nDCG@10 on held-out events; {found['reason']}"]
    if found["suggested"]:
        notes.append(f"nothing was switched: `build --workspace DIR --model {found['suggested']}` takes it")
    notes += found["refused"].values()
    return {"models": rows, "notes": notes}
