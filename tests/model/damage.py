"""Damages the files of a build and says what becomes of its lists; run as a process of its own.

``python -m tests.model.damage WORKSPACE SEED COUNT [--without-digests] [--whole LISTS]`` prints a JSON
line before and after each damage, so that whoever started it sees which one a signal came from. The
workspace is a copy to be spoilt; each damage is undone before the next.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from mgrec_core.engine.engine import Engine
from mgrec_core.foundation.errors import WorkspaceBrokenError
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import MANIFEST

KINDS = ("flip", "flips", "truncation", "zeros", "swap", "junk", "missing")


def lists(workspace: Path) -> str:
    """Digest of everything that a build answers: lists in all modes, explanations, interests, vectors."""
    engine = Engine.open(workspace)
    told: list[object] = [engine.user_ids, engine.item_ids, engine.present]
    for user in engine.user_ids[:: max(1, len(engine.user_ids) // 5)]:
        for fusion in ("score", "concat", "vector"):
            weights = engine.resolve().replace(fusion=fusion) if False else None
            told.append([weights, fusion])
        ranked = engine.rank(user, k=10)
        told.append(ranked.to_dict())
        if ranked.items:
            told.append(engine.explain(user, ranked.items[0].item_id).to_dict())
        told.append({g: [i.__dict__ for i in found] for g, found in engine.interests(user).items()})
    told += [engine.history_sizes("items").tolist(), engine.item_label(engine.item_ids[0])]
    ids, vectors = engine.fused_vectors(of="items")
    told += [ids, hashlib.sha256(vectors.tobytes()).hexdigest()]
    return hashlib.sha256(json.dumps(told, default=str).encode()).hexdigest()


def spoil(folder: Path, files: list[Path], kind: str, dice: random.Random) -> list[tuple[Path, bytes]]:
    """Damage one or two files of a build; return what they held."""
    path = dice.choice(files)
    content = path.read_bytes()
    held = [(path, content)]
    changed = bytearray(content)
    if kind == "flip":
        place = dice.randrange(len(changed))
        changed[place] ^= 1 << dice.randrange(8)
    elif kind == "flips":
        for _ in range(20):
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    elif kind == "truncation":
        del changed[dice.randrange(len(changed)) :]
    elif kind == "zeros":
        start = dice.randrange(0, len(changed), 512)
        changed[start : start + 4096] = bytes(len(changed[start : start + 4096]))
    elif kind == "junk":
        changed += dice.randbytes(dice.randrange(1, 4096))
    elif kind == "swap":
        # of one size if there is one: the size alone does not tell then
        same = [p for p in files if p != path and p.stat().st_size == len(content)] or files
        other = dice.choice([p for p in same if p != path])
        held.append((other, other.read_bytes()))
        other.write_bytes(content)
        changed = bytearray(held[1][1])
    if kind == "missing":
        path.unlink()
    else:
        path.write_bytes(changed)
    return held


def without_digests(folder: Path) -> None:
    """Make a build one of a version that knew no digests."""
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest.pop("digests", None)
    manifest.pop("seal", None)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2), encoding="utf-8")


def outcomes(workspace: Path, seed: int, count: int) -> Iterator[dict[str, str]]:
    """What each damage ended in: ``same``, ``broken``, ``other`` lists, or the name of another error."""
    folder = workspace / "vectors" / str(Workspace(workspace).current_build)
    files = sorted(folder.iterdir())
    whole = lists(workspace)
    dice = random.Random(seed)
    for number in range(count):
        kind = KINDS[number % len(KINDS)]
        held = spoil(folder, files, kind, dice)
        if all(path.exists() and path.read_bytes() == content for path, content in held):
            continue  # it hit what was as it would be
        about = {"kind": kind, "file": held[0][0].name, "number": str(seed * 1_000_000 + number)}
        yield about
        said = ""
        try:
            outcome = "same" if lists(workspace) == whole else "other"
        except WorkspaceBrokenError as error:
            outcome, said = "broken", str(error)
        except Exception as error:  # named, so that the test can tell it
            outcome, said = type(error).__name__, str(error)
        yield about | {"outcome": outcome, "said": said}
        for path, content in held:
            path.write_bytes(content)


if __name__ == "__main__":
    place, first, many = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    if "--without-digests" in sys.argv:
        without_digests(place / "vectors" / str(Workspace(place).current_build))
    for line in outcomes(place, first, many):
        os.write(1, (json.dumps(line) + "\n").encode())
