"""What the views mean, for people who write queries; and queries to begin with."""

from __future__ import annotations

VIEWS: dict[str, tuple[str, dict[str, str]]] = {
    "v_events": (
        "One row an event",
        {
            "event_id": "number, in the order of the cleaned source",
            "user_id": "who",
            "item_id": "what",
            "event": "kind: purchase, click, rating …",
            "weight": "amount of the source, empty for 1",
            "rating": "on the source's own scale",
            "timestamp": "UTC",
            "session_id": "session of the source",
            "role": "use, opinion, or shown: what was only shown is no part of a history",
            "signal": "what the event says, −1 against to 1 for: its rating on the user's scale, or its kind",
            "amount": "what it counts: the signal, for what was done times its size",
        },
    ),
    "v_pairs": (
        "One row a user and item with interest",
        {
            "user_id": "who",
            "item_id": "what",
            "amount": "what the events say together",
            "n_events": "how many events",
            "last_time": "time of the newest event, UTC",
            "rating": "the rating that counts, by default the last",
            "strength": "in (0, 1], the user's strongest pair has 1",
        },
    ),
    "v_history": (
        "One row a user and item with more than impressions",
        {
            "user_id": "who",
            "item_id": "what",
            "amount": "what the events say together, below 0 against the item",
            "n_events": "how many events",
            "last_time": "time of the newest event, UTC",
            "rating": "the rating that counts, by default the last",
            "signal": "in [−1, 1], the user's strongest pair has 1 or −1",
            "liked": "whether the pair counts as a hit by default",
        },
    ),
    "v_seen": ("Pairs that are not recommended again", {"user_id": "who", "item_id": "what"}),
    "v_recency": (
        "Age of a pair in the user's history",
        {
            "user_id": "who",
            "item_id": "what",
            "last_time": "time of the newest event, UTC",
            "age": "in items: 0 is the newest, those of one moment share the mean",
        },
    ),
    "v_users": (
        "One row a user",
        {
            "user_id": "who",
            "n_items": "items in the history",
            "n_events": "events",
            "last_time": "time of the newest event, UTC",
        },
    ),
    "v_items": (
        "One row an item",
        {
            "item_id": "what",
            "title": "title, empty where there is none",
            "description": "description",
            "label": "title, else the id",
            "n_users": "users with interest",
        },
    ),
    "v_item_values": (
        "Attribute values as the granularity uses them",
        {
            "item_id": "what",
            "attribute": "such as genre; tag for tags",
            "value": "value, numbers in five bands",
            "n": "users who gave a tag, else 1",
        },
    ),
    "v_item_words": (
        "Words of items, without URLs, names of files, markup and hashes",
        {
            "item_id": "whose",
            "role": "title, description, attribute, list or text",
            "attribute": "such as genre; NULL for the first two",
            "words": "what it says, values joined by commas",
        },
    ),
    "v_item_parts": (
        "What the texts of items are made of",
        {
            "item_id": "what",
            "title": "its title",
            "attributes": "all attributes, each with its name",
            "description": "its description and further texts",
        },
    ),
    "v_item_text": (
        "What the language model reads",
        {"item_id": "what", "text": "title, attributes and description"},
    ),
    "v_item_images": (
        "Pictures of items",
        {"item_id": "what", "url": "where the picture is"},
    ),
    "v_columns": (
        "What each attribute column is taken to be",
        {
            "owner": "item or user",
            "name": "the column",
            "role": "attribute, list, number, text, date, url, image, id or ignore",
            "separator": "what its cells were split at besides |",
            "decided": "guess or person",
            "why": "what speaks for the role",
        },
    ),
    "v_kg": (
        "Edges of the knowledge graph",
        {
            "head_id": "item or entity",
            "relation": "kind of edge",
            "tail_id": "entity or item",
            "tail_label": "name of the tail",
            "source": "what the source says of itself, 'given', or the rule that made the edge",
            "confidence": "in (0, 1]; multiplies the paths through the edge",
            "offered": "whether its rule is off unless a build's options name it",
            "rule": "'given', or the rule that made the edge",
            "head_is_item": "whether the head is an item",
            "tail_is_item": "whether the tail is an item",
        },
    ),
    "v_social": (
        "Friendships, both ways",
        {"user_id": "who", "friend_id": "friend", "strength": "tie in (0, 1]"},
    ),
    "v_user_attributes": (
        "Attributes of users",
        {"user_id": "who", "attribute": "such as age", "value": "value"},
    ),
    "v_item_attributes": (
        "Attributes of items as the source has them",
        {"item_id": "what", "attribute": "such as genre", "value": "value"},
    ),
    "v_tags": (
        "Tags that users gave",
        {"user_id": "who", "item_id": "what", "tag": "word", "timestamp": "UTC"},
    ),
    "v_feedback": (
        "Feedback that came with the data",
        {"user_id": "who", "item_id": "what", "kind": "like, dislike …", "timestamp": "UTC"},
    ),
    "v_ads": (
        "One row an advertisement: campaign, coupon or banner",
        {
            "ad_id": "which ad",
            "label": "title, else the id",
            "starts": "UTC, empty where open or not known",
            "ends": "UTC, empty where open or not known",
            "n_items": "products it is for",
            "n_redeemed": "users who redeemed it",
            "n_shown": "users it was shown to",
        },
    ),
    "v_ad_items": ("Products that an ad is for", {"ad_id": "which ad", "item_id": "product"}),
    "v_ad_values": (
        "Attributes of ads",
        {"ad_id": "which ad", "attribute": "such as campaign", "value": "value"},
    ),
    "v_ad_events": (
        "What users did with ads",
        {"user_id": "who", "ad_id": "which ad", "kind": "shown, clicked, redeemed", "timestamp": "UTC"},
    ),
}
"""Meaning of each view and of its columns."""

EXAMPLES: dict[str, str] = {
    "Most active users": "SELECT user_id, n_items, n_events\nFROM v_users\nORDER BY n_events DESC\nLIMIT 50",
    "Most used items": "SELECT item_id, label, n_users\nFROM v_items\nORDER BY n_users DESC\nLIMIT 50",
    "Events by month": (
        "SELECT date_trunc('month', timestamp) AS month, count(*) AS events\n"
        "FROM v_events\nWHERE timestamp IS NOT NULL\nGROUP BY ALL\nORDER BY month"
    ),
    "Kinds of event": "SELECT event, count(*) AS events\nFROM v_events\nGROUP BY ALL\nORDER BY events DESC",
    "Users with one item": "SELECT user_id\nFROM v_users\nWHERE n_items = 1",
    "Ads by redemptions": (
        "SELECT label, n_shown, n_redeemed, round(n_redeemed / nullif(n_shown, 0), 3) AS rate\nFROM v_ads\n"
        "ORDER BY n_redeemed DESC\nLIMIT 50"
    ),
    "Common attribute values": (
        "SELECT attribute, value, count(DISTINCT item_id) AS items\nFROM v_item_values\n"
        "GROUP BY ALL\nORDER BY items DESC\nLIMIT 50"
    ),
}
"""Names and statements."""
