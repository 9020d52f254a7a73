"""Kinds of events by their words, in any spelling."""

from __future__ import annotations

import pytest

from mgrec_core.data.signals.kinds import Kind, is_kind, kind_of, words

AGAINST = (
    "thumbs_down", "Thumbs Down", "not_interested", "dislike", "DISLIKED", "refunded", "product_returned",
    "cancelled", "unsubscribed", "swipe_left", "remove_from_cart", "Product Removed", "skipped", "uninstall",
    "gefällt mir nicht", "je n'aime pas", "no me gusta",
    "不喜欢",
    "不感兴趣", "退款", "取消收藏", "storniert", "Storno",
    "down", "Thumb down", "devolución", "devolucion", "anulación", "reembolso", "disliked", "No me gusta",
    "Rücksendung", "Daumen nach unten", "👎", "👎🏽", "undo like",
)  # fmt: skip
SAME = {
    "view": (
        "page_view",
        "pv",
        "view_item",
        "product viewed",
        "Product Viewed",
        "pageviews",
        "浏览",
        "vista",
    ),
    "add_to_cart": ("Add To Cart", "add to cart", "addtocart", "AddToCart", "加购", "Warenkorb"),
    "purchase": ("purchased", "buy", "bought", "Order Completed", "orders", "transaction", "Kauf", "购买"),
    "impression": ("impressions", "Exposure", "view_item_list", "展示"),
    "like": ("liked", "likes", "thumbs up", "Thumb up", "up", "me gusta", "gefällt mir", "点赞"),
}


@pytest.mark.parametrize("kind", AGAINST)
def test_words_against_are_no_interest(kind: str) -> None:
    assert kind_of(kind).known and kind_of(kind).strength < 0


@pytest.mark.parametrize(("kind", "spelling"), [(one, said) for one in SAME for said in SAME[one]])
def test_a_kind_is_known_in_every_spelling(kind: str, spelling: str) -> None:
    assert kind_of(spelling) == kind_of(kind)


def test_every_known_word_is_known_as_it_is_written() -> None:
    assert all(is_kind(word) and -1 <= kind_of(word).strength <= 1 for word in words())


@pytest.mark.parametrize("kind", ["frobnicated", "", "-", "42", "\u0000", "a" * 10_000])
def test_what_is_not_known_has_an_assumed_strength(kind: str) -> None:
    assert kind_of(kind) == Kind(0.5, "use", False)
