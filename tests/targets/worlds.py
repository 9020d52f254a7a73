"""Worlds for the tests of people and advertisements."""

from __future__ import annotations

import random
from pathlib import Path

from tests.worlds import World

CIRCLES = 6


def circles(n: int = 48, seed: int = 5) -> World:
    """Users in circles who know most of each other and like the same kind of thing."""
    r = random.Random(seed)
    events, social = [], []
    for u in range(n):
        circle = u % CIRCLES
        liked = [i for i in range(60) if i % CIRCLES == circle]
        for n_th, i in enumerate(r.sample(liked, 6) + r.sample(range(60), 2)):
            events.append((f"u{u:02}", f"i{i:02}", "click", None, None, f"2025-01-{n_th + 1:02}", None))
        for v in range(u + 1, n):
            if v % CIRCLES == circle and r.random() < 0.7:
                social.append((f"u{u:02}", f"u{v:02}", 1.0))
    items = tuple((f"i{i:02}", f"thing {i % CIRCLES} {i}", None) for i in range(60))
    return World(events=tuple(dict.fromkeys(events)), items=items, social=tuple(social))


def write_ads(folder: Path, *, n: int = 60, seed: int = 2) -> Path:
    """A canonical folder where each user redeems coupons of products of their own kind.

    Kind k of 4 is told by the products' category; ad a of 16 is for three products of kind a % 4.
    """
    r = random.Random(seed)
    folder.mkdir(parents=True)
    items = ["item_id,title,category"] + [f"i{i:02},kind{i % 4} product {i},kind{i % 4}" for i in range(48)]
    events = ["user_id,item_id,event,timestamp"]
    redeemed = ["user_id,ad_id,kind,timestamp"]
    for u in range(n):
        liked = [i for i in range(48) if i % 4 == u % 4]
        for day, i in enumerate(r.sample(liked, 6) + r.sample(range(48), 2)):
            events.append(f"u{u:02},i{i:02},purchase,2025-01-{day + 1:02}")
        for a in range(16):
            redeemed.append(f"u{u:02},a{a:02},shown,2025-01-01")
            if r.random() < (0.6 if a % 4 == u % 4 else 0.03):
                redeemed.append(f"u{u:02},a{a:02},redeemed,2025-02-{r.randint(1, 28):02}")
    ads = ["ad_id,title,starts,ends,campaign"]
    ads += [f"a{a:02},Coupon {a},2025-01-01,2025-03-01,{'AB'[a % 2]}" for a in range(16)]
    pairs = ["ad_id,item_id"]
    pairs += [
        f"a{a:02},i{i:02}" for a in range(16) for i in (a % 4 + 4 * ((a // 4) * 3 + j) for j in range(3))
    ]
    files = {"items": items, "interactions": events, "ads": ads, "ad_items": pairs, "ad_events": redeemed}
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder
