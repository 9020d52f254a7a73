"""Pages are found by what their files declare; the rooms of ``pages/ui`` and who may enter which."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mgrec_core.foundation import log
from mgrec_core.foundation.errors import InputError
from pages.ui.address import page as registry
from pages.ui.address.view import View, from_query, to_query
from pages.ui.frame import guard

Open = Callable[..., AppTest]
PAGES = registry.FOLDERS[0]
EXTRA = Path(__file__).parent / "one_page"

SHARED = ("text", "serving", "address", "session", "widgets", "frame", "weights", "measured", "imported")
"""Rooms that pages share, from the lowest: each enters those before it only. Every other is one page's."""


@pytest.fixture
def with_shade(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more folder of pages, with one file."""
    monkeypatch.setattr(registry, "FOLDERS", (PAGES, EXTRA))


def said(app: AppTest) -> str:
    return " ".join(e.proto.body for e in app.get("html"))


def asked(app: AppTest) -> dict[str, str]:
    """The address: before the second run values are texts, then lists of one."""
    return {k: v if isinstance(v, str) else v[0] for k, v in app.query_params.items()}


def test_every_file_is_a_page_and_the_overview_is_first() -> None:
    found = registry.pages()
    assert {p.name for p in found} == {f.stem for f in PAGES.glob("*.py")}
    assert found[0].name == "overview" and found[0].group == ""
    assert list(dict.fromkeys(p.group for p in found)) == ["", "Explore", "Data"]


def test_a_page_of_one_file_is_in_the_navigation(
    with_shade: None, shop_root: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    declared: list[dict[str, list[str]]] = []
    really = st.navigation

    def listen(sections, **options):  # type: ignore[no-untyped-def]
        declared.append({name: [p.title for p in pages] for name, pages in sections.items()})
        return really(sections, **options)

    monkeypatch.setattr(st, "navigation", listen)
    app = open_page(shop_root)
    assert not app.exception
    explore = ["Shade", "Item", "Compare", "People", "Advertisements"]
    assert [title for title in declared[-1]["Explore"] if title in explore] == explore
    assert declared[-1][""][:4] == ["Overview", "User", "Map", "Fusion lab"]


def test_a_page_of_one_file_is_drawn_and_keeps_its_own_key(
    with_shade: None, shop_root: Path, open_page: Open
) -> None:
    app = open_page(shop_root, EXTRA / "shade", k="20", shade="plain", weights="recent~0.3", strange="1")
    assert not app.exception and not app.warning
    assert "The address asks for plain and 20 items." in said(app)
    kept = {"workspace": "shop", "k": "20", "shade": "plain", "weights": "recent~0.3"}
    assert asked(app) == kept, "what no page knows is left out"
    app.selectbox(key="shade").set_value("dark").run()
    assert asked(app) == kept | {"shade": "dark"} and "asks for dark" in said(app)
    app.selectbox(key="shade").set_value("").run()
    assert "shade" not in asked(app)


@pytest.mark.parametrize(
    ("error", "told"), [(ZeroDivisionError("u07 bought tea"), ""), (MemoryError("u07"), "not enough memory")]
)
def test_what_no_page_expected_is_logged_without_its_words(
    error: Exception, told: str, with_shade: None, shop_root: Path, open_page: Open,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(guard, "check", fails)
    app = open_page(shop_root, EXTRA / "shade")
    assert [told in e.value for e in app.error] == [True] * bool(told)
    assert len(app.exception) == (not told), "a fault of the program stays one"
    found = [line for line in capsys.readouterr().err.splitlines() if log.is_line(line)]
    assert found
    for line in map(json.loads, found):
        assert (line["level"], line["event"], line["page"]) == ("error", "unexpected error", "shade")
        assert line["error"] == type(error).__name__ and "test_pages.py:" in line["at"]
    assert "u07" not in "".join(found)


def test_no_page_draws_a_comment() -> None:
    """Streamlit draws every bare text of a page's file but the first."""
    for page in registry.pages():
        _, *rest = ast.parse(page.file.read_text("utf-8")).body
        bare = [n.lineno for n in rest if isinstance(n, ast.Expr) and not isinstance(n.value, ast.Call)]
        assert not bare, f"{page.file.name} draws its lines {bare}: make them comments"


def test_what_a_page_does_not_declare_is_not_kept() -> None:
    view = View()
    assert from_query({"shade": "plain"}, view, registry.own_keys()) == []
    assert view == View()


def test_a_pages_own_key_is_a_short_text_and_goes_with_the_address(with_shade: None) -> None:
    view = View()
    assert from_query({"shade": "plain"}, view, registry.own_keys()) == []
    assert to_query(view, registry.page("shade").keys) == {"shade": "plain"}
    (sentence,) = from_query({"shade": "x" * 501}, view, registry.own_keys())
    assert "“shade”" in sentence and view == View()


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("import streamlit\n", "declares no page"),
        ("PAGE = Page(title='A', icon='a')\n", "order"),
        ("PAGE = Page(title=name, icon='a', order=1)\n", "cannot be read"),
        ("PAGE = Page(title='A', icon='a', order=1, shares=('all',))\n", "all"),
        ("PAGE = Page(title='A', icon='a', order=1, colour='red')\n", "colour"),
    ],
)
def test_a_declaration_that_cannot_be_read_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, why: str
) -> None:
    (tmp_path / "odd.py").write_text(content)
    monkeypatch.setattr(registry, "FOLDERS", (PAGES, tmp_path))
    with pytest.raises(InputError, match=f"odd.py.*{why}"):
        registry.pages()


def test_two_pages_of_one_name_and_a_page_that_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"no page .users..*overview"):
        registry.page("users")
    (tmp_path / "map.py").write_text("PAGE = Page(title='Map', icon='a', order=1)\n")
    monkeypatch.setattr(registry, "FOLDERS", (PAGES, tmp_path))
    with pytest.raises(InputError, match="two pages called map"):
        registry.pages()


def links() -> set[str]:
    """Names of pages in the calls of the module ``links``; of remedies ``test_remedies`` looks at each."""
    return {
        ast.literal_eval(node.args[0])
        for path in PAGES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("links.show", "links.go", "links.go_next")
        and isinstance(node.args[0], ast.Constant)
    }


def test_links_name_pages_that_are_there() -> None:
    assert {"overview", "user", "item"} <= links() <= {p.name for p in registry.pages()}


def modules() -> dict[str, Path]:
    """Name → file of every module of the pages."""
    root = PAGES.parent
    found = {}
    for path in PAGES.rglob("*.py"):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(name: str, path: Path, known: set[str]) -> set[str]:
    """Modules of the pages that one imports: at its top, within functions, for types alone."""
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            found |= {one if (one := f"{base}.{alias.name}") in known else base for alias in node.names}
    return (found & known) - {name}


@pytest.fixture(scope="module")
def graph() -> dict[str, set[str]]:
    known = modules()
    found = {name: imported(name, path, set(known)) for name, path in known.items()}
    assert len(found) > 60 and sum(map(len, found.values())) > 300, "the imports are seen"
    return found


def test_no_module_of_the_pages_imports_itself_in_a_circle(graph: dict[str, set[str]]) -> None:
    left = dict(graph)
    while free := [name for name, uses in left.items() if not uses & left.keys()]:
        for name in free:
            del left[name]
    assert not left, f"in a circle, or above one: {sorted(left)}"


def test_rooms_are_entered_from_above_and_no_page_enters_anothers(graph: dict[str, set[str]]) -> None:
    for name, uses in graph.items():
        parts = name.split(".")
        for used in uses:
            room = used.split(".")[2] if used.startswith("pages.ui.") else ""
            assert used.startswith("pages.ui"), f"{name} imports the page {used}"
            if len(parts) < 3 or room in ("", parts[2]):
                continue  # a page's own file may enter every room; a room may enter itself
            assert room in SHARED, f"{name} enters the room of another page: {used}"
            below = SHARED.index(parts[2]) if parts[2] in SHARED else len(SHARED)
            assert SHARED.index(room) < below, f"{name} enters {used}, which is not below it"


def test_errors_are_said_and_files_are_offered_in_one_place() -> None:
    calls = {
        (node.func.attr, path.name)
        for path in PAGES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    assert {home for name, home in calls if name == "download_button"} == {"exports.py"}
    assert not {home for name, home in calls if name == "error"}, "say it with pages.ui.widgets.problems"
    assert len({home for name, home in calls if name in ("say", "told")}) > 10
