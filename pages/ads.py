"""Advertisements: which campaigns and coupons suit a user, by their products and by who took them up."""

from __future__ import annotations

from pages.ui import layout, targets

targets.show(layout.current_view(), targets.ADS)
