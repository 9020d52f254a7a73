"""Advertisements: which campaigns and coupons suit a user, by their products and by who took them up."""

from __future__ import annotations

from pages.ui.address.page import Page
from pages.ui.frame import navigation
from pages.ui.targets import listing as targets

PAGE = Page(
    title="Advertisements",
    icon="sell",
    order=80,
    group="Explore",
    address=("user", "k", "other", "ads", "ads_base", "on"),
)

targets.show(navigation.current_view(), PAGE.keys, targets.ADS)
