"""One build in memory: its model, its ids and labels, and where each stands in the arrays."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mgrec_core.foundation import log
from mgrec_core.foundation.errors import InputError, NotFoundError, WorkspaceBrokenError
from mgrec_core.foundation.results import GranularityStatus
from mgrec_core.model.model import Model
from mgrec_core.model.store import load_model, statuses
from mgrec_core.workspace.digests import stamp
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import Manifest, way_out


class LoadedBuild:
    """One build of one workspace, open for reading."""

    def __init__(self, workspace: Workspace, manifest: Manifest) -> None:
        self.workspace = workspace
        self.manifest = manifest
        self.build = manifest.build
        folder = workspace.vectors / manifest.build
        parts = (".data", ".indices", ".indptr")  # those of sparse matrices are read into memory
        self._mapped = {p: stamp(p) for p in sorted(folder.glob("*.npy")) if Path(p.stem).suffix not in parts}
        self._model, self.user_ids, self.item_ids, self._labels = load_model(folder, manifest)
        self._users = {u: n for n, u in enumerate(self.user_ids)}
        self._items = {i: n for n, i in enumerate(self.item_ids)}

    @classmethod
    def open(cls, workspace: str | Path) -> Self:
        """Open the current build.

        Raises
        ------
        NotFoundError
            There is no such workspace.
        InputError
            Nothing was imported or built yet.
        WorkspaceBrokenError
            Its files are damaged.
        """
        found = Workspace.open(workspace)
        manifest = found.manifest()
        with log.timed(log.get("engine"), "open", workspace=found.path.name, build=manifest.build):
            return cls(found, manifest)

    @property
    def model_source(self) -> str | None:
        """Name or path of the build's language model; ``None`` is the embedded one."""
        return self.workspace.model_at(self.manifest.model_source)

    @property
    def model(self) -> Model:
        """The model, as long as the files that it is mapped from are what was opened.

        To read a mapped file that somebody has cut off ends the process. A build that was replaced or
        removed as a whole is no such case: what is mapped of it stays.

        Raises
        ------
        WorkspaceBrokenError
            A file was written to since.
        """
        for path, before in self._mapped.items():
            now = stamp(path)
            # another inode is another file; the last time also changes with links and rights
            if now is not None and before is not None and now[0] == before[0] and now[:3] != before[:3]:
                raise WorkspaceBrokenError(f"{path} was changed while it was in use: {way_out(path.parent)}")
        return self._model

    @property
    def statuses(self) -> dict[str, GranularityStatus]:
        """Every granularity in the fixed order, absent ones with their reason."""
        return statuses(self.manifest)

    @property
    def present(self) -> tuple[str, ...]:
        """Present granularities in the fixed order."""
        return self._model.present

    def item_label(self, item_id: str) -> str:
        """Title of an item, or its id where it has none, with what tells it apart from others of that title.

        Raises
        ------
        NotFoundError
            The item is unknown.
        """
        return self._labels[self.item_position(item_id)]

    def told_apart(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Put labels for the titles of a table with the columns item_id and title.

        Items that the build does not have keep their title.
        """
        at = frame["item_id"].map(self._items)
        if at.isna().any():
            titles = frame["title"].to_numpy(dtype=object, copy=True)
            known = at.notna().to_numpy()
            titles[known] = self._label_array[at[known].to_numpy(dtype=np.int64)]
        else:
            titles = self._label_array[at.to_numpy(dtype=np.int64)]
        return frame.assign(title=pd.Series(titles, index=frame.index).astype(frame["title"].dtype))

    @cached_property
    def _label_array(self) -> NDArray[np.object_]:
        return np.array(self._labels, dtype=object)

    def knows_item(self, item_id: str) -> bool:
        """Tell whether the build has this item."""
        return item_id in self._items

    def history_sizes(self, of: str = "users") -> NDArray[np.int64]:
        """Items of every user, or users of every item."""
        seen = self.model.seen
        if users_or_items(of) == "users":
            return np.diff(seen.indptr).astype(np.int64)
        return np.bincount(seen.indices, minlength=seen.shape[1]).astype(np.int64)

    def user_position(self, user_id: str) -> int:
        """Row of a user in every |U| × … array.

        Raises
        ------
        NotFoundError
            The user is unknown.
        """
        try:
            return self._users[user_id]
        except (KeyError, TypeError):
            raise NotFoundError(_unknown("user", user_id, self.workspace.path)) from None

    def item_position(self, item_id: str) -> int:
        """Row of an item in every |I| × … array.

        Raises
        ------
        NotFoundError
            The item is unknown.
        """
        try:
            return self._items[item_id]
        except (KeyError, TypeError):
            raise NotFoundError(_unknown("item", item_id, self.workspace.path)) from None


def users_or_items(of: str) -> str:
    """Refuse what is neither."""
    if of not in ("users", "items"):
        raise InputError(f"vectors of {of!r}: choose users or items")
    return of


def _unknown(what: str, id: object, workspace: Path) -> str:
    if not isinstance(id, str):
        return f"unknown {what} {str(id)[:80]}, which is no text: ids are text, ask for {str(id)[:80]!r}"
    return f"unknown {what} {id[:80]!r} in workspace {workspace}"
