"""People: who else a user may want to know, by friends in common and interests alike."""

from __future__ import annotations

from pages.ui import layout, targets
from pages.ui.targets import Kind

targets.show(
    layout.current_view(),
    Kind(
        target="users",
        noun="person",
        among="people who are no friends yet",
        title="People for user",
        subtitle="Ranked by friends in common and by interests alike; friends are left out.",
        empty="Nobody can be ranked",
        way_out=(
            "Import a social file (user_id, friend_id), or events in which users have items in common, and "
            "build again."
        ),
    ),
)
