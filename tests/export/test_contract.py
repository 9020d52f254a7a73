"""What every export format must do, whoever declares it."""

from __future__ import annotations

from pathlib import Path

import pytest

from mgrec_core import Engine
from mgrec_core.export import FORMATS
from mgrec_core.export.writing import results_of, write_export

README = Path(__file__).resolve().parents[2] / "README.md"


@pytest.fixture(params=FORMATS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_there_are_formats() -> None:
    assert {"json", "csv", "html", "md"} <= set(FORMATS)
    (line,) = [
        line for line in README.read_text(encoding="utf-8").splitlines() if "mgrec_core export " in line
    ]
    assert set(line.rpartition("--format ")[2].split(",")) == set(FORMATS)


def test_it_writes_files_named_after_the_user_the_same_every_time(
    name: str, shop: Engine, tmp_path: Path
) -> None:
    first, second = (write_export(shop, "U001", tmp_path / part, [name], k=2) for part in "ab")
    assert first and {path.name for path in first} == {path.name for path in (tmp_path / "a").iterdir()}
    assert all(path.name.startswith("user-U001") and path.stat().st_size for path in first)
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_its_files_are_its_own(name: str, shop: Engine) -> None:
    results = results_of(shop, "U001", 1)
    own = set(FORMATS[name].write(results))
    for other, form in FORMATS.items():
        assert other == name or not own & set(form.write(results))


def test_pseudonyms_hide_the_user(name: str, shop: Engine, tmp_path: Path) -> None:
    for path in write_export(shop, "U001", tmp_path / "x", [name], k=2, pseudonymise=True):
        assert "U001" not in path.name and b"U001" not in path.read_bytes()


def test_nothing_to_recommend_is_no_failure(name: str, shop: Engine) -> None:
    whole = results_of(shop, "U001", 1)
    ranked = whole.document["ranked"] | {"items": []}
    empty = type(whole)(
        whole.document | {"ranked": ranked, "explanations": []},
        type(whole.ranked)(**{**vars(whole.ranked), "items": ()}),
        (),
        whole.top,
    )
    assert FORMATS[name].write(empty)
