"""The customers of the synthetic shop, their friends, and the interests planted in them."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from catalogue import Item, slug

#: Users a group. The larger the group that a source drives, the more of all choices it explains: this
#: plants the order social, knowledge, behaviour, attribute. `recent` and `collaborative` look at the
#: same histories as the others do and are judged within their groups.
GROUPS = {"social": 72, "knowledge": 60, "behaviour": 48, "attribute": 36, "recent": 48, "collaborative": 36}
#: Share of a user's choices that the source of their group drives, that each other source drives, and
#: (the rest) that popularity does.
DOMINANT, OTHER = 0.7, 0.04
CIRCLE, CLUSTER = 6, 18  # users
CIRCLE_ITEMS, CLUSTER_ITEMS = 30, 40
TRENDS = 4


@dataclass
class User:
    """A customer and what was planted: for each granularity, its weight on every item."""

    user_id: str
    group: str
    age_band: str
    region: str
    strengths: dict[str, float]
    tastes: dict[str, list[float]] = field(default_factory=dict)
    evidence: list[tuple[str, str, str, str]] = field(default_factory=list)  # granularity, kind, id, label


def make_users(rng: random.Random, words: dict[str, Any]) -> list[User]:
    """Make the users of each group, in random order."""
    groups = [group for group, n in GROUPS.items() for _ in range(n)]
    rng.shuffle(groups)
    return [
        User(
            user_id=f"U{i + 1:03}",
            group=group,
            age_band=rng.choice(words["age_bands"]),
            region=rng.choice(words["regions"]),
            strengths={source: DOMINANT if source == group else OTHER for source in GROUPS},
        )
        for i, group in enumerate(groups)
    ]


def parts(rng: random.Random, users: list[User], size: int) -> list[list[User]]:
    """Deal users into parts of about ``size``."""
    users = list(users)
    rng.shuffle(users)
    return [users[i : i + size] for i in range(0, len(users), size)]


def some_items(rng: random.Random, items: list[Item], n: int) -> list[float]:
    """Return weights on ``n`` random items, falling from the first to the last, and 0 elsewhere."""
    weights = [0.0] * len(items)
    for rank, i in enumerate(rng.sample(range(len(items)), n)):
        weights[i] = 1 / (rank + 3) ** 0.5
    return weights


def shelf(in_category: bool, of_brand: bool) -> float:
    """Weigh an item for someone with a favourite category and a favourite brand."""
    return 9.0 if in_category and of_brand else 0.6 * in_category + 0.4 * of_brand


def plant(
    rng: random.Random, users: list[User], items: list[Item], words: dict[str, Any]
) -> list[list[User]]:
    """Decide every user's interests; return the circles of friends."""
    categories, topics, themes = list(words["categories"]), list(words["topics"]), list(words["themes"])
    trends = [(name, rng.sample(words["categories"][name], 4)) for name in rng.sample(categories, TRENDS)]
    for user in users:
        new, nouns = rng.choice(trends)
        old = rng.choice([category for category in categories if category != new])
        brand = rng.choice(sorted({item.brand for item in items if item.category == old}))
        theme, topic = rng.choice(themes), rng.choice(topics)
        user.tastes["attribute"] = [shelf(item.category == old, item.brand == brand) for item in items]
        user.tastes["recent"] = [float(item.category == new and item.noun in nouns) for item in items]
        user.tastes["knowledge"] = [float(item.theme == theme) for item in items]
        user.tastes["behaviour"] = [float(item.topic == topic) for item in items]
        user.evidence += [
            ("attribute", "category", old, old),
            ("attribute", "brand", brand, brand),
            ("recent", "category", new, f"{new}: {', '.join(nouns)}"),
            ("knowledge", "entity", f"theme:{slug(theme)}", theme),
            ("behaviour", "topic", topic, words["topics"][topic]["label"]),
        ]
    # Circles and clusters like the same items for no reason that the catalogue knows: only friends'
    # histories, or the histories of people with the same taste, can tell.
    close = [user for user in users if user.group == "social"]
    circles = parts(rng, close, CIRCLE) + parts(rng, [u for u in users if u.group != "social"], CIRCLE)
    for circle in circles:
        taste = some_items(rng, items, CIRCLE_ITEMS)
        for user in circle:
            user.tastes["social"] = taste
            user.evidence += [("social", "friend", f.user_id, f.user_id) for f in circle if f is not user]
    close = [user for user in users if user.group == "collaborative"]
    clusters = parts(rng, close, CLUSTER) + parts(
        rng, [u for u in users if u.group != "collaborative"], CLUSTER
    )
    for number, cluster in enumerate(clusters, 1):
        taste = some_items(rng, items, CLUSTER_ITEMS)
        for user in cluster:
            user.tastes["collaborative"] = taste
            user.evidence.append(("collaborative", "cluster", f"cluster-{number:02}", f"Cluster {number}"))
    return circles


def make_social(rng: random.Random, circles: list[list[User]], users: list[User]) -> list[list[Any]]:
    """Return friendships: strong within a circle, and some weak ones across."""
    ties: dict[tuple[str, str], float] = {}
    for circle in circles:
        for i, user in enumerate(circle):
            for friend in circle[i + 1 :]:
                ties[user.user_id, friend.user_id] = round(rng.uniform(0.6, 1.0), 2)
    for user in users:
        friend = rng.choice(users)
        if friend is not user and (friend.user_id, user.user_id) not in ties:
            ties.setdefault((user.user_id, friend.user_id), round(rng.uniform(0.05, 0.2), 2))
    return [[user, friend, weight] for (user, friend), weight in sorted(ties.items())]
