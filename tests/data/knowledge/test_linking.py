"""Names in a graph linked to items, reviewed, decided and written."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from mgrec_core.analysis import graph as browse
from mgrec_core.cli.main import main
from mgrec_core.data.knowledge.linking import find_links
from mgrec_core.foundation.errors import InputError, NotFoundError
from mgrec_core.operations import review
from mgrec_core.operations.importing import import_data
from mgrec_core.workspace.folder import Workspace

TITLES = {
    "1": "Toy Story (1995)", "2": "Toy Story 2 (1999)", "3": "Amélie (2001)", "4": "Heat (1995)",
    "5": "Fast & the Furious, The (2001)", "6": "Solaris (1972)", "7": "Solaris (2002)",
    "8": "<script>alert(1)</script>", "9": "Godfather, The (1972)",
}  # fmt: skip


@pytest.fixture
def labelled(tmp_path: Path) -> Workspace:
    """A workspace whose graph speaks of titles."""
    source = tmp_path / "source"
    source.mkdir()
    files = {
        "interactions": [("user_id", "item_id"), *((f"u{n}", str(1 + n % 9)) for n in range(18))],
        "items": [("item_id", "title"), *TITLES.items()],
        "kg": [
            ("head_id", "relation", "tail_id", "tail_label", "confidence"),
            ("Toy Story", "made_by", "pixar", "Pixar", "0.5"),
            ("Toy Story 2", "made_by", "pixar", "Pixar", ""),
            ("Amelie", "shot_in", "paris", "Paris", "7"),
            ("The Fast and the Furious", "about", "cars", "Cars", "1"),
            ("Solaris", "about", "space", "Space", "1"),
            ("Godfahter", "about", "crime", "Crime", "1"),
            ("Unheard Of", "about", "crime", "Crime", "1"),
        ],
    }
    for name, rows in files.items():
        with (source / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    workspace = Workspace.create(tmp_path / "workspace")
    import_data(workspace, source)
    return workspace


def test_names_find_their_items() -> None:
    names = ["Toy Story", "TOY STORY 2", "Amelie", "The Fast and the Furious", "Heat (1995)", "The Godfather"]
    right = ["1", "2", "3", "5", "4", "9"]
    found = find_links([(name, name) for name in names], TITLES.items())
    accepted = {link.node_id: link.item_id for link in found if link.verdict == "accepted"}
    assert accepted == dict(zip(names, right, strict=True))


def test_what_is_doubtful_is_never_accepted() -> None:
    names = ["Solaris", "Toy Story 3", "Heat (1986)", "Xyz", "Godfahter"]
    found = find_links([(name, name) for name in names], TITLES.items())
    assert all(link.verdict == "review" for link in found)
    by_name = {name: {link.item_id for link in found if link.node_id == name} for name in names}
    assert by_name["Solaris"] == {"6", "7"} and by_name["Xyz"] == set() and by_name["Godfahter"] == {"9"}


def test_misspelt_titles_keep_their_precision() -> None:
    """Each of 300 titles with one letter lost: nothing accepted may be wrong."""
    titles = {str(n): f"{a} {b} {c}" for n, (a, b, c) in enumerate(_words(300))}
    names = [(f"n{n}", title[: 3 + int(n) % 7] + title[4 + int(n) % 7 :]) for n, title in titles.items()]
    accepted = [link for link in find_links(names, titles.items()) if link.verdict == "accepted"]
    right = sum(link.node_id == f"n{link.item_id}" for link in accepted)
    assert right / len(accepted) > 0.99 and len(accepted) > 200


def _words(n: int) -> list[tuple[str, str, str]]:
    first = ["crimson", "hollow", "winter", "silver", "harbour", "lantern"]
    second = ["promise", "engine", "orchard", "mirror", "thunder", "carnival", "kingdom"]
    third = [
        "revisited",
        "underground",
        "forgotten",
        "tomorrow",
        "northbound",
        "awakening",
        "paradox",
        "inheritance",
    ]
    every = [(a, b, c) for a in first for b in second for c in third]
    return every[:n]


def test_the_import_links_and_tells(labelled: Workspace) -> None:
    with labelled.reading() as connection:
        rows = connection.execute(
            "SELECT head_id, relation, tail_id, confidence FROM v_kg WHERE source = 'linked' ORDER BY ALL"
        ).fetchall()
        assert rows == [
            ("1", "made_by", "pixar", 0.49),
            ("2", "made_by", "pixar", 0.98),
            ("3", "shot_in", "paris", 0.98),
            ("5", "about", "cars", 0.98),
        ]
        # The name of a linked item is not an entity beside it.
        assert connection.execute("SELECT count(*) FROM v_kg WHERE head_id = 'Toy Story'").fetchone() == (0,)
        told = dict(
            connection.execute("SELECT rule, count FROM import_reasons WHERE file = 'kg.csv'").fetchall()
        )
    assert told["linked_name"] == 4 and told["name_to_review"] == 2 and told["confidence_out_of_range"] == 1


def test_decide_apply_undo(labelled: Workspace) -> None:
    before = labelled.meta()["data_fingerprint"]
    review.decide(labelled, [("Solaris", "7", "accepted"), ("Godfahter", "9", "rejected")])
    held = {(c.node_id, c.item_id): c.verdict for c in review.candidates(labelled)}
    assert held[("Solaris", "7")] == "accepted" and held[("Solaris", "6")] == "rejected"
    assert review.apply(labelled) == 3 and review.apply(labelled) == 0
    with browse.graph(labelled) as connection:
        assert browse.neighbourhood(connection, "7").triples["tail"].tolist() == ["Space"]
    assert labelled.meta()["data_fingerprint"] != before
    assert review.undo(labelled) == ("Godfahter", "9", "rejected")
    assert review.undo(labelled) == ("Solaris", "7", "accepted") and review.undo(labelled) is None
    assert review.apply(labelled) == 3
    assert labelled.meta()["data_fingerprint"] == before


def test_wrong_decisions_are_refused(labelled: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no candidate"):
        review.decide(labelled, [("Solaris", "1", "accepted")])
    with pytest.raises(InputError, match="none of"):
        review.decide(labelled, [("Solaris", "7", "maybe")])
    (tmp_path / "no.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="no column item_id"):
        review.read_csv(labelled, tmp_path / "no.csv")


def test_the_command(labelled: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> dict:
        assert main(["kg", *arguments, "--workspace", str(labelled.path), "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    whole = run()
    assert whole["triples"] == 7 and whole["to_review"] == 2
    assert {row["source"] for row in whole["relations"]} == {"given", "linked"}
    table = tmp_path / "links.csv"
    assert run("link", "--export", str(table))["exported"] == 7
    rows = table.read_text(encoding="utf-8").splitlines()
    changed = [
        row.replace("review,rule", "accepted,me") if row.startswith("Godfahter") else row for row in rows
    ]
    table.write_text("\n".join(changed), encoding="utf-8")
    read = run("link", "--import", str(table))
    assert (read["decided"], read["changed"]) == (1, 1)
    assert {row["tail"] for row in run("--entity", "9")["triples"]} == {"Crime"}
    linked = run("link", "--accept", "Solaris", "6")
    assert linked["changed"] == 2 and linked["counts"] == {"accepted": 6, "review": 0, "rejected": 1}
    assert run("link", "--undo")["counts"]["review"] == 2
    assert run("link", "--accept", "Solaris", "6")["counts"]["review"] == 0
    assert {row["tail"] for row in run("--entity", "6")["triples"]} == {"Space"}
    assert main(["kg", "--entity", "nowhere", "--workspace", str(labelled.path)]) == 2
    assert main(["kg", "--undo", "--workspace", str(labelled.path)]) == 2


def _mixed(folder: Path) -> Workspace:
    """A graph that speaks of item ids, but for one name; a category is called like an item."""
    source = folder / "mixed"
    source.mkdir()
    files = {
        "interactions": "user_id,item_id\nu,1\nu,2\nv,1\n",
        "items": "item_id,title\n1,Bread\n2,Ice\n3,Tea\n",
        "kg": "head_id,relation,tail_id,tail_label\n"
        "1,in,category:bread,Bread\n2,in,category:frozen,Frozen\n"
        "category:bread,part_of,department:food,Food\ncategory:frozen,part_of,department:food,Food\n"
        "Tea,goes_with,category:bread,Bread\n",
    }
    for name, rows in files.items():
        (source / f"{name}.csv").write_text(rows, encoding="utf-8")
    workspace = Workspace.create(folder / "mixed-workspace")
    import_data(workspace, source)
    return workspace


def test_a_hierarchy_over_item_ids_is_not_linked_by_itself(tmp_path: Path) -> None:
    """Three of five heads are no items, yet two of three roots are."""
    workspace = _mixed(tmp_path)
    assert review.candidates(workspace) == []
    with browse.graph(workspace) as connection:
        assert browse.neighbourhood(connection, "category:bread").total == 3


def test_names_can_be_linked_where_most_roots_are_items(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = _mixed(tmp_path)
    before = workspace.meta()["data_fingerprint"]
    assert main(["kg", "--all", "--workspace", str(workspace.path)]) == 2
    capsys.readouterr()
    assert main(["kg", "link", "--all", "--workspace", str(workspace.path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["linked"] == said["counts"]["accepted"] == 2
    assert workspace.meta()["data_fingerprint"] != before
    assert [path.name for path in workspace.path.glob("*.part*")] == []
    # The category was taken for the item: a person puts that right, and it stays right.
    review.decide(workspace, [("category:bread", "1", "rejected")])
    assert review.link_all(workspace) == 2
    with workspace.reading() as connection:
        rows = connection.execute("SELECT head_id, tail_id FROM kg WHERE source = 'linked'").fetchall()
    assert rows == [("3", "category:bread")], "and no item is linked to itself"
