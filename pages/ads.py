"""Advertisements: which campaigns and coupons suit a user, by their products and by who took them up."""

from __future__ import annotations

from pages.ui import layout, targets
from pages.ui.targets import Kind

targets.show(
    layout.current_view(),
    Kind(
        target="ads",
        noun="ad",
        among="advertisements the user may still take up",
        title="Advertisements for user",
        subtitle="Ranked by their products, their own attributes and who took them up.",
        empty="This workspace has no advertisements",
        way_out=(
            "Import a folder with ads (ad_id, title, starts, ends), ad_items (ad_id, item_id) and ad_events "
            "(user_id, ad_id, kind), and build again."
        ),
    ),
)
