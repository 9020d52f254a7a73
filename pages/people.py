"""People: who else a user may want to know, by friends in common and interests alike."""

from __future__ import annotations

from pages.ui.address.page import Page
from pages.ui.frame import navigation
from pages.ui.targets import listing as targets

PAGE = Page(
    title="People",
    icon="group",
    order=70,
    group="Explore",
    address=("user", "k", "other", "people", "people_base"),
)

targets.show(navigation.current_view(), PAGE.keys, targets.PEOPLE)
