"""One user's ranked list and explanations as a page (HTML) or a text (Markdown) to read.

The HTML stands alone: no script, nothing fetched. Texts from the data are hostile: HTML is
escaped by the template engine, Markdown by :func:`escape_markdown`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from mgrec_core.foundation.results import held_as

#: Pieces of evidence that get a line of their own.
TOP = 5


def render_report(document: dict[str, Any], kind: str) -> str:
    """Render an export document.

    Parameters
    ----------
    document
        What :func:`mgrec_core.export.export_document` gives.
    kind
        ``html`` or ``md``.
    """
    environment = Environment(
        loader=PackageLoader("mgrec_core.export", "templates"),
        autoescape=select_autoescape(["html.j2"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = escape_markdown
    template = environment.get_template(f"report.{kind}.j2")
    return template.render(**document, signed=signed, evidence_rows=evidence_rows)


def evidence_rows(explanation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The strongest evidence, the rest and the baseline of each granularity that contributes.

    Yields
    ------
    dict
        granularity, label, origin, value; a granularity's values sum to its contribution. ``origin``
        says which rules speak of a piece of the knowledge graph and how surely; else it is empty.
    """
    for g, contribution in explanation["contributions"].items():
        evidence = explanation["evidence"][g]
        if not evidence and not contribution:
            continue
        for e in evidence[:TOP]:
            label = held_as(e["kind"], e["label"], e["weight"])
            yield {"granularity": g, "label": label, "origin": _origin(e), "value": e["value"]}
        omitted = explanation.get("omitted", {}).get(g, {"n": 0, "value": 0.0})
        if more := len(evidence[TOP:]) + omitted["n"]:
            rest = sum(e["value"] for e in evidence[TOP:]) + omitted["value"]
            yield {"granularity": g, "label": f"{more:,} more", "origin": "", "value": rest}
        yield {"granularity": g, "label": "baseline", "origin": "", "value": explanation["baseline"][g]}


def _origin(evidence: dict[str, Any]) -> str:
    """Where a piece of the knowledge graph comes from, such as ``attribute, confidence 1.00``."""
    if not evidence.get("source"):
        return ""
    return f"{evidence['source']}, confidence {evidence['confidence']:.2f}"


def escape_markdown(text: object) -> str:
    r"""Text that Markdown shows as it is, on one line.

    Examples
    --------
    >>> escape_markdown("a|b <i>*c*")
    'a\\|b &lt;i&gt;\\*c\\*'
    """
    line = " ".join(str(text).split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]()#+!|$~])", r"\\\1", line)


def signed(value: float) -> str:
    """A number with its sign and three decimals.

    Examples
    --------
    >>> signed(-0.25), signed(1)
    ('−0.250', '+1.000')
    """
    return f"{value:+.3f}".replace("-", "−")
