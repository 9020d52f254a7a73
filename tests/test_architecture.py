"""Who may import whom, and what is loaded when: read from the sources and from real processes."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from mgrec_core.workspace.folder import Workspace

ROOT = Path(__file__).resolve().parent.parent
CORE = ROOT / "mgrec_core"
SOURCES = sorted(CORE.rglob("*.py"))
HEAVY = ("torch", "transformers", "sentence_transformers", "openvino", "umap", "numba", "streamlit", "plotly")


def imported(path: Path) -> set[str]:
    """Every module that a file names in an import, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def inside(name: str, *parts: str) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in parts)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(CORE)))
def test_the_engine_knows_no_pages(path: Path) -> None:
    assert not {name for name in imported(path) if inside(name, "streamlit", "pages", "app", "tests")}


@pytest.mark.parametrize("path", sorted((CORE / "granularities").glob("*.py")), ids=lambda p: p.name)
def test_granularities_read_no_tables(path: Path) -> None:
    assert not {
        name
        for name in imported(path)
        if inside(name, "duckdb", "mgrec_core.workspace.folder", "mgrec_core.engine.engine")
    }
    text = path.read_text(encoding="utf-8")
    assert "SELECT" not in text and "execute(" not in text


@pytest.mark.parametrize("folder", ["granularities", "fusion", "explain", "language"])
def test_the_model_knows_neither_files_nor_commands(folder: str) -> None:
    files = list((CORE / folder).rglob("*.py"))
    assert files
    for path in files:
        names = imported(path)
        assert not {
            n
            for n in names
            if inside(n, "mgrec_core.cli.main", "mgrec_core.cli.commands", "mgrec_core.service.jobs")
        }


def test_tables_are_read_through_views_alone() -> None:
    """Where the engine reads what a model consumes, no base table is named."""
    text = (CORE / "data" / "dataset.py").read_text(encoding="utf-8")
    reads = [line for line in text.splitlines() if "FROM " in line or "JOIN " in line]
    assert reads and all("v_" in line or "FROM (" in line for line in reads)


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
