"""mgrec: explainable recommendation from user interests at several granularities.

A tour, on the marketplace that ships with the project:

>>> import pathlib, tempfile
>>> from mgrec_core import Engine, Weights, build, errors, import_data
>>> folder = tempfile.mkdtemp() + "/shop"
>>> report = import_data(folder, "sample_data/marketplace")
>>> manifest, changed = build(folder, with_map=False)
>>> engine = Engine.open(folder)
>>> ranked = engine.rank("U001", k=3, weights={"recent": 0.5})
>>> [item.rank for item in ranked.items]
[1, 2, 3]

A score is the sum of its contributions, and a contribution that of its evidence and a baseline:

>>> first = ranked.items[0]
>>> abs(sum(first.contributions.values()) - first.score) < 1e-5
True
>>> why = engine.explain("U001", first.item_id, weights={"recent": 0.5})
>>> total = sum(e.value for e in why.evidence["recent"]) + why.baseline["recent"]
>>> abs(total - why.contributions["recent"]) < 1e-5
True

Base, preset, fusion mode and α go with the weights, as one object, wherever weights are taken:

>>> asked = Weights({"recent": 0.5}, base="behaviour", preset="equal", fusion="concat")
>>> engine.rank("U001", k=3, weights=asked).base
'behaviour'
>>> list(engine.resolve(asked).values) == list(engine.present)
True

What a person can cause is an error with one readable sentence:

>>> try:
...     engine.rank("nobody")
... except errors.NotFoundError as error:
...     print(str(error).split(" in workspace")[0])
unknown user 'nobody'

:func:`evaluate` measures on held-out events, :func:`tune` learns the weights, :func:`update` and
:func:`forget` change a workspace. The same is there on the command line: ``mgrec --help``.
"""

from __future__ import annotations

from pathlib import Path

import lazy_loader

from mgrec_core.workspace.unfinished import when_unfinished

__version__ = "0.2.0"

# What this package offers is listed in ``__init__.pyi``, once, and loaded on first use: the command line
# and the first page need not wait for what they do not use.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def _finish(folder: Path) -> None:
    from mgrec_core.operations.locking import finish

    finish(folder)


when_unfinished(_finish)
