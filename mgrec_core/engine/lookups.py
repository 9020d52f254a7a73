"""What the tables say of the users and items of one build."""

from __future__ import annotations

import pandas as pd

from mgrec_core.data.signals.variants import UserEvents
from mgrec_core.engine.loaded import LoadedBuild, users_or_items
from mgrec_core.engine.relations import with_relations
from mgrec_core.engine.tables import Tables
from mgrec_core.foundation.explanation import Evidence
from mgrec_core.foundation.results import UserProfile
from mgrec_core.model.config import Config
from mgrec_core.model.store import LINKS
from mgrec_core.workspace.folder import Workspace
from mgrec_core.workspace.manifest import Manifest


class TableLookups(LoadedBuild):
    """A build beside the tables it was made from."""

    def __init__(self, workspace: Workspace, manifest: Manifest) -> None:
        super().__init__(workspace, manifest)
        self._tables = Tables(workspace)

    def history(self, user_id: str) -> pd.DataFrame:
        """A user's items: item_id, title, n_events, strength, rating, last_time; newest first."""
        self.user_position(user_id)
        return self.told_apart(self._tables.history(user_id))

    def user_events(self, user_id: str) -> UserEvents:
        """A user's events, item by item, to be weighed anew without some of them."""
        self.user_position(user_id)
        return self._tables.user_events(user_id)

    def profile(self, user_id: str) -> UserProfile:
        """Counts, times and attributes of a user."""
        self.user_position(user_id)
        return self._tables.profile(user_id)

    def item_attributes(self, item_id: str) -> dict[str, str]:
        """All attributes of an item, several values joined by commas."""
        self.item_position(item_id)
        return self._tables.item_attributes(item_id)

    def item_text(self, item_id: str) -> str:
        """What the language model reads of an item; empty where it has no text."""
        self.item_position(item_id)
        config = Config.of_build(self.manifest.config)
        return self._tables.item_text(item_id, config.language.template)

    def attribute_values(self, of: str) -> pd.DataFrame:
        """All attribute values of users or items, one a row: id, attribute, value."""
        return self._tables.attribute_values(users_or_items(of))

    def users_frame(self) -> pd.DataFrame:
        """All users: user_id, n_items, n_events, last_time and one column an attribute."""
        return self._tables.users()

    def items_frame(self) -> pd.DataFrame:
        """All items: item_id, title, n_users and one column an attribute (its first value)."""
        return self.told_apart(self._tables.items())

    def _related(self, evidence: tuple[Evidence, ...], item_id: str) -> tuple[Evidence, ...]:
        """Entities of the knowledge graph with the relations that lead to them from items."""
        items = {item_id} | {way.id for e in evidence for way in e.through if way.id}
        entities = [e.id for e in evidence if e.through]
        if not entities:
            return evidence
        links = self.workspace.vectors / self.build / LINKS
        rules = self.manifest.config.get("knowledge", {}).get("rules")
        edges, names = self._tables.edges(items, entities, rules, links if links.is_file() else None)
        return with_relations(evidence, item_id, edges, names)
