"""Damages the files of a build in a process of its own, and says what becomes of its lists.

Each damage must end in the lists as they were or in a refusal that names the file; a signal is seen as
such, since it ends the process that reads the build and not the one that counts. Run alone, on a copy of
any workspace that is built: ``python -m tests.model.damage WORKSPACE [--runs 1000] [--without-digests]``.
"""

from __future__ import annotations

import argparse
import collections
import hashlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from mgrec_core.engine.engine import Engine
from mgrec_core.foundation.errors import WorkspaceBrokenError
from mgrec_core.foundation.results import Weights
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import MANIFEST

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("flip", "flips", "truncation", "zeros", "swap", "junk", "missing")


def lists(workspace: Path) -> str:
    """Digest of everything that a build answers: lists in all modes, explanations, interests, vectors."""
    engine = Engine.open(workspace)
    told: list[object] = [engine.user_ids, engine.item_ids, engine.present]
    for user in engine.user_ids[:: max(1, len(engine.user_ids) // 5)]:
        for fusion in ("score", "concat", "vector"):
            ranked = engine.rank(user, k=10, weights=Weights(fusion=fusion))
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


def _each(workspace: Path, seed: int, skip: int, count: int) -> Iterator[dict[str, str]]:
    """Tell each damage, then its end: ``same``, ``broken``, ``other`` lists, or the name of another error."""
    folder = _build(workspace)
    files = sorted(folder.iterdir())
    whole = lists(workspace)
    for number in range(skip, count):
        dice = random.Random(f"{seed} {number}")
        kind = KINDS[number % len(KINDS)]
        held = spoil(folder, files, kind, dice)
        if all(path.exists() and path.read_bytes() == content for path, content in held):
            continue  # it hit what was as it would be
        about = {"kind": kind, "file": held[0][0].name, "number": str(number)}
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


def outcomes(workspace: Path, seed: int, count: int) -> list[dict[str, str]]:
    """What so many damages end in; after a signal the rest goes to a new process."""
    found: list[dict[str, str]] = []
    held = {path: path.read_bytes() for path in _build(workspace).iterdir()}
    started = 0
    while started < count:
        command = [sys.executable, "-m", "tests.model.damage", str(workspace)]
        command += ["--child", str(seed), "--skip", str(started), "--runs", str(count)]
        ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        lines = [json.loads(line) for line in ended.stdout.splitlines()]
        found += [line for line in lines if "outcome" in line]
        if ended.returncode == 0:
            break
        assert lines and "outcome" not in lines[-1], ended.stderr
        found.append(lines[-1] | {"outcome": f"signal {-ended.returncode}", "said": ended.stderr[-500:]})
        started = int(lines[-1]["number"]) + 1
        for path, content in held.items():
            path.write_bytes(content)
    return found


def _build(workspace: Path) -> Path:
    return workspace / "vectors" / str(Workspace(workspace).current_build)


def main() -> int:
    """Count, and print how each kind of damage to each kind of file ended."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("workspace", type=Path)
    parser.add_argument("--runs", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--without-digests", action="store_true", help="as a build of a version before them")
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--skip", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child is not None:
        for line in _each(options.workspace, options.child, options.skip, options.runs):
            os.write(1, (json.dumps(line) + "\n").encode())
        return 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(options.workspace, Path(folder) / "workspace"))
        if options.without_digests:
            without_digests(_build(copy))
        found = outcomes(copy, options.seed, options.runs)
    for by in ("kind", "file"):
        table: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
        for one in found:
            of = one[by] if by == "kind" else re.sub(r"^.*?(\w+\.\w+|manifest\.json)$", r"\1", one[by])
            table[of][one["outcome"]] += 1
        for of, ends in sorted(table.items()):
            print(f"{of:20}", ", ".join(f"{end} {n}" for end, n in sorted(ends.items())))
        print()
    odd = [one for one in found if one["outcome"] not in ("same", "broken")]
    for one in odd:
        print(one["outcome"], one["kind"], one["file"], one["said"][:150])
    print(len(found), "damages,", len(odd), "of them neither refused nor harmless")
    return bool(odd)


if __name__ == "__main__":
    raise SystemExit(main())
