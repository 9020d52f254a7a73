"""Documents of many users: ended at any moment they are whole, and go on where they were."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mgrec_core import Engine, Weights
from mgrec_core.export.kinds.user import user_document
from mgrec_core.export.many import INDEX, write_many
from mgrec_core.export.provenance import Origin
from mgrec_core.export.writing import formats_of
from mgrec_core.foundation.errors import NotFoundError
from tests.export.conftest import DAY

USERS = [f"U{n:03}" for n in range(5)]


def write(engine: Engine, folder: Path, formats: str = "html", **weights: float) -> dict[str, object]:
    origin = Origin.of(engine, Weights(weights), made=DAY)
    return write_many(origin, USERS, folder, formats_of(formats.split(",")), k=2)


def test_what_is_there_is_kept(library: Engine, folder: Path) -> None:
    told = write(library, folder)
    assert (told["written"], told["kept"]) == (5, 0)
    assert len(list(folder.glob("user-*.html"))) == 5
    assert write(library, folder)["kept"] == 5
    (folder / "user-U003_library.html").unlink()
    assert write(library, folder)["written"] == 1
    assert write(library, folder, "json,html")["written"] == 5, "another format"
    assert write(library, folder, "json")["written"] == 0


def test_they_are_the_documents_of_one_user(library: Engine, folder: Path) -> None:
    write(library, folder, "json")
    for user in USERS:
        mine = user_document(Origin.of(library, Weights(), made=DAY), user, 2).to_dict()
        held = json.loads((folder / f"user-{user}_library.json").read_text(encoding="utf-8"))
        assert held["head"] == json.loads(json.dumps(mine["head"]))
        for one, other in zip(held["ranked"]["items"], mine["ranked"]["items"], strict=True):
            assert one["item_id"] == other["item_id"]
            assert one["score"] == pytest.approx(other["score"], abs=1e-5)
            assert sum(one["contributions"].values()) == pytest.approx(one["score"], abs=1e-5)
        assert [e["item_id"] for e in held["explanations"]] == [i["item_id"] for i in held["ranked"]["items"]]


def test_other_weights_make_them_anew(library: Engine, folder: Path) -> None:
    write(library, folder)
    before = (folder / "user-U001_library.html").read_bytes()
    assert write(library, folder, social=0.5)["written"] == 5
    assert (folder / "user-U001_library.html").read_bytes() != before
    assert write(library, folder)["written"] == 5, "and back"


def test_it_goes_on_after_it_was_ended(library: Engine, folder: Path) -> None:
    class Stop(Exception):
        pass

    def stop(stage: str, done: int, total: int, detail: str = "") -> None:
        if done == 3:
            raise Stop

    origin = Origin.of(library, None, made=DAY)
    with pytest.raises(Stop):
        write_many(origin, USERS, folder, formats_of(["html"]), k=2, progress=stop)
    assert len(list(folder.glob("user-*.html"))) == 3 and not list(folder.glob("*.part"))
    with (folder / INDEX).open("a") as file:
        file.write('{"user_id": "U00')  # the command was killed in the middle of a line
    told = write_many(origin, USERS, folder, formats_of(["html"]), k=2)
    assert (told["written"], told["kept"]) == (2, 3)


def test_a_stranger_stops_it_before_it_begins(library: Engine, folder: Path) -> None:
    with pytest.raises(NotFoundError, match="nobody"):
        write_many(Origin.of(library, None), ["U001", "nobody"], folder, formats_of(["html"]))
    assert not folder.exists()
