"""Generate a small synthetic shop with planted interests.

Nothing here is real: no person, product, brand or price. What each user is interested in is decided
first and written to ``planted.csv``; the events are then drawn from it, so that a test can check
that what was planted is found. Only the standard library is used, and the same seed gives the same
bytes::

    python sample_data/marketplace/generate.py [FOLDER] [--seed N]
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from catalogue import Item, make_items, make_kg
from people import User, make_social, make_users, plant

HERE = Path(__file__).parent
SEED = 1
START, DAYS = datetime(2025, 1, 1, tzinfo=UTC), 181
SHIFTED = 0.5  # share of a user's sessions after the shift of taste
EVENTS = ("view", "click", "cart", "purchase")
#: Chance of going from one kind of event to the next, for an item chosen for an interest or by chance.
FUNNEL = {True: (0.6, 0.55, 0.7), False: (0.35, 0.3, 0.4)}


def shop(rng: random.Random, user: User, items: list[Item]) -> tuple[list[list[Any]], set[int]]:
    """Let a user shop; return their events and the items chosen for an interest."""
    popularity = [item.popularity for item in items]
    n_sessions = rng.randint(6, 11)
    shift = round(n_sessions * (1 - SHIFTED))
    days = sorted(rng.sample(range(DAYS), n_sessions))
    chosen: set[int] = set()
    wanted: set[int] = set()
    rows: list[list[Any]] = []
    for session, day in enumerate(days):
        time = START + timedelta(days=day, seconds=rng.randrange(7 * 3600, 22 * 3600))
        strengths = dict(user.strengths)
        if session < shift:  # before the shift the old taste has its place
            strengths["attribute"] += strengths.pop("recent")
        names = [*strengths, "popularity"]
        shares = [*strengths.values(), 1 - sum(strengths.values())]
        for _ in range(rng.randint(2, 4)):
            source = rng.choices(names, shares)[0]
            left = [p * (i not in chosen) for i, p in enumerate(popularity)]
            weights = (
                [w * t for w, t in zip(left, user.tastes[source], strict=True)]
                if source in user.tastes
                else left
            )
            if not any(weights):  # they have bought all that this interest offers
                source, weights = "popularity", left
            i = rng.choices(range(len(items)), weights)[0]
            chosen.add(i)
            interest = source != "popularity"
            if interest:
                wanted.add(i)
            for event, chance in zip(EVENTS, (1.0, *FUNNEL[interest]), strict=True):
                if rng.random() >= chance:
                    break
                quantity = rng.choice([1, 1, 1, 2, 3]) if event == "purchase" else ""
                stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ")
                rows.append(
                    [
                        user.user_id,
                        items[i].item_id,
                        event,
                        quantity,
                        stamp,
                        f"{user.user_id}-{session + 1:02}",
                    ]
                )
                time += timedelta(seconds=rng.randint(8, 240))
    return rows, wanted


def make_feedback(
    rng: random.Random, user: User, rows: list[list[Any]], wanted: set[int], items: list[Item]
) -> list[list[Any]]:
    """Return what a user did with lists shown to them: what they wanted, and what they waved away."""
    seen = {row[1] for row in rows}
    last = max(row[4] for row in rows)
    liked = [items[i].item_id for i in sorted(wanted)]
    other = [item.item_id for item in items if item.item_id not in seen]
    kinds = ["click", "purchase", "like"]
    answers = [
        [user.user_id, item, rng.choice(kinds), last] for item in rng.sample(liked, min(2, len(liked)))
    ]
    return [*answers, [user.user_id, rng.choice(other), "dismiss", last]]


def write(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    """Write a CSV file, packed where its name ends in .gz; the same rows give the same bytes."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    content = out.getvalue().encode()
    path.write_bytes(gzip.compress(content, compresslevel=9, mtime=0) if path.suffix == ".gz" else content)


def generate(folder: Path, seed: int = SEED) -> None:
    """Write all files of the shop into a folder, made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    words = json.loads((HERE / "vocabulary.json").read_text(encoding="utf-8"))
    rng = random.Random(seed)
    items, users = make_items(rng, words), make_users(rng, words)
    circles = plant(rng, users, items, words)
    events: list[list[Any]] = []
    feedback: list[list[Any]] = []
    for user in users:
        rows, wanted = shop(rng, user, items)
        events += rows
        feedback += make_feedback(rng, user, rows, wanted, items)

    write(
        folder / "interactions.csv.gz",
        ["user_id", "item_id", "event", "weight", "timestamp", "session_id"],
        events,
    )
    write(
        folder / "items.csv",
        ["item_id", "title", "description", "category", "brand", "price", "tags"],
        [
            [i.item_id, i.title, i.description, i.category, i.brand, f"{i.price:.2f}", "|".join(i.tags)]
            for i in items
        ],
    )
    write(
        folder / "users.csv",
        ["user_id", "age_band", "region"],
        [[u.user_id, u.age_band, u.region] for u in users],
    )
    write(folder / "kg.csv", ["head_id", "relation", "tail_id", "tail_label"], make_kg(items, words))
    write(folder / "social.csv", ["user_id", "friend_id", "weight"], make_social(rng, circles, users))
    write(folder / "feedback.csv", ["user_id", "item_id", "kind", "timestamp"], feedback)
    write(
        folder / "planted_items.csv",
        ["item_id", "topic", "theme"],
        [[i.item_id, i.topic, i.theme] for i in items],
    )
    write(
        folder / "planted.csv",
        ["user_id", "group", "granularity", "kind", "id", "label", "strength"],
        [
            [u.user_id, u.group, g, kind, key, label, u.strengths[g]]
            for u in users
            for g, kind, key, label in u.evidence
        ],
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=HERE)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    generate(options.folder, options.seed)


if __name__ == "__main__":
    main()
