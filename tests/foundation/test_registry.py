"""Declarations are found where they stand, in their order, and what is wrong with one is said."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

from mgrec_core.foundation.errors import InputError
from mgrec_core.foundation.registry import Registry


@dataclass(frozen=True)
class Thing:
    name: str
    order: int = 100


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "things"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.syspath_prepend(tmp_path)
    yield folder


def declare(path: Path, text: str) -> None:
    path.write_text(f"from {__name__} import Thing\n{text}\n")


def registry() -> Registry[Thing]:
    return Registry(Thing, "things", "mgrec.things")


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] in ("things", "elsewhere")]:
        del sys.modules[name]


def test_every_module_is_read_alone_and_tuples(package: Path) -> None:
    declare(package / "b.py", "TWO = (Thing('late'), Thing('first', 0))")
    declare(package / "a.py", "ONE, OTHER = Thing('early'), 'no thing'")
    found = registry()
    assert list(found) == ["first", "early", "late"] and len(found) == 3
    assert found["early"] == Thing("early") and "other" not in found


def test_two_of_one_name_are_refused(package: Path) -> None:
    declare(package / "a.py", "ONE = Thing('same', 1)")
    declare(package / "b.py", "ONE = Thing('same', 2)")
    with pytest.raises(InputError, match=r"two things named same"):
        list(registry())


def test_one_can_be_registered_and_taken_back(package: Path) -> None:
    declare(package / "a.py", "ONE = Thing('one')")
    found = registry()
    found.register(Thing("two", 0))
    assert list(found) == ["two", "one"]
    with pytest.raises(InputError, match="rename"):
        found.register(Thing("one", 7))
    found.unregister("two")
    found.unregister("one")
    assert list(found) == ["one"]


@pytest.mark.parametrize("value", ["elsewhere", "elsewhere:BOTH", "elsewhere:ONE"])
def test_entry_points_name_a_module_or_what_is_in_it(package: Path, value: str) -> None:
    declare(package.parent / "elsewhere.py", "ONE = Thing('one')\nBOTH = (ONE,)")
    point(package.parent, value)
    assert list(registry()) == ["one"]


def test_an_entry_point_that_breaks_is_named_in_one_line(package: Path) -> None:
    declare(package.parent / "elsewhere.py", "raise RuntimeError('two\\nlines')")
    point(package.parent, "elsewhere")
    with pytest.raises(
        InputError, match=r"^thing any of the package others .* \(RuntimeError: two lines\): update"
    ) as caught:
        len(registry())
    assert "\n" not in str(caught.value)


def test_an_entry_point_without_a_declaration_is_named(package: Path) -> None:
    declare(package.parent / "elsewhere.py", "NONE = 'no thing'")
    point(package.parent, "elsewhere:NONE")
    with pytest.raises(InputError, match="the package others offers elsewhere:NONE, which is no thing"):
        len(registry())


def point(folder: Path, value: str) -> None:
    facts = folder / "others-1.0.dist-info"
    facts.mkdir()
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: others\nVersion: 1.0\n")
    (facts / "entry_points.txt").write_text(f"[mgrec.things]\nany = {value}\n")


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("def f(:", r"broken_kinds/one\.py cannot be loaded \(SyntaxError.*correct it or remove it"),
        ("raise KeyError('x')", r"broken_kinds/one\.py cannot be loaded \(KeyError"),
        ("from types import SimpleNamespace\nONE = SimpleNamespace(order=1)", "without a name: give it one"),
    ],
)
def test_a_file_that_is_wrong_is_told_in_one_sentence(
    code: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "broken_kinds"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "one.py").write_text(code)
    monkeypatch.syspath_prepend(tmp_path)
    for module in ("broken_kinds", "broken_kinds.one"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    with pytest.raises(InputError, match=said) as told:
        list(Registry(SimpleNamespace, "broken_kinds", "mgrec.nothing"))
    assert "\n" not in str(told.value)
