"""People: who else a user may want to know, by friends in common and interests alike."""

from __future__ import annotations

from pages.ui import layout, targets

targets.show(layout.current_view(), targets.PEOPLE)
