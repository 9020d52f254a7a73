"""MovieTweetings: MovieLens' old layout, ids with zeros in front, users without demographics."""

from __future__ import annotations

from tests.data.cases.importing import Brought, case


def test_ids_keep_their_zeros_and_lines_that_cannot_be_read_are_told(tmp_path) -> None:
    folder = case("10-movietweetings/in")
    brought = Brought(folder, tmp_path)
    assert brought.report.format == "movielens"
    rows = [line.split("::") for line in (folder / "ratings.dat").read_text(encoding="utf-8").splitlines()]
    found = brought.rows("SELECT user_id, item_id, rating, epoch(timestamp)::BIGINT FROM events")
    assert sorted(found) == sorted((user, item, float(rating), int(at)) for user, item, rating, at in rows)
    assert any(item.startswith("0") for _, item, _, _ in found)
    films = [line.split("::") for line in (folder / "movies.dat").read_text(encoding="utf-8").splitlines()]
    titles = dict(brought.rows("SELECT item_id, title FROM items WHERE title IS NOT NULL"))
    assert titles == {film: title for film, title, _ in films}
    genres = brought.rows("SELECT item_id, value FROM item_attributes WHERE attribute = 'genre'")
    assert set(genres) == {(film, one) for film, _, found in films for one in found.split("|") if one}
    (users,) = (one for one in brought.report.files if one.file == "users.dat")
    assert users.read == users.rejected == 40 and "malformed_line" in brought.told
