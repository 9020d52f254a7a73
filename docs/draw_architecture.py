"""Draws ``docs/architecture.svg`` from the layers in ``pyproject.toml`` and the packages' own words.

Run it after a change of the layers: ``python docs/draw_architecture.py``. A test compares the picture with
what this gives.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "architecture.svg"

_WIDTH, _GAP, _MARGIN = 960, 12, 24
_ROW, _LINE, _LETTER = 40, 17, 6.6
_ABOVE = (
    ("app.py", "entry: page config, navigation"),
    ("pages/", "one thin file a page; pages/ui grouped by page"),
)


def layers(root: Path = ROOT) -> list[list[str]]:
    """The packages of ``mgrec_core`` by layer, from the top."""
    settings = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    contract = next(c for c in settings["tool"]["importlinter"]["contracts"] if c["type"] == "layers")
    return [re.split(r"\s*[|:]\s*", layer) for layer in contract["layers"]]


def says(package: str, root: Path = ROOT) -> str:
    """The first sentence of a package's docstring, without its full stop."""
    source = (root / "mgrec_core" / package / "__init__.py").read_text(encoding="utf-8")
    words = " ".join((ast.get_docstring(ast.parse(source)) or "").split("\n\n")[0].split())
    return re.split(r"\.(?:\s|$)", words.replace("`", ""))[0]


def draw(root: Path = ROOT) -> str:
    """The picture as SVG."""
    rows = [[(f"{name}/", says(name, root)) for name in layer] for layer in layers(root)]
    parts: list[str] = []
    y = _MARGIN + 22
    parts += _row(list(_ABOVE), y, "above")
    y += _height(list(_ABOVE)) + _GAP
    parts.append(f'<text x="{_MARGIN}" y="{y + 14}" class="said">mgrec_core: each layer imports only from '
                 "those below it</text>")  # fmt: skip
    y += 26
    for row in rows:
        parts += _row(row, y, "layer")
        y += _height(row) + _GAP
    height = y + _MARGIN - _GAP
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
            f'viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="Layers of mgrec, from the pages down">',
            "<style>text{font:13px 'DejaVu Sans',Verdana,sans-serif;fill:#1f2430}.name{font-weight:bold}"
            ".said{fill:#4a5060}rect{stroke:#8a93a6;rx:5}.above{fill:#dbe9f6}.layer{fill:#eef1f6}"
            ".sheet{fill:#ffffff;stroke:none}</style>",
            f'<rect class="sheet" width="{_WIDTH}" height="{height}"/>',
            f'<text x="{_MARGIN}" y="{_MARGIN + 6}" class="name">What may import what</text>',
            *parts,
            "</svg>",
            "",
        ]
    )


def _width(n: int) -> float:
    return (_WIDTH - 2 * _MARGIN - (n - 1) * _GAP) / n


def _lines(said: str, width: float) -> list[str]:
    return textwrap.wrap(said, max(12, int((width - 24) / _LETTER)))


def _height(row: list[tuple[str, str]]) -> int:
    deepest = max(len(_lines(said, _width(len(row)))) for _, said in row)
    return _ROW - 10 + deepest * _LINE


def _row(row: list[tuple[str, str]], y: float, kind: str) -> list[str]:
    width, height = _width(len(row)), _height(row)
    parts = []
    for n, (name, said) in enumerate(row):
        x = _MARGIN + n * (width + _GAP)
        parts.append(f'<rect class="{kind}" x="{x:.1f}" y="{y}" width="{width:.1f}" height="{height}"/>')
        parts.append(f'<text x="{x + 12:.1f}" y="{y + 20}" class="name">{escape(name)}</text>')
        parts += [
            f'<text x="{x + 12:.1f}" y="{y + 20 + (k + 1) * _LINE}" class="said">{escape(line)}</text>'
            for k, line in enumerate(_lines(said, width))
        ]
    return parts


if __name__ == "__main__":
    PICTURE.write_text(draw(), encoding="utf-8")
