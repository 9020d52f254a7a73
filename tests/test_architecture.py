"""Who may import whom, who reads tables, and what is loaded when: from the sources and real processes.

The layers themselves are contracts of import-linter in ``pyproject.toml``; here they are held against a
second reader of the sources, which counts relative, local and type-only imports too.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from mgrec_core.workspace.folder import Workspace

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "mgrec_core"
PACKAGES = ("mgrec_core", "pages")
HEAVY = ("torch", "transformers", "sentence_transformers", "openvino", "umap", "numba", "streamlit", "plotly")


def module_of(path: Path, root: Path = ROOT) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources(root: Path = ROOT) -> dict[str, Path]:
    """Every module of the project by its dotted name."""
    paths = [path for package in PACKAGES for path in (root / package).rglob("*.py")]
    return {module_of(path, root): path for path in [*paths, *root.glob("app.py")]}


def imported(path: Path, known: dict[str, Path], root: Path = ROOT) -> set[str]:
    """What a file imports, anywhere in it and in any form: the project's modules by their names."""
    me = module_of(path, root)
    package = me if path.name == "__init__.py" else me.rpartition(".")[0]
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                full = f"{base}.{alias.name}"
                found.add(full if full in known else base)
    return found - {me}


SOURCES = sources()
IMPORTS = {name: imported(path, SOURCES) for name, path in SOURCES.items()}


def layers() -> list[set[str]]:
    """The layers of ``pyproject.toml``, from the top."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(c for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    return [set(re.split(r"\s*[|:]\s*", layer)) for layer in contract["layers"]]


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Strongly connected components of more than one node (Tarjan, 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(node: str) -> None:
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in graph.get(node, set()):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            component = stack[stack.index(node) :]
            del stack[stack.index(node) :]
            if len(component) > 1:
                found.append(sorted(component))

    for node in graph:
        if node not in index:
            visit(node)
    return found


def test_no_circle_of_files() -> None:
    assert len(IMPORTS) > 200
    assert circles({name: found & set(SOURCES) for name, found in IMPORTS.items()}) == []


def test_each_layer_imports_only_from_those_below() -> None:
    place = {package: n for n, layer in enumerate(layers()) for package in layer}
    packages = {path.name for path in CORE.iterdir() if (path / "__init__.py").exists()}
    assert packages == set(place)
    upward = [
        f"{name} -> {other}"
        for name, found in IMPORTS.items()
        for other in found
        if name.startswith("mgrec_core.")
        and other.startswith("mgrec_core.")
        and (a := name.split(".")[1]) in place
        and (b := other.split(".")[1]) in place
        and a != b
        and place[b] <= place[a]
    ]
    assert upward == []


def test_the_engine_knows_no_pages() -> None:
    outside = ("streamlit", "pages", "app", "tests")
    assert not [
        f"{name} -> {other}"
        for name, found in IMPORTS.items()
        for other in found
        if name.startswith("mgrec_core") and other.split(".")[0] in outside
    ]


@pytest.mark.parametrize(
    "line",
    [
        "from ..pages import ui",
        "from pages import ui",
        "import pages.ui",
        "if TYPE_CHECKING:\n    from pages.ui import text",
        "def f() -> None:\n    from pages.ui import text",
    ],
)
def test_every_form_of_import_is_seen(line: str, tmp_path: Path) -> None:
    (tmp_path / "mgrec_core").mkdir()
    (tmp_path / "pages" / "ui").mkdir(parents=True)
    for file in ("pages/ui/__init__.py", "pages/ui/text.py"):
        (tmp_path / file).touch()
    path = tmp_path / "mgrec_core" / "one.py"
    path.write_text(line)
    if line.startswith("from .."):
        line = line.replace("..", "mgrec_core.")
        path = tmp_path / "pages" / "ui" / "one.py"
        path.write_text("from ..ui import text")
    assert {name.split(".")[0] for name in imported(path, sources(tmp_path), tmp_path)} == {"pages"}


TABLES = (
    "events|items|users|item_attributes|user_attributes|kg|kg_links|kg_offered|social|tags|feedback|ads"
    "|ad_items|ad_events|ad_attributes|event_types|import_files|import_reasons|import_examples"
)
CUT = {"friendships.py", "redemptions.py"}
"""They delete what is held out from a copy of the tables in memory, before any view reads it."""


def test_tables_are_read_through_views_alone() -> None:
    """Base tables are named where they are written (data, operations) and nowhere else."""
    reads = re.compile(rf"\b(?:FROM|JOIN)\s+(?:{TABLES})\b")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for name, path in SOURCES.items()
        if not name.startswith(("mgrec_core.data.", "mgrec_core.operations.")) and path.name not in CUT
        for line in path.read_text(encoding="utf-8").splitlines()
        if reads.search(line)
    ]
    assert found == []
    text = (CORE / "data" / "dataset.py").read_text(encoding="utf-8")
    views = [line for line in text.splitlines() if "FROM " in line or "JOIN " in line]
    assert views and all("v_" in line or "FROM (" in line for line in views)


def loaded_by(code: str) -> set[str]:
    """Modules in a fresh process after some code."""
    script = f"{code}\nimport sys\nprint(*sorted(m for m in sys.modules if '.' not in m), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=120
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_to_speak_of() -> None:
    assert not loaded_by("import mgrec_core") & {*HEAVY, "numpy", "scipy", "pandas", "duckdb"}


def test_help_loads_no_arrays() -> None:
    code = "from mgrec_core.cli.main import main\ntry: main(['--help'])\nexcept SystemExit: pass"
    assert not loaded_by(code) & {*HEAVY, "pandas"}


def test_ranking_and_explaining_load_no_language_model(marketplace: Workspace) -> None:
    code = (
        "from mgrec_core import Engine\n"
        f"engine = Engine.open({str(marketplace.path)!r})\n"
        "item = engine.rank('U001').items[0].item_id\n"
        "engine.explain('U001', item), engine.interests('U001')\n"
        "engine.history('U001'), engine.fused_vectors()"
    )
    assert not loaded_by(code) & set(HEAVY)


def test_reading_the_language_package_loads_no_model() -> None:
    assert not loaded_by("import mgrec_core.language") & set(HEAVY)


def test_everything_that_the_package_offers_is_there() -> None:
    import mgrec_core

    assert {"Engine", "Workspace", "import_data", "build", "evaluate", "tune", "errors"} <= set(
        mgrec_core.__all__
    )
    assert all(getattr(mgrec_core, name) is not None for name in mgrec_core.__all__)
    assert mgrec_core.__version__


def test_the_picture_of_the_layers_is_current() -> None:
    spec = importlib.util.spec_from_file_location("draw_architecture", ROOT / "docs" / "draw_architecture.py")
    assert spec is not None and spec.loader is not None
    drawing = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(drawing)
    assert drawing.PICTURE.read_text(encoding="utf-8") == drawing.draw(), (
        "run python docs/draw_architecture.py"
    )
