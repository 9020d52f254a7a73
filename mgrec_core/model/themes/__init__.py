"""Themes: a user's evidence of a granularity, fallen into a few named interests."""

from __future__ import annotations

from mgrec_core.model.themes.grouping import Grouping
from mgrec_core.model.themes.naming import Signs, signs_of
from mgrec_core.model.themes.themes import Halves, halves_of, themes_of

__all__ = ["Grouping", "Halves", "Signs", "halves_of", "signs_of", "themes_of"]
