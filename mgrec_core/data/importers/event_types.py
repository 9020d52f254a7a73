"""How much one event of a kind says about interest: 0 nothing, 1 as much as an event can."""

from __future__ import annotations

STRENGTHS: dict[str, float] = {
    # shops
    "purchase": 1.0, "buy": 1.0, "order": 1.0, "checkout": 1.0, "reorder": 1.0, "subscribe": 1.0,
    "transaction": 1.0, "cart": 0.6, "add_to_cart": 0.6, "addtocart": 0.6, "basket": 0.6, "wishlist": 0.6,
    "remove_from_cart": 0.0, "return": 0.0, "refund": 0.0, "cancel": 0.0, "unsubscribe": 0.0,
    # opinions
    "rating": 1.0, "rate": 1.0, "review": 0.8, "verified_review": 1.0, "like": 0.8, "favorite": 0.8,
    "favourite": 0.8, "love": 0.8, "upvote": 0.8, "vote": 0.8, "share": 0.8, "repost": 0.8, "recommend": 0.8,
    "save": 0.6, "bookmark": 0.6,
    "dislike": 0.0, "downvote": 0.0, "dismiss": 0.0, "hide": 0.0, "block": 0.0, "report": 0.0, "unlike": 0.0,
    # video, music, news
    "listen": 1.0, "play": 1.0, "watch": 1.0, "stream": 1.0, "complete": 1.0, "finish": 1.0, "download": 0.8,
    "playlist_add": 0.8, "read": 0.8, "open": 0.3, "start": 0.3, "skip": 0.0, "stop": 0.0, "pause": 0.0,
    # social
    "follow": 0.6, "comment": 0.6, "reply": 0.6, "join": 0.6, "visit": 0.3, "unfollow": 0.0,
    # games
    "install": 0.8, "session": 0.6, "level_complete": 0.6, "achievement": 0.6, "in_app_purchase": 1.0,
    "uninstall": 0.0,
    # advertising
    "conversion": 1.0, "lead": 0.8, "signup": 0.8, "click": 0.3, "tap": 0.3, "view": 0.15, "pageview": 0.15,
    "detail": 0.15, "hover": 0.05, "impression": 0.0, "exposure": 0.0,
    # a source that does not say what happened: all its events count alike
    "interaction": 1.0,
}  # fmt: skip

UNKNOWN_STRENGTH = 0.5
