"""The products of the synthetic shop and what its knowledge graph says about them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

N_ITEMS = 500


@dataclass
class Item:
    """A product and what of it the sources can see."""

    item_id: str
    title: str
    description: str
    category: str
    noun: str
    brand: str
    price: float
    tags: list[str]
    topic: str
    collection: str
    theme: str
    popularity: float


def slug(text: str) -> str:
    """Return the text as part of an entity id."""
    return "-".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def balanced(rng: random.Random, values: list[Any], n: int) -> list[Any]:
    """Return ``n`` values in random order, each about equally often."""
    dealt = [values[i % len(values)] for i in range(n)]
    rng.shuffle(dealt)
    return dealt


def make_items(rng: random.Random, words: dict[str, Any]) -> list[Item]:
    """Make the catalogue: category, brand, topic and collection are independent of each other."""
    categories, brands, topics = list(words["categories"]), list(words["brands"]), list(words["topics"])
    theme_of = {name: theme for theme, names in words["themes"].items() for name in names}
    makers = {c: [b for i, b in enumerate(brands) if (i + k) % 5 < 2] for k, c in enumerate(categories)}
    level = {brand: rng.uniform(0.7, 1.6) for brand in brands}
    n = N_ITEMS // len(categories)
    dealt_topics = balanced(rng, topics, N_ITEMS)
    collections = balanced(rng, list(theme_of), N_ITEMS)
    ranks = list(range(N_ITEMS))
    rng.shuffle(ranks)
    items: list[Item] = []
    titles: set[str] = set()
    for category in categories:
        for brand in balanced(rng, makers[category], n):
            i = len(items)
            topic = words["topics"][dealt_topics[i]]
            while True:
                noun = rng.choice(words["categories"][category])
                title = f"{brand} {rng.choice(topic['words'])} {noun}"
                if rng.random() < 0.3 or title in titles:
                    title += f", {rng.choice(['Black', 'Sand', 'Moss Green', 'Ivory', 'Rust', 'Slate Blue'])}"
                if title not in titles:
                    break
            titles.add(title)
            items.append(
                Item(
                    item_id=f"P{i + 1:04}",
                    title=title,
                    description=" ".join(rng.sample(topic["lines"], 2)),
                    category=category,
                    noun=noun,
                    brand=brand,
                    price=round(words["price"][category] * level[brand] * rng.lognormvariate(0, 0.35)) + 0.95,
                    tags=sorted(rng.sample(words["tags"], rng.randint(1, 3))),
                    topic=dealt_topics[i],
                    collection=collections[i],
                    theme=theme_of[collections[i]],
                    popularity=1 / (ranks[i] + 10) ** 0.6,
                )
            )
    return items


def make_kg(items: list[Item], words: dict[str, Any]) -> list[list[str]]:
    """Return the knowledge graph: product → brand → country, product → collection → theme."""
    rows = []
    for item in items:
        rows.append([item.item_id, "made_by", f"brand:{slug(item.brand)}", item.brand])
        rows.append([item.item_id, "part_of", f"collection:{slug(item.collection)}", item.collection])
    for brand, country in words["brands"].items():
        rows.append([f"brand:{slug(brand)}", "based_in", f"country:{slug(country)}", country])
    for theme, names in words["themes"].items():
        for name in names:
            rows.append([f"collection:{slug(name)}", "has_theme", f"theme:{slug(theme)}", theme])
    return rows
